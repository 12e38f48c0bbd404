internal import Glibc

/// An IPv4 or IPv6 address; a link-local IPv6 one also names the interface it is reached through.
///
/// An IPv4 address written inside an IPv6 one (`::ffff:192.0.2.1`) becomes the IPv4 address, so that
/// one host has one address whatever kind of socket it was seen on.
package struct IPAddress: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let isIPv6: Bool
  /// The first eight bytes as a number, 0 for IPv4.
  private let high: UInt64
  /// The last eight bytes as a number; IPv4 uses the lowest four.
  private let low: UInt64
  /// The number of the interface, 0 where none is needed.
  package let scope: UInt32

  /// Takes 4 or 16 bytes in network order; the scope is kept for link-local IPv6 only.
  package init?(bytes: some Collection<UInt8>, scope: UInt32) {
    switch bytes.count {
    case 4:
      self.init(v4: bytes.reduce(0) { $0 << 8 | UInt32($1) })
    case 16:
      let high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
      let low = bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
      if high == 0, low >> 32 == 0xffff {
        self.init(v4: UInt32(truncatingIfNeeded: low))
      } else {
        self.init(high: high, low: low, scope: scope)
      }
    default:
      return nil
    }
  }

  /// An IPv4 address from its number, `0x7f000001` for 127.0.0.1.
  package init(v4 number: UInt32) {
    isIPv6 = false
    high = 0
    low = UInt64(number)
    scope = 0
  }

  private init(high: UInt64, low: UInt64, scope: UInt32) {
    isIPv6 = true
    self.high = high
    self.low = low
    self.scope = high >> 54 == 0xfe80 >> 6 ? scope : 0
  }

  package static let loopbackV4 = IPAddress(v4: 0x7f00_0001)
  package static let loopbackV6 = IPAddress(high: 0, low: 1, scope: 0)
  /// Listens on every IPv4 address.
  package static let anyV4 = IPAddress(v4: 0)
  /// Listens on every IPv6 address.
  package static let anyV6 = IPAddress(high: 0, low: 0, scope: 0)

  /// The 4 or 16 bytes in network order.
  package var bytes: [UInt8] {
    let lower = (0..<8).map { UInt8(truncatingIfNeeded: low >> (56 - 8 * UInt64($0))) }
    if !isIPv6 { return Array(lower[4...]) }
    return (0..<8).map { UInt8(truncatingIfNeeded: high >> (56 - 8 * UInt64($0))) } + lower
  }

  /// Whether it stays on this computer.
  package var isLoopback: Bool {
    isIPv6 ? self == .loopbackV6 : low >> 24 == 127
  }

  /// Whether it is valid on one link only: 169.254.0.0/16 or fe80::/10.
  package var isLinkLocal: Bool {
    isIPv6 ? high >> 54 == 0xfe80 >> 6 : low >> 16 == 0xa9fe
  }

  /// Whether it belongs to a private network: RFC 1918 or fc00::/7.
  package var isPrivate: Bool {
    if isIPv6 { return high >> 57 == 0xfc00 >> 9 }
    return low >> 24 == 10 || low >> 20 == 0xac1 || low >> 16 == 0xc0a8
  }

  /// Whether it stands for every address of this computer.
  package var isUnspecified: Bool { high == 0 && low == 0 }

  /// Whether it stands for a group of receivers.
  package var isMulticast: Bool { isIPv6 ? high >> 56 == 0xff : low >> 28 == 0xe }

  /// Orders IPv4 before IPv6, then by number and scope.
  package static func < (left: IPAddress, right: IPAddress) -> Bool {
    (left.isIPv6 ? 1 : 0, left.high, left.low, left.scope)
      < (right.isIPv6 ? 1 : 0, right.high, right.low, right.scope)
  }

  /// The canonical text of RFC 5952, with `%interface` where there is a scope.
  package var description: String {
    var address = bytes
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    // 4 or 16 bytes go in as the family says; the text buffer holds the longest address.
    let result = unsafe inet_ntop(
      isIPv6 ? AF_INET6 : AF_INET, &address, &text, socklen_t(text.count))
    precondition(unsafe result != nil, "an address has a form the system cannot print")
    let name = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return scope == 0 ? name : "\(name)%\(interfaceName(scope) ?? String(scope))"
  }

  /// Reads an address without port or brackets: `192.0.2.1`, `2001:db8::1`, `fe80::1%eth0`.
  package init(parsing text: String) throws(AddressError) {
    let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    let address = String(parts[0])
    // inet_pton stops at NUL, which must not hide what follows.
    guard !address.utf8.contains(0) else { throw .badAddress(text) }
    let isIPv6 = address.utf8.contains(0x3a)
    var bytes = [UInt8](repeating: 0, count: isIPv6 ? 16 : 4)
    // The result buffer holds what the family needs.
    guard unsafe inet_pton(isIPv6 ? AF_INET6 : AF_INET, address, &bytes) == 1 else {
      throw .badAddress(text)
    }
    var scope: UInt32 = 0
    if parts.count == 2 {
      guard isIPv6 else { throw .badAddress(text) }
      let name = String(parts[1])
      scope = interfaceIndex(name)
      if scope == 0 { throw .unknownInterface(name) }
    }
    guard let value = IPAddress(bytes: bytes, scope: scope) else { throw .badAddress(text) }
    if value.isIPv6, value.isLinkLocal, scope == 0 { throw .missingInterface(text) }
    if scope != 0, value.scope == 0 { throw .needlessInterface(text) }
    self = value
  }
}

/// The number of the interface of that name or, in digits, of that number; 0 where there is none.
private func interfaceIndex(_ name: String) -> UInt32 {
  guard !name.utf8.contains(0) else { return 0 }
  let index = unsafe if_nametoindex(name)
  if index != 0 { return index }
  guard let number = UInt32(name), interfaceName(number) != nil else { return 0 }
  return number
}

/// The name of the interface of that number.
package func interfaceName(_ index: UInt32) -> String? {
  var name = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
  guard unsafe if_indextoname(index, &name) != nil else { return nil }
  return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
