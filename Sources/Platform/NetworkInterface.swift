internal import Glibc

/// One network interface with its addresses.
package struct NetworkInterface: Hashable, Sendable {
  /// What an interface is likely to be, guessed from its name and flags.
  package enum Kind: Hashable, Sendable {
    case loopback
    /// A cable or radio, as far as can be told.
    case physical
    /// A bridge or one end of a pair that containers and virtual machines use, or a tunnel.
    case virtual
  }

  package let name: String
  /// The kernel's number, as in an address's scope.
  package let index: UInt32
  package let kind: Kind
  /// Switched on.
  package let isUp: Bool
  /// Has a carrier: a cable that is plugged in, a radio that is joined.
  package let isRunning: Bool
  package let canMulticast: Bool
  /// Sorted.
  package internal(set) var addresses: [InterfaceAddress]

  package init(
    name: String, index: UInt32, kind: Kind, isUp: Bool, isRunning: Bool, canMulticast: Bool,
    addresses: [InterfaceAddress]
  ) {
    (self.name, self.index, self.kind) = (name, index, kind)
    (self.isUp, self.isRunning, self.canMulticast) = (isUp, isRunning, canMulticast)
    self.addresses = addresses
  }
}

/// An address of an interface and how much of it names the network.
package struct InterfaceAddress: Hashable, Comparable, Sendable {
  package let ip: IPAddress
  package let prefixLength: Int

  /// The network it belongs to: `10.77.0.0/24`.
  package var network: String {
    let masked = ip.bytes.enumerated().map { index, byte in
      byte & UInt8(truncatingIfNeeded: 0xff00 >> min(8, max(0, prefixLength - 8 * index)))
    }
    return "\(IPAddress(bytes: masked, scope: 0) ?? ip)/\(prefixLength)"
  }

  package init(ip: IPAddress, prefixLength: Int) {
    self.ip = ip
    self.prefixLength = prefixLength
  }

  /// Orders by address, the wider network first.
  package static func < (left: InterfaceAddress, right: InterfaceAddress) -> Bool {
    (left.ip, left.prefixLength) < (right.ip, right.prefixLength)
  }
}

/// The interfaces of this computer, sorted by number.
package func networkInterfaces() throws(SocketError) -> [NetworkInterface] {
  var list: UnsafeMutablePointer<ifaddrs>?
  guard unsafe getifaddrs(&list) == 0 else {
    throw SocketError(.examine, "network interfaces", SystemError(errno))
  }
  defer { unsafe freeifaddrs(list) }
  var found: [String: NetworkInterface] = [:]
  var next = unsafe list
  // The list and all it points to live until freeifaddrs.
  while let item = unsafe next {
    unsafe next = item.pointee.ifa_next
    guard let namePointer = unsafe item.pointee.ifa_name else { continue }
    let name = unsafe String(cString: namePointer)
    let flags = unsafe item.pointee.ifa_flags
    var interface = found[name] ?? NetworkInterface(name: name, flags: flags)
    if let ip = unsafe address(item.pointee.ifa_addr) {
      let length = unsafe prefixLength(item.pointee.ifa_netmask, isIPv6: ip.isIPv6)
      interface.addresses.append(InterfaceAddress(ip: ip, prefixLength: length))
      interface.addresses.sort()
    }
    found[name] = interface
  }
  return found.values.sorted { ($0.index, $0.name) < ($1.index, $1.name) }
}

extension NetworkInterface {
  fileprivate init(name: String, flags: UInt32) {
    func has(_ flag: Int) -> Bool { flags & UInt32(truncatingIfNeeded: flag) != 0 }
    let isLoopback = has(IFF_LOOPBACK)
    self.init(
      name: name, index: unsafe if_nametoindex(name),
      kind: isLoopback ? .loopback : Kind(guessing: name), isUp: has(IFF_UP),
      isRunning: has(IFF_RUNNING), canMulticast: has(IFF_MULTICAST), addresses: [])
  }
}

extension NetworkInterface.Kind {
  /// Guesses from a name whether containers, virtual machines or tunnels are behind it.
  package init(guessing name: String) {
    let virtual = [
      "docker", "br-", "veth", "virbr", "vnet", "lxc", "lxdbr", "cni", "flannel", "cali", "podman",
      "vmnet", "vboxnet", "tun", "tap", "wg", "tailscale", "zt", "dummy", "ifb", "sit", "gre",
      "ip6tnl", "nebula",
    ]
    self = virtual.contains { name.utf8.starts(with: $0.utf8) } ? .virtual : .physical
  }
}

private func address(_ pointer: UnsafeMutablePointer<sockaddr>?) -> IPAddress? {
  guard let pointer = unsafe pointer else { return nil }
  // getifaddrs gives whole structures of the family it names; the largest length fits both.
  return unsafe SocketAddress(kernelForm: pointer, length: MemoryLayout<sockaddr_in6>.size)?.ip
}

/// Counts the ones of a network mask.
private func prefixLength(_ pointer: UnsafeMutablePointer<sockaddr>?, isIPv6: Bool) -> Int {
  guard let pointer = unsafe pointer else { return 0 }
  let raw = UnsafeRawPointer(pointer)
  // The mask is a whole structure of the address's family, even where its own is left out.
  if isIPv6 {
    let form = unsafe raw.loadUnaligned(as: sockaddr_in6.self)
    return unsafe withUnsafeBytes(of: form.sin6_addr) { bytes in
      unsafe bytes.reduce(0) { $0 + $1.nonzeroBitCount }
    }
  }
  return unsafe raw.loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr.nonzeroBitCount
}
