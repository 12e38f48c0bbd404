package import Format

/// A device that was certified once.
package struct RosterDevice: Hashable, Sendable {
  package let key: DeviceKey
  package let noise: NoiseIdentity
  package let sealing: SealingIdentity
  package let member: MemberID
  /// Its member's rank; the last it had where the member has left.
  package let rank: Rank
  package let isKeeper: Bool
  package let mayAdmit: Bool
  /// The entry that certifies it.
  package let certificate: EntryID
  /// The member whose device wrote the certificate; its own where several wrote the same.
  package let certifier: MemberID
  package let isLive: Bool
  /// Whether a suspension names one of its feeds, of which a fork is proven here.
  package let isSuspended: Bool

  /// Whether every group's log is its to hold. The reserved ranks have no rights, whatever flags they bear.
  package var keepsAll: Bool { isKeeper && rank <= .box }
}

/// A member of the office, present or past.
package struct RosterMember: Hashable, Sendable {
  package let id: MemberID
  /// The rank; the last it had where the member has left.
  package let rank: Rank
  /// Whether no device is left: removed, or gone by itself.
  package let isRemoved: Bool
  /// The member that first certified it; its own for the founder, and where several wrote the same.
  package let certifier: MemberID
  /// The ticket by which it came first; nil where it came without.
  package let ticket: TicketKey?
  /// Live devices, ascending by key.
  package let devices: [RosterDevice]
}

/// A ticket and what became of it.
package struct RosterTicket: Hashable, Sendable {
  package let grant: Operation.TicketGrant
  package let entry: EntryID
  package let issuer: MemberID
  /// Certificates with effect that name it.
  package let used: Int
  package let isRevoked: Bool
  /// Whether its issuer lost the right to issue it.
  package let hasEnded: Bool

  /// Spent more often than allowed, in two places at once; shown, and nobody loses anything.
  package var isOverused: Bool { used > Int(grant.uses) }
}

/// A removal or lowering with effect.
package struct RosterRemoval: Hashable, Sendable {
  package let entry: ControlReference
  package let target: Operation.Target
  /// Whether it lowers a rank and leaves the member in.
  package let isLowering: Bool
  /// The member whose device wrote it.
  package let author: MemberID
  /// Ascending by feed.
  package let cuts: [Cut]
}

/// A suspension with effect: both entries stand at one place of a feed.
package struct RosterSuspension: Hashable, Sendable {
  package let entry: ControlReference
  package let feed: FeedID
  package let seq: UInt32
  package let first: EntryID
  package let second: EntryID
  package let author: MemberID
}

/// A control entry without effect, and why.
package struct VoidEntry: Hashable, Sendable {
  package let entry: ControlReference
  package let reason: VoidReason
}
