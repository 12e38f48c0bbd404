import Authority
import Control
import Format
import Replication
import Storage

/// What `read` answers, and where messages stand.
extension OfficeNode {
  /// A message as it is shown; nil where it cannot be read from the disk.
  func message(
    _ group: GroupID, _ place: MessagePlace, _ recent: inout StoreView.Recent
  ) -> MessageInfo? {
    guard let (batch, entry) = try? store.entry(group, place.place, place.seq, &recent),
      let header = try? batch.header(entry),
      let device = replica.rosterNow().device(place.device)
    else { return nil }
    let at = EntryPlace(place: place.place, seq: place.seq)
    // Whoever wrote what nobody gets is shown it still, and told so.
    let isVoid = replica.isVoid(entry.id, at, in: group)
    guard !isVoid || device.member == replica.member else { return nil }
    var text: String?
    var absence: AbsenceWord?
    var elsewhere: [DeviceRef]?
    var reply: EntryID?
    switch replica.read(group, header, batch.body(entry)) {
    case .content(.text(_, let bytes, let answered)):
      text = String(decoding: bytes, as: UTF8.self)
      reply = answered
    case .content: absence = .newerVersion
    case .waitingForKey:
      absence = replica.isSealedToOthers(header.epoch, in: group) ? .beforeJoining : .waitingForKey
      if absence == .beforeJoining { elsewhere = ownReaders(of: header.epoch, in: group) }
    case .erased: absence = .erased
    case .unreadable: absence = .newerVersion
    }
    let isOwn = device.member == replica.member
    let reactions = reactions(to: entry.id, in: group)
    return MessageInfo(
      entry: identifier(entry.id.bytes.array), group: groupRef(group),
      member: memberRef(device.member), device: deviceRef(place.device),
      time: ClaimedTime(ms: Int64(clamping: entry.wallMilliseconds)), text: text,
      absence: absence,
      state: isVoid
        ? .nobody
        : delivery(group, at, under: isOwn ? header.epoch : nil),
      late: place.isLate, own: isOwn, cursor: cursor(group, entry.id.prefix, entry.seq),
      reply: reply.map { quote($0, in: group) }, reactions: reactions.isEmpty ? nil : reactions,
      stands: place.effectiveMilliseconds == entry.wallMilliseconds
        ? nil : ClaimedTime(ms: Int64(clamping: place.effectiveMilliseconds)),
      elsewhere: elsewhere)
  }

  /// So many of them are named.
  private static let ownReadersMax = 3

  /// Which other devices of this member can read what was written then; none where it could, on
  /// devices that were removed; nil where it was not in the group.
  private func ownReaders(of epoch: EpochID, in group: GroupID) -> [DeviceRef]? {
    let roster = replica.rosterNow()
    let own = (replica.recipients(of: epoch, in: group) ?? []).compactMap { roster.device($0) }
      .filter { $0.member == replica.member }
    guard !own.isEmpty else { return nil }
    return own.filter(\.isLive).prefix(Self.ownReadersMax).map { deviceRef($0.key) }
      .sorted { ($0.name, $0.id) < ($1.name, $1.id) }
  }

  /// What is told of a message that another one answers.
  func quote(_ id: EntryID, in group: GroupID) -> ReplyInfo {
    let entry = identifier(id.bytes.array)
    guard let at = replica.find(id, in: group), !replica.isVoid(id, at, in: group),
      let index = replica.arrivalIndex(of: at, in: group),
      let author = replica.arrival(group, index)?.device,
      let member = replica.rosterNow().device(author)?.member
    else { return ReplyInfo(entry: entry, member: nil, text: nil) }
    var text: String?
    if let (batch, summary) = try? store.entry(group, at.place, at.seq),
      let header = try? batch.header(summary),
      case .content(.text(_, let bytes, _)) = replica.read(group, header, batch.body(summary))
    {
      text = beginning(of: String(decoding: bytes, as: UTF8.self), ReplyInfo.textBytesMax)
    }
    return ReplyInfo(entry: entry, member: memberRef(member), text: text)
  }

  /// A place in the display, as programs hand it back: group, entry, seq. Not its feed and branch,
  /// which may be named otherwise tomorrow.
  private func cursor(_ group: GroupID, _ entry: Bytes16, _ seq: UInt32) -> HexIdentifier {
    var writer = Writer()
    writer.append(group.bytes.array.prefix(8))
    writer.bytes16(entry)
    writer.u32(seq)
    return identifier(writer.bytes)
  }

  /// The message a cursor stands for.
  func place(of cursor: HexIdentifier) throws(ControlError) -> (group: GroupID, entry: EntryPlace) {
    let bytes = cursor.bytes
    guard bytes.count == 28,
      let group = replica.groupIDs.first(where: {
        Array($0.bytes.array.prefix(8)) == Array(bytes[..<8])
      }),
      let entry = replica.find(Bytes16(bytes.raw, 8), at: load32(bytes.raw, 24), in: group)
    else { throw unknownCursor() }
    return (group, entry)
  }

  func read(_ call: ReadCall) throws(ControlError) -> ReadCall.Answer {
    let limit = call.limit ?? ReadCall.limitDefault
    guard (1...ReadCall.limitMax).contains(limit) else {
      throw ControlError(
        .invalidParameters, "\"limit\" is a number from 1 to \(ReadCall.limitMax)", hint: nil)
    }
    var followed = Followed.all
    if let text = call.group { followed = try self.followed(text) }
    var before = try call.before.map { (cursor) throws(ControlError) -> ReadingPlace in
      let (group, entry) = try place(of: cursor)
      guard let place = replica.readingPlace(entry, in: group) else { throw unknownCursor() }
      return place
    }
    let end = before?.effective
    var messages: [MessageInfo] = []
    var (hasMore, size, pages) = (true, limit, 0)
    var (recent, goesOn) = (StoreView.Recent(), HexIdentifier?.none)
    // Of a page some may be shown to nobody, or all: whoever asks cannot tell that from the end.
    while hasMore, messages.count < limit, pages < Limits.readPagesMax {
      pages += 1
      let page = page(of: followed, limit: size, before: before, call)
      let all = page.messages.compactMap { (place, group) in
        message(group, place, &recent).map { (message: $0, group: group, place: place) }
      }
      let shown = all.suffix(limit - messages.count)
      // Who turns back to old ones does not follow them.
      if call.before == nil { for one in shown { told(one.message, one.group, one.place) } }
      messages = shown.map(\.message) + messages
      hasMore = page.hasMore || all.count > shown.count
      size = ReadCall.limitMax
      guard let first = page.messages.first else { break }
      let at = EntryPlace(place: first.place.place, seq: first.place.seq)
      guard let place = replica.readingPlace(at, in: first.group) else { break }
      before = place
      goesOn = replica.prefix(of: at, in: first.group).map { cursor(first.group, $0, at.seq) }
    }
    var unread: [UnreadInfo]?
    if call.before == nil { unread = unreadGroups { follows(followed, $0) } }
    // Where there are older ones what happened before the first belongs to their page.
    let first = messages.first.map { UInt64(clamping: ($0.stands ?? $0.time).ms) }
    return .init(
      fitting: messages, more: hasMore, cursor: stream.cursor(at: stream.count),
      group: group(of: followed).map { groupRef($0) },
      before: hasMore && messages.count < limit ? goesOn : nil, unread: unread,
      news: call.news ?? false ? news(of: followed, call, hasMore ? first : 0, end) : nil,
      ended: endWords(of: followed))
  }

  /// What happened between the messages of a page, nil for nothing: since the first of them, or since
  /// the beginning where there are no older ones.
  private func news(
    of followed: Followed, _ call: ReadCall, _ first: UInt64?, _ end: UInt64?
  ) -> [NewsInfo]? {
    guard let first else { return nil }
    let since = call.sinceMs.map { UInt64(clamping: $0) } ?? 0
    let ends = [end, call.untilMs.map { UInt64(clamping: $0) }].compactMap { $0 }
    let news = pastNews(followed, from: max(first, since), until: ends.min())
    return news.isEmpty ? nil : news
  }

  /// The newest messages of all groups that are followed, in the one order of all (C-8).
  private func page(
    of followed: Followed, limit: Int, before: ReadingPlace?, _ call: ReadCall
  ) -> (messages: [(place: MessagePlace, group: GroupID)], hasMore: Bool) {
    var found: [(place: MessagePlace, group: GroupID)] = []
    var hasMore = false
    for id in groups(of: followed) {
      let page = replica.newest(
        id, limit: limit, before: before,
        since: call.sinceMs.map { UInt64(clamping: $0) },
        until: call.untilMs.map { UInt64(clamping: $0) })
      hasMore = hasMore || page.hasMore
      found.append(contentsOf: page.messages.map { ($0, id) })
    }
    found.sort { a, b in
      a.place.effectiveMilliseconds != b.place.effectiveMilliseconds
        ? a.place.effectiveMilliseconds < b.place.effectiveMilliseconds : a.group < b.group
    }
    return (found.suffix(limit), hasMore || found.count > limit)
  }

  /// The place in the stream after a message or a cursor of this stream.
  func streamPosition(after cursor: HexIdentifier) throws(ControlError) -> Int {
    if let position = stream.position(cursor) { return position }
    let (group, entry) = try place(of: cursor)
    for position in stride(from: stream.count - 1, through: 0, by: -1) {
      let (other, index) = stream[position]
      guard other == group, let message = replica.arrival(group, index) else { continue }
      if message.place == entry.place, message.seq == entry.seq { return position + 1 }
    }
    throw unknownCursor()
  }

  private func unknownCursor() -> ControlError {
    ControlError(
      .cursorUnknown, "the cursor is not from here", hint: "read again and follow from there")
  }

  /// Whether this device's member is in the group, so that its messages are shown.
  func isOwnGroup(_ id: GroupID) -> Bool {
    replica.membershipNow(id)?.grade(of: replica.member) != nil
  }

  /// How far the newest own message has come.
  func latest() -> LatestInfo? {
    let newest = ownGroups().compactMap { id in replica.lastOwn(in: id).map { (id, $0) } }
      .max { $0.1.effectiveMilliseconds < $1.1.effectiveMilliseconds }
    guard let (group, place) = newest,
      let (_, entry) = try? store.entry(group, place.place, place.seq)
    else { return nil }
    let at = EntryPlace(place: place.place, seq: place.seq)
    return LatestInfo(
      entry: identifier(entry.id.bytes.array), group: groupRef(group),
      time: ClaimedTime(ms: Int64(clamping: entry.wallMilliseconds)),
      state: replica.isVoid(entry.id, at, in: group)
        ? .nobody
        : delivery(group, at, under: epoch(of: at, in: group)))
  }
}

extension DeliveryInfo {
  /// Of a message beyond a cut: it is here and goes nowhere.
  static let nobody = DeliveryInfo(word: .nobody, devices: 1, of: 1)
}

/// As many whole characters of a text as fit into so many bytes; of a character that is longer, its
/// first scalars.
func beginning(of text: String, _ bytesMax: Int) -> String {
  guard text.utf8.count > bytesMax else { return text }
  var kept = String.UnicodeScalarView()
  var size = 0
  for scalar in text.unicodeScalars {
    size += String(scalar).utf8.count
    guard size <= bytesMax else { break }
    kept.append(scalar)
  }
  return String(kept)
}
