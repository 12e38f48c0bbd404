package import Format

/// Which of two links to one device stays (H-7).
package enum DuplicateLinks {
  /// What to do about the two.
  package enum Verdict: Hashable, Sendable {
    case keepOlder
    case keepNewer
    /// The peer began both and alone knows which one it needs; it closes the other.
    case peerDecides
  }

  /// The verdict of the node with the device key `own`, given who began each link.
  ///
  /// Where the directions differ, both nodes come to the same one. Where they do not, the two may
  /// have seen the links come up in different orders, so the initiator alone closes one: the later,
  /// which it dialled to learn who is at an address. A link it has lost is closed already.
  package static func verdict(
    own: DeviceKey, peer: DeviceKey, isOlderOurs: Bool, isNewerOurs: Bool
  ) -> Verdict {
    switch (isOlderOurs, isNewerOurs) {
    case (true, true): .keepOlder
    case (false, false): .peerDecides
    case (true, false): own < peer ? .keepOlder : .keepNewer
    case (false, true): own < peer ? .keepNewer : .keepOlder
    }
  }
}
