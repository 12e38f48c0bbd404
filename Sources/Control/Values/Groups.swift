/// Who is in a group by its nature.
package enum GroupKindWord: String, Codable, CaseIterable, Sendable {
  /// Everybody of the office but boxes.
  case everyone
  /// Those on its list.
  case listed
  /// Two people.
  case direct
}

/// A group as a message or list names it.
package struct GroupRef: Codable, Hashable, Sendable {
  package let id: HexIdentifier
  /// What to show: the title, or `@` and the other person's name in a direct group; nil while
  /// the title cannot be read yet.
  package let title: String?
  package let kind: GroupKindWord
  package init(id: HexIdentifier, title: String?, kind: GroupKindWord) {
    self.id = id
    self.title = title
    self.kind = kind
  }
}

/// One line of the group list.
package struct GroupInfo: Codable, Hashable, Sendable {
  package let id: HexIdentifier
  package let title: String?
  package let kind: GroupKindWord
  package let purpose: String?
  package let members: [MemberRef]
  /// How many members there are beyond those, where the list had no room for all; nil for none.
  package let further: Int?
  /// False while this node carries the group without being able to open it.
  package let readable: Bool
  /// How many messages can be shown here.
  package let messages: Int
  /// How many of them others wrote and nobody has seen here.
  package let unread: Int
  /// The time of the newest of them.
  package let latest: ClaimedTime?
  /// How the newest of them begins; nil where its text cannot be read here.
  package let last: LastInfo?
  /// How this member comes to be in it no more; nil while it is in it.
  package let gone: GoneInfo?
  /// The other one of two people, also after a removal; nil for other groups.
  package let partner: MemberRef?
  /// The other groups of the same two people, whose messages stand here too; nil for none.
  package let also: [HexIdentifier]?
  package init(
    id: HexIdentifier, title: String?, kind: GroupKindWord, purpose: String?, members: [MemberRef],
    readable: Bool, messages: Int, unread: Int = 0, latest: ClaimedTime?, gone: GoneInfo? = nil,
    further: Int? = nil, partner: MemberRef? = nil, last: LastInfo? = nil,
    also: [HexIdentifier]? = nil
  ) {
    (self.further, self.partner, self.last, self.also) = (further, partner, last, also)
    self.unread = unread
    self.gone = gone
    self.id = id
    self.title = title
    self.kind = kind
    self.purpose = purpose
    self.members = members
    self.readable = readable
    self.messages = messages
    self.latest = latest
  }

  /// The short form that messages carry.
  package var ref: GroupRef { GroupRef(id: id, title: title, kind: kind) }
}

/// The newest message of a group, for lists.
package struct LastInfo: Codable, Hashable, Sendable {
  package let member: MemberRef
  /// Whether the asking member wrote it.
  package let own: Bool
  /// How it begins.
  package let text: String
  package init(member: MemberRef, own: Bool, text: String) {
    (self.member, self.own, self.text) = (member, own, text)
  }

  /// How much of the text is told, in bytes.
  package static let textBytesMax = 120
}

/// How somebody comes to be in a group no more.
package enum GoneWord: String, Codable, CaseIterable, Sendable {
  case left, removed
  /// An addition of it lost its effect: who added it might not any more.
  case notAdded = "not-added"
}

/// A group that this member was in.
package struct GoneInfo: Codable, Hashable, Sendable {
  package let word: GoneWord
  /// Who removed this member, or added it and might not; nil where nothing here says so.
  package let by: MemberRef?
  /// Messages of this member that came after its removal, which nobody gets; where it was not added,
  /// those that nobody else is known to have.
  package let lost: Int
  /// True where this computer was removed from the office and its member is in the group still; nil
  /// otherwise.
  package let computer: Bool?
  package init(word: GoneWord, by: MemberRef?, lost: Int, computer: Bool? = nil) {
    self.computer = computer
    self.word = word
    self.by = by
    self.lost = lost
  }
}

/// How many messages of a group people have not seen here.
package struct UnreadInfo: Codable, Hashable, Sendable {
  package let group: GroupRef
  package let messages: Int
  package init(group: GroupRef, messages: Int) { (self.group, self.messages) = (group, messages) }
}
