/// Makes a ticket.
package struct TicketNewCall: ControlCall {
  package static let method = ControlMethod.ticketNew
  package static let fields = [
    "kind", "keeper", "name", "member", "again", "groups", "uses", "validSeconds",
  ]

  package let kind: TicketKindWord
  /// Nil: a box is a keeper, a member's device is not.
  package let keeper: Bool?
  /// The name the newcomer gets.
  package let name: String?
  /// Whose further device it lets in; nil: a new member's.
  package let member: String?
  /// Whether a member who was removed is let in again.
  package let again: Bool?
  /// Groups the newcomer is added to, each named like the TO of `send`.
  package let groups: [String]
  /// Nil: one.
  package let uses: Int?
  /// Nil: the default of the limits chapter.
  package let validSeconds: Int?
  package init(
    kind: TicketKindWord, keeper: Bool?, name: String?, member: String?, groups: [String],
    uses: Int?, validSeconds: Int?, again: Bool? = nil
  ) {
    self.again = again
    self.kind = kind
    self.keeper = keeper
    self.name = name
    self.member = member
    self.groups = groups
    self.uses = uses
    self.validSeconds = validSeconds
  }

  /// The ticket as lists show it, and its line, told this once.
  package struct Answer: Codable, Equatable, Sendable {
    package let ticket: TicketInfo
    /// The line to hand over; told once, here.
    package let text: String
    package init(ticket: TicketInfo, text: String) {
      self.ticket = ticket
      self.text = text
    }
  }
}

/// Lists the office's tickets.
package struct TicketListCall: ControlCall {
  package static let method = ControlMethod.ticketList
  package static let fields = ["before"]

  /// Only those that stand before this ticket; nil: the newest.
  package let before: HexIdentifier?
  package init(before: HexIdentifier? = nil) { self.before = before }

  /// The tickets, the oldest first.
  package struct Answer: Codable, Equatable, Sendable {
    package let tickets: [TicketInfo]
    /// True where there are older ones, which are had by `before` the first of these; nil otherwise.
    package let more: Bool?
    package init(tickets: [TicketInfo], more: Bool? = nil) {
      (self.tickets, self.more) = (tickets, more)
    }
  }
}

/// Ends a ticket; nobody it admitted is removed.
package struct TicketRevokeCall: ControlCall {
  package static let method = ControlMethod.ticketRevoke
  package static let fields = ["ticket"]

  /// An unambiguous beginning of the ticket's identifier or name, or the ticket's own line.
  package let ticket: String
  package init(ticket: String) {
    self.ticket = ticket
  }

  /// The ticket as it stands now.
  package struct Answer: Codable, Equatable, Sendable {
    package let ticket: TicketInfo
    /// Its state before, where nobody could join with it anyway; nil where it was open.
    package let was: TicketStateWord?
    package init(ticket: TicketInfo, was: TicketStateWord? = nil) {
      self.ticket = ticket
      self.was = was
    }
  }
}
