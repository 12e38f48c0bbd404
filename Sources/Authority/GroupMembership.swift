package import Format

/// Who belongs to a group in one pair of views.
package final class GroupMembership: Sendable {
  package let kind: GroupKind
  package let creator: MemberID
  /// Ascending by ID.
  package let members: [GroupMember]
  /// The live devices of the members, ascending by key: the recipients of an epoch. A device whose
  /// feed is forked and suspended is left out, and of a member with more devices than one may have
  /// those beyond (K-3).
  package let devices: [RosterDevice]
  /// Removals from the group with effect, in canonical order.
  package let removals: [GroupRemoval]
  /// In canonical order.
  package let voids: [VoidEntry]
  /// Whether an operation of the group binds that this version does not know.
  package let needsNewerVersion: Bool
  /// Removals that an eligible epoch has in its past (K-3): of the office log.
  let officeBarriers: [ControlReference]
  /// The same of the group log.
  let groupBarriers: [ControlReference]
  /// Suspensions of each device that was ever a member's and of which a fork is proven here: an
  /// eligible epoch has one of each in its past.
  let suspensions: [[ControlReference]]

  init(
    kind: GroupKind, creator: MemberID, members: [GroupMember], devices: [RosterDevice],
    removals: [GroupRemoval], voids: [VoidEntry], needsNewerVersion: Bool,
    officeBarriers: [ControlReference], groupBarriers: [ControlReference],
    suspensions: [[ControlReference]]
  ) {
    (self.kind, self.creator, self.members) = (kind, creator, members)
    (self.devices, self.removals, self.voids) = (devices, removals, voids)
    self.needsNewerVersion = needsNewerVersion
    (self.officeBarriers, self.groupBarriers) = (officeBarriers, groupBarriers)
    self.suspensions = suspensions
  }

  /// The member's grade; nil for those who are not in the group.
  package func grade(of id: MemberID) -> Operation.Grade? {
    members.first { $0.id == id }?.grade
  }

  /// Whether a device is one of a member's.
  package func contains(_ device: DeviceKey) -> Bool { devices.contains { $0.key == device } }
}

/// A member of a group.
package struct GroupMember: Hashable, Sendable {
  package let id: MemberID
  package let grade: Operation.Grade
}

/// A removal from a group with effect.
package struct GroupRemoval: Hashable, Sendable {
  package let entry: ControlReference
  package let member: MemberID
  /// Ascending by feed.
  package let cuts: [Cut]
}

/// Why messages are not written under an epoch (K-3).
package enum EpochRefusal: Hashable, Sendable {
  /// Its recipients are not the devices of the members.
  case recipientsDiffer
  /// A removal or suspension is not in its past.
  case unseen(ControlReference)
}
