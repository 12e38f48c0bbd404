/// Whom a ticket admits.
package enum TicketKindWord: String, Codable, CaseIterable, Sendable {
  case member, box
}

/// Whether a ticket still admits.
package enum TicketStateWord: String, Codable, CaseIterable, Sendable {
  case open, expired, revoked
  /// Its maker may make none at present: it is open again where that changes.
  case onHold = "on-hold"
  case usedUp = "used-up"
  /// Two parts of a divided network both spent the last use; both stayed in.
  case overUsed = "over-used"
}

/// One line of the ticket list; the secret is not in it.
package struct TicketInfo: Codable, Hashable, Sendable {
  package let id: HexIdentifier
  package let kind: TicketKindWord
  package let keeper: Bool
  /// The name the newcomer is to get, if the issuer chose one.
  package let name: String?
  /// Whose further device it lets in; nil: a new member's.
  package let member: MemberRef?
  package let groups: [GroupRef]
  package let issuer: MemberRef
  package let created: ClaimedTime
  package let expires: ClaimedTime
  package let uses: Int
  package let used: Int
  package let state: TicketStateWord
  package init(
    id: HexIdentifier, kind: TicketKindWord, keeper: Bool, name: String?, member: MemberRef?,
    groups: [GroupRef], issuer: MemberRef, created: ClaimedTime, expires: ClaimedTime, uses: Int,
    used: Int,
    state: TicketStateWord
  ) {
    self.id = id
    self.kind = kind
    self.keeper = keeper
    self.name = name
    self.member = member
    self.groups = groups
    self.issuer = issuer
    self.created = created
    self.expires = expires
    self.uses = uses
    self.used = used
    self.state = state
  }
}
