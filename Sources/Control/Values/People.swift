/// A member as a message or list names it.
package struct MemberRef: Codable, Hashable, Sendable {
  package let id: HexIdentifier
  package let name: String
  package init(id: HexIdentifier, name: String) {
    self.id = id
    self.name = name
  }
}

/// A device as a message or list names it.
package struct DeviceRef: Codable, Hashable, Sendable {
  package let id: HexIdentifier
  package let name: String
  package init(id: HexIdentifier, name: String) {
    self.id = id
    self.name = name
  }
}

/// The office this node belongs to.
package struct OfficeInfo: Codable, Hashable, Sendable {
  package let id: HexIdentifier
  package let name: String
  package init(id: HexIdentifier, name: String) {
    self.id = id
    self.name = name
  }
}

/// What a member may do, in the words a person meets.
package enum RankWord: String, Codable, CaseIterable, Sendable {
  case owner, admin, member, box
}

/// One line of the member list.
package struct MemberInfo: Codable, Hashable, Sendable {
  package let id: HexIdentifier
  package let name: String
  package let rank: RankWord
  /// Whether this is the member who asks.
  package let own: Bool
  package let removed: Bool
  /// Whether the member took itself out of the office; nil where it did not.
  package let left: Bool?
  /// How many devices the member has that are not removed.
  package let devices: Int
  /// When one of the member's devices was last linked with this one.
  package let seen: ClaimedTime?
  package init(
    id: HexIdentifier, name: String, rank: RankWord, own: Bool, removed: Bool, devices: Int,
    seen: ClaimedTime?, left: Bool? = nil
  ) {
    self.id = id
    self.name = name
    self.left = left
    self.rank = rank
    self.own = own
    self.removed = removed
    self.devices = devices
    self.seen = seen
  }
}

/// Where a device stands, seen from this node.
package enum DeviceStateWord: String, Codable, CaseIterable, Sendable {
  /// It is this node itself.
  case own
  /// A link to it is up.
  case linked
  /// It belongs to the office; no link is up.
  case away
  /// Two of it were seen writing; it is suspended until an admin decides.
  case suspended
  case removed
}

/// One line of the device list.
package struct DeviceInfo: Codable, Hashable, Sendable {
  package let id: HexIdentifier
  package let name: String
  package let member: MemberRef
  package let keeper: Bool
  package let state: DeviceStateWord
  package let seen: ClaimedTime?
  package init(
    id: HexIdentifier, name: String, member: MemberRef, keeper: Bool, state: DeviceStateWord,
    seen: ClaimedTime?
  ) {
    self.id = id
    self.name = name
    self.member = member
    self.keeper = keeper
    self.state = state
    self.seen = seen
  }
}
