package import Platform

/// What discovery is told before it begins.
package struct DiscoveryConfiguration: Sendable {
  package let interfaces: InterfaceFilter
  /// Whether an announcement is of our own office. Runs on discovery's thread; must be quick.
  package let recognises: @Sendable (Announcement) -> Bool
  package let clock: any Clock
  package let entropy: any Entropy

  /// Everything discovery needs to know.
  package init(
    interfaces: InterfaceFilter, clock: any Clock, entropy: any Entropy,
    recognises: @escaping @Sendable (Announcement) -> Bool
  ) {
    self.interfaces = interfaces
    self.clock = clock
    self.entropy = entropy
    self.recognises = recognises
  }
}

/// What is announced: where this node listens, and its hint.
package struct Publication: Hashable, Sendable {
  package let port: UInt16
  package let announcement: Announcement

  /// What to announce; port zero is no port.
  package init(port: UInt16, announcement: Announcement) {
    precondition(port != 0, "a node that does not listen cannot be announced")
    self.port = port
    self.announcement = announcement
  }
}
