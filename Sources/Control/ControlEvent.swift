/// What a subscriber is told without asking again.
package enum ControlEvent: Equatable, Sendable {
  /// A message that can be shown; again with the same entry when its text arrives later.
  case message(MessageInfo)
  /// Everything after the cursor asked for has been told; from here on events are new.
  case caughtUp(cursor: HexIdentifier)
  /// A message of this member has come further.
  case delivery(DeliveryEvent)
  /// What is shown to a message changed.
  case reaction(ReactionEvent)
  /// A link came up or went down.
  case peer(PeerInfo)
  /// A list changed: ask for it again.
  case changed(ChangedList)
  /// Somebody came, went or got another rank.
  case news(NewsInfo)
  /// The list of open doors changed; told to a node that has no office.
  case doors([DoorInfo])
  /// Somebody knocked at the door that this node holds open, or what became of it.
  case admission(AdmissionInfo)
  /// What became of this node's own knock.
  case knock(KnockInfo)
  /// A degraded state appeared.
  case degraded(DegradedInfo)
  /// A degraded state is over.
  case recovered(DegradedWord)
  /// The subscriber read too slowly; the connection closes after this. Subscribe again after
  /// the cursor.
  case lagged(cursor: HexIdentifier)
}

/// How far a message has come by now.
package struct DeliveryEvent: Codable, Hashable, Sendable {
  package let entry: HexIdentifier
  package let group: GroupRef
  package let state: DeliveryInfo
  package init(entry: HexIdentifier, group: GroupRef, state: DeliveryInfo) {
    self.entry = entry
    self.group = group
    self.state = state
  }
}

/// What is shown to a message by now.
package struct ReactionEvent: Codable, Hashable, Sendable {
  package let entry: HexIdentifier
  package let group: GroupRef
  package let reactions: [ReactionInfo]
  /// Who wrote the message, and how it begins; nil where it cannot be shown here.
  package let to: ReplyInfo?
  package init(
    entry: HexIdentifier, group: GroupRef, reactions: [ReactionInfo], to: ReplyInfo? = nil
  ) {
    (self.entry, self.group, self.reactions, self.to) = (entry, group, reactions, to)
  }
}

/// What became of somebody.
package enum NewsWord: String, Codable, CaseIterable, Sendable {
  /// `by` added `members` to the group, removed them from it or from the office, or left it.
  case added, removed, left
  /// `by` let `members` into the office, or gave them another rank.
  case joined, rank
  /// `members`, one, were called otherwise before.
  case renamed
  /// `by` changed who owns the office, and `members` do no more.
  case unowned
  /// `by` let in `device`, one more of `members`, who are one; or removed it; or it was called otherwise.
  case deviceJoined = "device-joined"
  case deviceRemoved = "device-removed"
  case deviceRenamed = "device-renamed"
  /// `by`, the one of `members`, called the group otherwise than before.
  case groupRenamed = "group-renamed"
}

/// A change in the office or in a group that people want to hear of.
package struct NewsInfo: Codable, Hashable, Sendable {
  package let word: NewsWord
  /// Nil for the office; of a group that was called otherwise, as it was called then.
  package let group: GroupRef?
  /// Who did it; of a name, whose it is.
  package let by: MemberRef
  package let members: [MemberRef]
  package let rank: RankWord?
  /// The name before.
  package let was: String?
  /// Which device of theirs it is about.
  package let device: DeviceRef?
  /// Whether the recovery key did it; nil where it did not.
  package let recovery: Bool?
  /// Whether the asking member is one of them.
  package let own: Bool
  /// When it stands in the display: the same whether it is told as it happens or read later.
  package let time: ClaimedTime?
  package init(
    word: NewsWord, group: GroupRef?, by: MemberRef, members: [MemberRef], rank: RankWord?,
    own: Bool, was: String? = nil, time: ClaimedTime? = nil, device: DeviceRef? = nil,
    recovery: Bool? = nil
  ) {
    (self.was, self.time, self.device, self.recovery) = (was, time, device, recovery)
    (self.word, self.group, self.by) = (word, group, by)
    (self.members, self.rank, self.own) = (members, rank, own)
  }
}

/// The lists that can change under a subscriber.
package enum ChangedList: String, Codable, CaseIterable, Sendable {
  case groups, members, devices, tickets, office, door
}

extension ControlEvent: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind, message, cursor, delivery, reaction, peer, list, news, doors, request, knock
    case degraded, word
  }

  private enum Kind: String, Codable {
    case message
    case caughtUp = "caught-up"
    case delivery, reaction, peer, changed, news, doors, admission, knock, degraded, recovered,
      lagged
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    switch try container.decode(Kind.self, forKey: .kind) {
    case .message: self = .message(try container.decode(MessageInfo.self, forKey: .message))
    case .caughtUp:
      self = .caughtUp(cursor: try container.decode(HexIdentifier.self, forKey: .cursor))
    case .delivery: self = .delivery(try container.decode(DeliveryEvent.self, forKey: .delivery))
    case .reaction: self = .reaction(try container.decode(ReactionEvent.self, forKey: .reaction))
    case .peer: self = .peer(try container.decode(PeerInfo.self, forKey: .peer))
    case .changed: self = .changed(try container.decode(ChangedList.self, forKey: .list))
    case .news: self = .news(try container.decode(NewsInfo.self, forKey: .news))
    case .doors: self = .doors(try container.decode([DoorInfo].self, forKey: .doors))
    case .admission:
      self = .admission(try container.decode(AdmissionInfo.self, forKey: .request))
    case .knock: self = .knock(try container.decode(KnockInfo.self, forKey: .knock))
    case .degraded: self = .degraded(try container.decode(DegradedInfo.self, forKey: .degraded))
    case .recovered: self = .recovered(try container.decode(DegradedWord.self, forKey: .word))
    case .lagged: self = .lagged(cursor: try container.decode(HexIdentifier.self, forKey: .cursor))
    }
  }

  /// Writes `{"kind":…}` with the one field that its kind has.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .message(let message):
      try container.encode(Kind.message, forKey: .kind)
      try container.encode(message, forKey: .message)
    case .caughtUp(let cursor):
      try container.encode(Kind.caughtUp, forKey: .kind)
      try container.encode(cursor, forKey: .cursor)
    case .delivery(let delivery):
      try container.encode(Kind.delivery, forKey: .kind)
      try container.encode(delivery, forKey: .delivery)
    case .reaction(let reaction):
      try container.encode(Kind.reaction, forKey: .kind)
      try container.encode(reaction, forKey: .reaction)
    case .peer(let peer):
      try container.encode(Kind.peer, forKey: .kind)
      try container.encode(peer, forKey: .peer)
    case .changed(let list):
      try container.encode(Kind.changed, forKey: .kind)
      try container.encode(list, forKey: .list)
    case .news(let news):
      try container.encode(Kind.news, forKey: .kind)
      try container.encode(news, forKey: .news)
    case .doors(let doors):
      try container.encode(Kind.doors, forKey: .kind)
      try container.encode(doors, forKey: .doors)
    case .admission(let request):
      try container.encode(Kind.admission, forKey: .kind)
      try container.encode(request, forKey: .request)
    case .knock(let knock):
      try container.encode(Kind.knock, forKey: .kind)
      try container.encode(knock, forKey: .knock)
    case .degraded(let state):
      try container.encode(Kind.degraded, forKey: .kind)
      try container.encode(state, forKey: .degraded)
    case .recovered(let word):
      try container.encode(Kind.recovered, forKey: .kind)
      try container.encode(word, forKey: .word)
    case .lagged(let cursor):
      try container.encode(Kind.lagged, forKey: .kind)
      try container.encode(cursor, forKey: .cursor)
    }
  }
}
