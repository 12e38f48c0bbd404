internal import Glibc

/// An address and a port: one end of a TCP connection.
package struct SocketAddress: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let ip: IPAddress
  package let port: UInt16

  /// Puts address and port together.
  package init(_ ip: IPAddress, port: UInt16) {
    self.ip = ip
    self.port = port
  }

  /// Orders by address, then port.
  package static func < (left: SocketAddress, right: SocketAddress) -> Bool {
    left.ip == right.ip ? left.port < right.port : left.ip < right.ip
  }

  /// `192.0.2.1:47777` or `[fe80::1%eth0]:47777`.
  package var description: String { ip.isIPv6 ? "[\(ip)]:\(port)" : "\(ip):\(port)" }

  /// Reads `192.0.2.1`, `192.0.2.1:47777`, `2001:db8::1` or `[fe80::1%eth0]:47777`; no names.
  package init(parsing text: String, defaultPort: UInt16) throws(AddressError) {
    let (host, port) = try splitPort(text, defaultPort: defaultPort)
    self.init(try IPAddress(parsing: host), port: port)
  }
}

/// Where an operator said a peer is: an address, or a name still to be resolved.
package enum Endpoint: Hashable, Sendable, CustomStringConvertible {
  case address(SocketAddress)
  case name(String, port: UInt16)

  /// Reads what `SocketAddress` reads, and `name` or `name:port`; looks nothing up.
  package init(parsing text: String, defaultPort: UInt16) throws(AddressError) {
    let (host, port) = try splitPort(text, defaultPort: defaultPort)
    let bytes = Array(host.utf8)
    // What has a colon or ends in a number is an address or a slip, never a name (RFC 1123 2.1).
    let last = bytes.split(separator: 0x2e).last ?? []
    if bytes.contains(0x3a) || bytes.contains(0x25) || last.allSatisfy(isDigit) {
      self = .address(SocketAddress(try IPAddress(parsing: host), port: port))
    } else {
      guard isHostName(bytes) else { throw .badName(host) }
      self = .name(host, port: port)
    }
  }

  package var description: String {
    switch self {
    case .address(let address): address.description
    case .name(let name, let port): "\(name):\(port)"
    }
  }
}

/// Parts a text into what names the host and the port, which may be left out.
private func splitPort(
  _ text: String, defaultPort: UInt16
) throws(AddressError) -> (host: String, port: UInt16) {
  let bytes = Array(text.utf8)
  if bytes.first == 0x5b {
    guard let end = bytes.firstIndex(of: 0x5d) else { throw .badAddress(text) }
    let host = String(decoding: bytes[1..<end], as: UTF8.self)
    guard bytes[1..<end].contains(0x3a) else { throw .badAddress(text) }
    let rest = bytes[(end + 1)...]
    if rest.isEmpty { return (host, defaultPort) }
    guard rest.first == 0x3a else { throw .badAddress(text) }
    return (host, try port(rest.dropFirst()))
  }
  // One colon parts host and port; more are an IPv6 address without brackets, so without port.
  guard bytes.count(where: { $0 == 0x3a }) == 1, let colon = bytes.firstIndex(of: 0x3a) else {
    return (text, defaultPort)
  }
  return (
    String(decoding: bytes[..<colon], as: UTF8.self), try port(bytes[(colon + 1)...])
  )
}

private func port(_ digits: ArraySlice<UInt8>) throws(AddressError) -> UInt16 {
  let text = String(decoding: digits, as: UTF8.self)
  guard digits.allSatisfy(isDigit), let number = UInt16(text), number > 0 else {
    throw .badPort(text)
  }
  return number
}

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

/// Whether the bytes can be a host name: letters, digits, `-`, `_` and `.`, 253 at most.
private func isHostName(_ bytes: [UInt8]) -> Bool {
  guard !bytes.isEmpty, bytes.count <= 253, bytes.first != 0x2d else { return false }
  return bytes.split(separator: 0x2e, omittingEmptySubsequences: false).dropLast().allSatisfy {
    !$0.isEmpty && $0.count <= 63
  }
    && bytes.allSatisfy { byte in
      isDigit(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
        || byte == 0x2d || byte == 0x2e || byte == 0x5f
    }
}

extension SocketAddress {
  /// Runs a system call on the address in the kernel's form.
  func withKernelForm<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
    if ip.isIPv6 {
      var form = sockaddr_in6()
      form.sin6_family = sa_family_t(AF_INET6)
      form.sin6_port = port.bigEndian
      form.sin6_scope_id = ip.scope
      // Both sides are exactly 16 bytes.
      unsafe withUnsafeMutableBytes(of: &form.sin6_addr) { unsafe $0.copyBytes(from: ip.bytes) }
      // The kernel's calls take every kind of address through a pointer to its common head.
      return unsafe withUnsafePointer(to: &form) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
      }
    }
    var form = sockaddr_in()
    form.sin_family = sa_family_t(AF_INET)
    form.sin_port = port.bigEndian
    unsafe withUnsafeMutableBytes(of: &form.sin_addr) { unsafe $0.copyBytes(from: ip.bytes) }
    return unsafe withUnsafePointer(to: &form) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  /// Takes over an address from the kernel; nil for other families and for a cut one.
  init?(kernelForm pointer: UnsafePointer<sockaddr>, length: Int) {
    switch Int32(unsafe pointer.pointee.sa_family) {
    case AF_INET:
      guard length >= MemoryLayout<sockaddr_in>.size else { return nil }
      // The family says which structure is there, and the length that it is all there.
      let form = unsafe UnsafeRawPointer(pointer).loadUnaligned(as: sockaddr_in.self)
      self.init(
        IPAddress(v4: UInt32(bigEndian: form.sin_addr.s_addr)),
        port: UInt16(bigEndian: form.sin_port))
    case AF_INET6:
      guard length >= MemoryLayout<sockaddr_in6>.size else { return nil }
      let form = unsafe UnsafeRawPointer(pointer).loadUnaligned(as: sockaddr_in6.self)
      let bytes = unsafe withUnsafeBytes(of: form.sin6_addr) { unsafe Array($0) }
      guard let ip = IPAddress(bytes: bytes, scope: form.sin6_scope_id) else { return nil }
      self.init(ip, port: UInt16(bigEndian: form.sin6_port))
    default:
      return nil
    }
  }
}
