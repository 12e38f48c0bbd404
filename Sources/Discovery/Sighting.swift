package import Platform

/// Where something was seen: one instance, on one interface, over IPv4 or IPv6.
package struct SightingPlace: Hashable, Comparable, Sendable {
  package let instance: InstanceName
  /// The kernel's index of the interface; above zero.
  package let interface: Int32
  /// Whether it was announced over IPv6.
  package let overIPv6: Bool

  /// A place something was seen at.
  package init(instance: InstanceName, interface: Int32, overIPv6: Bool) {
    self.instance = instance
    self.interface = interface
    self.overIPv6 = overIPv6
  }

  /// Orders by instance, then interface, IPv4 before IPv6.
  package static func < (left: SightingPlace, right: SightingPlace) -> Bool {
    if left.instance != right.instance { return left.instance < right.instance }
    if left.interface != right.interface { return left.interface < right.interface }
    return !left.overIPv6 && right.overIPv6
  }
}

/// An unproven claim that a node can be reached at an address.
package struct Sighting: Hashable, Sendable {
  package let place: SightingPlace
  /// The interface's name at the time, for a person to read.
  package let interfaceName: String
  /// Where it says it listens; a link-local address carries the interface.
  package let address: SocketAddress
  package let announcement: Announcement
  /// Whether the configured test took the announcement for one of its own office.
  package let isRecognised: Bool

  package init(
    place: SightingPlace, interfaceName: String, address: SocketAddress,
    announcement: Announcement, isRecognised: Bool
  ) {
    (self.place, self.interfaceName, self.address) = (place, interfaceName, address)
    (self.announcement, self.isRecognised) = (announcement, isRecognised)
  }
}

extension SightingPlace: CustomStringConvertible {
  package var description: String {
    "\(instance) on interface \(interface) over \(overIPv6 ? "IPv6" : "IPv4")"
  }
}
