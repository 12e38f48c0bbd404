import Authority
import Control
import Format
import Replication

/// How far people have seen the groups of this node; kept here alone, and told to nobody.
struct SeenMarks {
  /// So many messages of a group, in the order of arrival, were seen.
  fileprivate var counts: [GroupID: Int] = [:]
  /// Of the messages up to an arrival, how many are there to be seen and were not.
  fileprivate var known: [GroupID: (arrivals: Int, unread: Int)] = [:]

  /// Forgets what was counted, of one group or of all: a removal may have made messages void.
  mutating func recount(_ group: GroupID? = nil) {
    if let group { known[group] = nil } else { known = [:] }
  }

  /// Whether something is to be written down.
  fileprivate var isChanged = false

  /// One line of the file: the last message that was seen in a group.
  static let lineSize = 32 + 16 + 4
  /// As many groups as a node holds.
  static let bytesMax = lineSize * Limits.groupsMax
}

extension OfficeNode {
  /// How many messages of others that can be read here nobody has seen here.
  func unread(_ id: GroupID) -> Int {
    let count = replica.arrivalCount(id)
    var (from, unread) = seenMarks.known[id] ?? (seenMarks.counts[id] ?? 0, 0)
    if from < count {
      unread += replica.unseenCount(id, from: from, by: replica.member)
      from = count
    }
    seenMarks.known[id] = (from, unread)
    return unread
  }

  /// Notes that a group was seen: from one message to another as they stand in the display, up to one,
  /// or all that is here.
  func see(_ call: GroupSeenCall) throws(ControlError) -> GroupSeenCall.Answer {
    let followed = try followed(call.group)
    if call.cursor == nil, call.from != nil {
      throw ControlError(
        .invalidParameters,
        "group.seen: \"from\" says where it begins and \"cursor\" where it ends", hint: nil)
    }
    let last = try call.cursor.map { (cursor) throws(ControlError) in try place(of: cursor) }
    let first = try call.from.map { (cursor) throws(ControlError) in try place(of: cursor) }
    let ids = groups(of: followed)
    let isOfThese = [last?.group, first?.group].allSatisfy { $0.map(ids.contains) ?? true }
    for id in ids where isOfThese {
      if let last {
        _ = see(id, from: first, to: last)
      } else {
        _ = see(id, upTo: replica.arrivalCount(id))
      }
    }
    return .init(unread: ids.reduce(0) { $0 + unread($1) })
  }

  /// Notes that a person was shown all from a message to another one, as they stand in the display;
  /// whether more was seen than before. What came before them and was not shown stays to be seen, and
  /// so does all that came after it. The two may stand in other groups of the same conversation.
  func see(
    _ id: GroupID, from first: (group: GroupID, entry: EntryPlace)?,
    to last: (group: GroupID, entry: EntryPlace)
  ) -> Bool {
    guard let end = replica.readingPlace(last.entry, in: last.group) else { return false }
    let start = first.flatMap { replica.readingPlace($0.entry, in: $0.group) }
    return see(
      id,
      upTo: replica.firstUnseen(
        id, from: seenMarks.counts[id] ?? 0, by: replica.member, shown: start, upTo: end))
  }

  /// Notes that so many messages of a group were seen, in the order of arrival; whether that is more
  /// than before.
  private func see(_ id: GroupID, upTo count: Int) -> Bool {
    guard count > seenMarks.counts[id] ?? 0 else { return false }
    seenMarks.counts[id] = count
    seenMarks.known[id] = nil
    seenMarks.isChanged = true
    return true
  }

  /// So many groups are told of at most in one answer.
  private static let unreadGroupsMax = 64

  /// The groups among those asked about of which not all was seen here, by title; nil for none. Each
  /// is called as its messages name it, also where two people have more than one.
  func unreadGroups(_ isAsked: (GroupID) -> Bool) -> [UnreadInfo]? {
    listed(ownGroups().filter(isAsked).flatMap { conversation(of: $0) }.map { [$0] })
  }

  /// The same of all, as lists show them: of two people all their groups are one.
  func unreadConversations() -> [UnreadInfo]? {
    listed(ownGroups().map { conversation(of: $0) })
  }

  /// How much of some groups each was not seen, all under the name of the first one.
  private func listed(_ parts: [[GroupID]]) -> [UnreadInfo]? {
    let found = parts.compactMap { ids -> UnreadInfo? in
      let count = ids.reduce(0) { $0 + (replica.holdsKey(of: $1) ? unread($1) : 0) }
      return count > 0 ? ids.first.map { UnreadInfo(group: groupRef($0), messages: count) } : nil
    }
    return found.isEmpty ? nil : Array(found.prefix(Self.unreadGroupsMax))
  }

  /// Writes the marks down if they changed: the last message seen, by name. What cannot be written is
  /// tried again the next time.
  func keepMarks() {
    guard seenMarks.isChanged, (try? home.writeText(Home.seen, marks)) != nil else { return }
    seenMarks.isChanged = false
  }

  private var marks: [UInt8] {
    var writer = Writer()
    for (id, count) in seenMarks.counts.sorted(by: { $0.key < $1.key }) {
      guard let place = replica.arrival(id, count - 1),
        let prefix = replica.prefix(of: EntryPlace(place: place.place, seq: place.seq), in: id)
      else { continue }
      writer.id(id)
      writer.bytes16(prefix)
      writer.u32(place.seq)
    }
    return writer.bytes
  }

  /// Takes up what an earlier start wrote down; what is not here is as if it was never seen.
  func recallMarks(_ bytes: [UInt8]) {
    var at = 0
    while bytes.count - at >= SeenMarks.lineSize {
      defer { at += SeenMarks.lineSize }
      guard let value = Bytes32(Array(bytes[at..<at + 32])) else { continue }
      let (id, prefix) = (GroupID(value), Bytes16(bytes.raw, at + 32))
      guard let entry = replica.find(prefix, at: load32(bytes.raw, at + 48), in: id),
        let index = replica.arrivalIndex(of: entry, in: id)
      else { continue }
      seenMarks.counts[id] = index + 1
    }
  }

  /// Takes over how far people had seen the groups before they were read anew, as far as what they saw
  /// is still here. It may be written nowhere yet.
  func inheritMarks(of old: OfficeNode) {
    for (id, count) in old.seenMarks.counts.sorted(by: { $0.key < $1.key }) {
      let last = (0..<count).reversed().lazy.compactMap { [self] index -> Int? in
        guard let place = old.replica.arrival(id, index) else { return nil }
        let entry = EntryPlace(place: place.place, seq: place.seq)
        guard let prefix = old.replica.prefix(of: entry, in: id),
          let found = replica.find(prefix, at: place.seq, in: id)
        else { return nil }
        return replica.arrivalIndex(of: found, in: id)
      }.first
      if let last, last + 1 > seenMarks.counts[id] ?? 0 { seenMarks.counts[id] = last + 1 }
    }
    seenMarks.isChanged = seenMarks.isChanged || old.seenMarks.isChanged
  }
}
