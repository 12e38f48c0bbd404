/// How far a message has come, in one word; each says more than the one before.
package enum DeliveryWord: String, Codable, CaseIterable, Sendable {
  /// Durable on this node only.
  case here
  /// Durable on `devices` of `of` devices.
  case onDevices = "on-devices"
  /// Durable on a device of the person it was written to.
  case onRecipient = "on-recipient"
  /// Written after the author was removed: nobody gets it.
  case nobody
  /// Shown to that person; no node of this version says so yet.
  case read
}

/// On how many devices a message is.
package struct DeliveryInfo: Codable, Hashable, Sendable {
  package let word: DeliveryWord
  /// Devices known to hold it, this one included.
  package let devices: Int
  /// Devices that are to hold it, this one included; of an own message those that can read it, and
  /// keepers.
  package let of: Int
  /// Of an own message: members of whom no device that can read it has it, by name; nil for none.
  package let missing: [MemberRef]?
  /// How many such members there are beyond those; nil for none.
  package let further: Int?
  /// True where every device of every present member can read it and has it; nil otherwise. `of` can
  /// be fewer: who came later, or cannot read it, is not among those.
  package let everyone: Bool?
  package init(
    word: DeliveryWord, devices: Int, of: Int, missing: [MemberRef]? = nil, further: Int? = nil,
    everyone: Bool? = nil
  ) {
    self.everyone = everyone
    self.word = word
    self.devices = devices
    self.of = of
    self.missing = missing
    self.further = further
  }

  /// So many members are named, so that a page of messages still fits into a line.
  package static let missingMax = 3
}

/// Why a message has no text to show.
package enum AbsenceWord: String, Codable, CaseIterable, Sendable {
  /// The key that opens it has not arrived.
  case waitingForKey = "waiting-for-a-key"
  /// It was written before this device was in the group.
  case beforeJoining = "before-joining"
  case erased
  /// Written by a newer version than this one understands.
  case newerVersion = "newer-version"
}

/// A message that another one answers.
package struct ReplyInfo: Codable, Hashable, Sendable {
  package let entry: HexIdentifier
  /// Who wrote it, and how it begins; nil where it cannot be shown here.
  package let member: MemberRef?
  package let text: String?
  package init(entry: HexIdentifier, member: MemberRef?, text: String?) {
    (self.entry, self.member, self.text) = (entry, member, text)
  }

  /// How much of the text is told, in bytes.
  package static let textBytesMax = 200
}

/// A sign that people show to a message.
package struct ReactionInfo: Codable, Hashable, Sendable {
  package let text: String
  /// Who shows it, by name.
  package let members: [MemberRef]
  /// How many there are beyond those; nil for none.
  package let further: Int?
  /// Whether the asking member is one of them.
  package let own: Bool
  package init(text: String, members: [MemberRef], further: Int?, own: Bool) {
    (self.text, self.members, self.further, self.own) = (text, members, further, own)
  }

  /// So many signs are told of one message, and so many members are named with each, so that a page
  /// of messages still fits into a line.
  package static let countMax = 16
  package static let membersMax = 8
}

/// One message as it is shown.
package struct MessageInfo: Codable, Hashable, Sendable {
  package let entry: HexIdentifier
  package let group: GroupRef
  package let member: MemberRef
  package let device: DeviceRef
  /// The author's claim; never used for order.
  package let time: ClaimedTime
  /// The moment at which it stands in the display and by which a range of time is read; nil where
  /// that is the author's claim.
  package let stands: ClaimedTime?
  /// Nil exactly when `absence` says why.
  package let text: String?
  package let absence: AbsenceWord?
  /// Of one from before this device joined that its member could read: the member's other devices
  /// that can read it, none where they were removed. Nil for all else.
  package let elsewhere: [DeviceRef]?
  package let state: DeliveryInfo
  /// Whether it arrived after later ones had been shown: it is marked, not slipped in above them.
  package let late: Bool
  /// Whether the asking member wrote it.
  package let own: Bool
  /// Its place in the order in which this node shows messages; opaque to programs.
  package let cursor: HexIdentifier
  /// The message that it answers, if any.
  package let reply: ReplyInfo?
  /// What people show to it; nil where nobody does.
  package let reactions: [ReactionInfo]?
  package init(
    entry: HexIdentifier, group: GroupRef, member: MemberRef, device: DeviceRef, time: ClaimedTime,
    text: String?, absence: AbsenceWord?, state: DeliveryInfo, late: Bool, own: Bool,
    cursor: HexIdentifier, reply: ReplyInfo? = nil, reactions: [ReactionInfo]? = nil,
    stands: ClaimedTime? = nil, elsewhere: [DeviceRef]? = nil
  ) {
    self.elsewhere = elsewhere
    (self.reply, self.reactions, self.stands) = (reply, reactions, stands)
    self.entry = entry
    self.group = group
    self.member = member
    self.device = device
    self.time = time
    self.text = text
    self.absence = absence
    self.state = state
    self.late = late
    self.own = own
    self.cursor = cursor
  }
}
