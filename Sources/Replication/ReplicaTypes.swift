package import Format

/// Names one link for as long as it lives; never used twice.
package struct LinkID: Hashable, Comparable, Sendable {
  package let number: UInt64
  package init(_ number: UInt64) { self.number = number }

  /// Whether the left link is the older one.
  package static func < (a: LinkID, b: LinkID) -> Bool { a.number < b.number }
}

/// Names one order to store, until it is answered.
package struct StoreToken: Hashable, Comparable, Sendable {
  package let number: UInt64
  package init(_ number: UInt64) { self.number = number }

  /// Whether the left order was given earlier.
  package static func < (a: StoreToken, b: StoreToken) -> Bool { a.number < b.number }
}

/// What happens to a replica. Times are durations since an origin of the driver's, never earlier
/// than the one before.
package enum Input: Sendable {
  /// A link was authenticated; nil where the peer's certificate is not known here (H-5). `named` is the
  /// certificate that its greeting names; zero where it names none.
  case linkUp(LinkID, DeviceKey?, noise: NoiseIdentity, named: EntryID)
  case linkDown(LinkID)
  case received(LinkID, Message)
  /// The store's promise that this batch survives a power cut.
  case stored(StoreToken, arrivalMilliseconds: UInt64)
  /// Entries that were stored before and are needed again for admission.
  case loaded(Batch, arrivalMilliseconds: UInt64)
  /// Such entries could not be read.
  case loadFailed(GroupID, FeedPlace)
  case tick
}

/// What a replica wishes to happen.
package enum Effect: Sendable {
  case store(Batch, StoreToken, isOwn: Bool)
  case send(LinkID, Message)
  case close(LinkID, Message.Bye, Violation?)
  /// Asks for entries of this feed from `from` on, which are stored.
  case load(GroupID, FeedPlace, from: UInt32)
  case happened(Happening)
}

/// What a replica tells whoever shows things to people.
package enum Happening: Hashable, Sendable {
  /// Message entries were admitted: the group's arrivals have grown.
  case messages(GroupID)
  /// The office log's control entries or names changed.
  case roster
  /// A group appeared, or its members or title changed.
  case group(GroupID)
  /// A secret could be opened: messages that waited for a key may be readable.
  case epochOpened(GroupID)
  /// What a device is known to hold advanced.
  case delivered(GroupID, DeviceKey)
  /// A device wrote two entries at one place: it was copied, or put back from a backup.
  case forked(GroupID, FeedID, DeviceKey, seq: UInt32)
  /// The office is to be told of a fork, by the operation `suspend`.
  case suspensionDue(SuspensionDue)
  /// A group lacks the epoch that a change of its members asks for, and this node makes it (K-5).
  case epochDue(GroupID)
  /// Others write under an epoch of this device, at this place of its feed, whose copy for this node
  /// does not open: it made it so, or is broken (K-5).
  case unopened(GroupID, FeedID, DeviceKey, seq: UInt32)
  /// A control operation was admitted, of this group or of the office log, and where it stands.
  case operation(GroupID, Operation, by: MemberID, at: EntryPlace)
  /// Another copy of this device wrote on an own feed.
  case ownFeedClosed(GroupID, FeedID)
  /// The admission of a feed ended.
  case ended(GroupID, FeedID, AdmissionEnd)
  /// A feed or group was not taken in for want of room; told once for each group.
  case full(GroupID)
  /// A provisional link's certificate was admitted.
  case promoted(LinkID, DeviceKey)
}

/// Where a message entry lies: what a timeline lists.
package struct MessagePlace: Hashable, Sendable {
  package let place: FeedPlace
  package let seq: UInt32
  package let device: DeviceKey
  package let effectiveMilliseconds: UInt64
  /// Whether it came after later ones had been shown here.
  package let isLate: Bool

  package init(
    place: FeedPlace, seq: UInt32, device: DeviceKey, effectiveMilliseconds: UInt64, isLate: Bool
  ) {
    (self.place, self.seq, self.device) = (place, seq, device)
    (self.effectiveMilliseconds, self.isLate) = (effectiveMilliseconds, isLate)
  }
}

/// Entries of one feed that a link waits for.
package struct Serving: Hashable, Sendable {
  package let group: GroupID
  package let place: FeedPlace
  package let from: UInt32
  /// Nil for what the device has a right to.
  package let proof: RemovalProof?
  /// Whether one batch shows the device how its own feed was forked, whatever it has a right to.
  package let showsOwnFork: Bool

  /// How many bytes are packed together at most: of a proof no more than needed goes out.
  package var bytesMax: Int { proof == nil && !showsOwnFork ? Limits.runBytesMax : 1 }

  init(
    group: GroupID, place: FeedPlace, from: UInt32, proof: RemovalProof? = nil,
    showsOwnFork: Bool = false
  ) {
    (self.group, self.place, self.from) = (group, place, from)
    (self.proof, self.showsOwnFork) = (proof, showsOwnFork)
  }
}
