/// Writes a message; answers when it is durable on this node.
package struct SendCall: ControlCall {
  package static let method = ControlMethod.send
  package static let fields = ["to", "text", "id", "wait", "reply"]

  /// The exact length of a caller's id in bytes.
  package static let idBytes = 16
  /// How long a text can be in bytes.
  package static let textBytesMax = 60_000

  /// Why a text of so many bytes is not written.
  package static func tooLong(_ bytes: Int?) -> ControlError {
    ControlError(
      .textTooLong,
      "the text has \(bytes.map { "\($0)" } ?? "more than \(textBytesMax)") bytes; at most "
        + "\(textBytesMax) are allowed",
      hint: "send it in parts")
  }

  /// A group's title or `@person`, or an unambiguous beginning, or `id:` and hexadecimal digits.
  package let to: String
  package let text: String
  /// 16 bytes of the caller's choice; a repeated one answers with the first message.
  package let id: HexIdentifier?
  /// Whether to answer only when all in reach have it, or a moment has passed (C-13).
  package let wait: Bool?
  /// The identifier of the message that it answers, or a beginning of it that only one has; one of
  /// the same group.
  package let reply: String?
  package init(
    to: String, text: String, id: HexIdentifier?, wait: Bool? = nil, reply: String? = nil
  ) {
    self.reply = reply
    self.to = to
    self.text = text
    self.id = id
    self.wait = wait
  }

  /// The message as it lies on the disk here, or the first one with the same id.
  package struct Answer: Codable, Equatable, Sendable {
    package let entry: HexIdentifier
    package let group: GroupRef
    package let time: ClaimedTime
    /// Always true: an answer is given only then.
    package let durable: Bool
    /// Whether the caller's id had been used before, so that nothing new was written.
    package let repeated: Bool
    package let state: DeliveryInfo
    /// How many other devices that are to hold it are linked; only where `wait` asked.
    package let inReach: Int?
    /// How many of these do not have it yet.
    package let onItsWay: Int?
    package init(
      entry: HexIdentifier, group: GroupRef, time: ClaimedTime, durable: Bool, repeated: Bool,
      state: DeliveryInfo, inReach: Int? = nil, onItsWay: Int? = nil
    ) {
      self.inReach = inReach
      self.onItsWay = onItsWay
      self.entry = entry
      self.group = group
      self.time = time
      self.durable = durable
      self.repeated = repeated
      self.state = state
    }
  }
}

/// Shows a sign to a message, in place of what the asking member showed to it before.
package struct ReactCall: ControlCall {
  package static let method = ControlMethod.react
  package static let fields = ["entry", "text", "remove"]

  /// The entry's identifier, or a beginning of it that only one has.
  package let entry: String
  /// One emoji, as a rule.
  package let text: String?
  /// Whether to take back what was shown.
  package let remove: Bool?
  package init(entry: String, text: String?, remove: Bool? = nil) {
    (self.entry, self.text, self.remove) = (entry, text, remove)
  }

  /// What is shown to the message now.
  package struct Answer: Codable, Equatable, Sendable {
    package let entry: HexIdentifier
    package let reactions: [ReactionInfo]
    /// True where it was so before, and nothing was written; nil otherwise.
    package let unchanged: Bool?
    package init(entry: HexIdentifier, reactions: [ReactionInfo], unchanged: Bool? = nil) {
      self.unchanged = unchanged
      (self.entry, self.reactions) = (entry, reactions)
    }
  }
}

/// Reads messages, the newest that fit, in the order in which this node shows them.
package struct ReadCall: ControlCall {
  package static let method = ControlMethod.read
  package static let fields = ["group", "limit", "sinceMs", "untilMs", "before", "news"]

  /// How many messages come at most in one answer, and how many without a limit.
  package static let limitMax = 1000
  package static let limitDefault = 50

  /// Named like the TO of `send`; nil: all groups.
  package let group: String?
  package let limit: Int?
  /// The earliest claimed time to show, in milliseconds since 1970, itself included.
  package let sinceMs: Int64?
  /// The first claimed time not to show.
  package let untilMs: Int64?
  /// Only messages shown before this place.
  package let before: HexIdentifier?
  /// Whether to tell as well who came, went or got another rank between these messages.
  package let news: Bool?
  package init(
    group: String?, limit: Int?, sinceMs: Int64?, untilMs: Int64?, before: HexIdentifier?,
    news: Bool? = nil
  ) {
    self.news = news
    self.group = group
    self.limit = limit
    self.sinceMs = sinceMs
    self.untilMs = untilMs
    self.before = before
  }

  /// A page of messages that fits into one line, and where the next one begins.
  package struct Answer: Codable, Equatable, Sendable {
    /// The oldest first.
    package let messages: [MessageInfo]
    /// Whether older ones match too, or may: they come next before `before`, or, where that is nil,
    /// before the first message's cursor.
    package let more: Bool
    /// Where to go on when the node stopped looking before it had as many as were asked for.
    package let before: HexIdentifier?
    /// The place after the newest message there is: `subscribe` from here misses nothing.
    package let cursor: HexIdentifier
    /// The group that was meant; nil for all, and while two people have not written yet.
    package let group: GroupRef?
    /// Groups among those asked for of which people have not seen all here; nil for none, and for an
    /// older page.
    package let unread: [UnreadInfo]?
    /// What happened since the first of these messages and up to the next page, the oldest first; nil
    /// where it was not asked for, and for nothing.
    package let news: [NewsInfo]?
    /// Why nothing can be written to the one that was meant, as a sentence; nil where it can.
    package let ended: String?
    package init(
      messages: [MessageInfo], more: Bool, cursor: HexIdentifier, group: GroupRef?,
      before: HexIdentifier? = nil, unread: [UnreadInfo]? = nil, news: [NewsInfo]? = nil,
      ended: String? = nil
    ) {
      (self.before, self.ended) = (before, ended)
      (self.unread, self.news) = (unread, news)
      self.messages = messages
      self.group = group
      self.more = more
      self.cursor = cursor
    }
  }
}

extension ReadCall.Answer {
  /// What to ask for next as `before`; nil where there is nothing older.
  package var next: HexIdentifier? { more ? before ?? messages.first?.cursor : nil }
}

/// Turns the connection into an event stream beside its requests; once for each connection.
package struct SubscribeCall: ControlCall {
  package static let method = ControlMethod.subscribe
  package static let fields = ["group", "after", "seen"]

  /// Messages of this group alone; nil: of all groups.
  package let group: String?
  /// Messages shown after this place come first; nil: only new ones.
  package let after: HexIdentifier?
  /// Whether a person sees what is told, so that it is unread no more.
  package let seen: Bool?
  package init(group: String?, after: HexIdentifier?, seen: Bool? = nil) {
    self.seen = seen
    self.group = group
    self.after = after
  }

  /// Where the events begin; those themselves follow on the same connection.
  package struct Answer: Codable, Equatable, Sendable {
    /// The place where the stream begins.
    package let cursor: HexIdentifier
    /// The group that was meant; nil for all, and while two people have not written yet.
    package let group: GroupRef?
    package init(cursor: HexIdentifier, group: GroupRef?) {
      self.group = group
      self.cursor = cursor
    }
  }
}

/// Tells which devices hold one message.
package struct DeliveryCall: ControlCall {
  package static let method = ControlMethod.delivery
  package static let fields = ["entry"]

  /// The entry's identifier, or a beginning of it that only one has.
  package let entry: String
  package init(entry: String) {
    self.entry = entry
  }

  /// How far one message has come, and on which devices it is.
  package struct Answer: Codable, Equatable, Sendable {
    package let entry: HexIdentifier
    package let group: GroupRef
    package let state: DeliveryInfo
    package let devices: [DeviceDelivery]
    package init(
      entry: HexIdentifier, group: GroupRef, state: DeliveryInfo, devices: [DeviceDelivery]
    ) {
      self.entry = entry
      self.group = group
      self.state = state
      self.devices = devices
    }
  }
}

/// Whether one device holds a message.
package struct DeviceDelivery: Codable, Hashable, Sendable {
  package let device: DeviceRef
  package let member: MemberRef
  package let keeper: Bool
  package let holds: Bool
  /// When the device was last linked; nil for this one and for one never seen.
  package let seen: ClaimedTime?
  /// False where it was written while the device was not in the group, which therefore does not
  /// count; nil otherwise.
  package let reads: Bool?
  package init(
    device: DeviceRef, member: MemberRef, keeper: Bool, holds: Bool, seen: ClaimedTime?,
    reads: Bool? = nil
  ) {
    self.reads = reads
    self.device = device
    self.member = member
    self.keeper = keeper
    self.holds = holds
    self.seen = seen
  }
}
