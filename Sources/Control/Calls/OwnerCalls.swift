/// A change of the owner list: in force, or waiting for more owners to agree.
package struct OwnerChange: Codable, Equatable, Sendable {
  /// The owners as they are to be.
  package let owners: [MemberRef]
  package let added: [MemberRef]
  package let removed: [MemberRef]
  /// How many owners have agreed, and how many it takes.
  package let signed: Int
  package let needed: Int
  /// What another owner agrees to with `owners.agree`; no secret; nil once the change is in force.
  package let line: String?
  package init(
    owners: [MemberRef], added: [MemberRef], removed: [MemberRef], signed: Int, needed: Int,
    line: String?
  ) {
    self.owners = owners
    self.added = added
    self.removed = removed
    self.signed = signed
    self.needed = needed
    self.line = line
  }
}

/// Names the owners of the office with the recovery key, whoever they were before.
package struct RecoveryUseCall: ControlCall {
  package static let method = ControlMethod.recoveryUse
  package static let fields = ["line", "owners", "look"]

  /// The line `zr1-recovery-…`.
  package let line: String
  /// Who is to own the office; nil or empty: the member who asks.
  package let owners: [String]?
  /// Whether it is only to be told what would change.
  package let look: Bool?
  package init(line: String, owners: [String]?, look: Bool? = nil) {
    self.look = look
    self.line = line
    self.owners = owners
  }

  package typealias Answer = OwnerChange
}

/// Agrees, as an owner, to a change of owners that another one began.
package struct OwnersAgreeCall: ControlCall {
  package static let method = ControlMethod.ownersAgree
  package static let fields = ["line", "look"]

  /// The line `zr1-owners-…`.
  package let line: String
  /// True: only tell what the line would change; nil: no.
  package let look: Bool?
  package init(line: String, look: Bool?) {
    self.line = line
    self.look = look
  }

  package typealias Answer = OwnerChange
}

/// Makes a member an owner, an admin or a member like any other.
package struct MemberRankCall: ControlCall {
  package static let method = ControlMethod.memberRank
  package static let fields = ["member", "rank"]

  package let member: String
  package let rank: RankWord
  package init(member: String, rank: RankWord) {
    self.member = member
    self.rank = rank
  }

  /// The member as it stands now, and what other owners have still to agree to.
  package struct Answer: Codable, Equatable, Sendable {
    package let member: MemberInfo
    /// What became of the owner list, where the rank is or was that of an owner.
    package let change: OwnerChange?
    package init(member: MemberInfo, change: OwnerChange?) {
      self.member = member
      self.change = change
    }
  }
}
