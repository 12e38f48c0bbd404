import Authority
import Control
import Format
import Replication
import Storage

/// What the notices of one group say, each read from the disk once: its titles, and what people
/// show to messages.
struct NoticeIndex {
  struct Title {
    /// The notice's number in the group.
    let number: Int
    let at: TitlePlace
    let title: GroupTitle
  }

  struct Reaction {
    let number: Int
    let entry: EntryID
    let lamport: UInt32
    let device: DeviceKey
    /// Nil where it takes back what was shown before.
    let sign: Name?
  }

  /// One that cannot be read here, for want of a key or because it was erased.
  struct Closed {
    let number: Int
    let lamport: UInt32
    let isErased: Bool
  }

  /// So many of the first notices were looked at.
  var count = 0
  /// Those of them that cannot be read, by the beginning of their entry's ID.
  var closed: [Bytes16: Closed] = [:]
  var titles: [Title] = []
  /// By the message that they are shown to, in the order in which they came.
  var reactions: [EntryID: [Reaction]] = [:]
  /// Messages whose reactions changed since that was last asked.
  var changed: Set<EntryID> = []

  fileprivate mutating func close(_ entry: EntrySummary, _ number: Int, isErased: Bool = false) {
    closed[entry.id.prefix] = Closed(number: number, lamport: entry.lamport, isErased: isErased)
  }
}

extension OfficeNode {
  /// Of one device's reactions to one message so many that nobody gets are passed over.
  private static let voidMax = 64

  /// Takes in the notices of a group that came since, and those that a new key opens.
  func readNotices(_ id: GroupID) {
    var index = notices[id] ?? NoticeIndex()
    let count = replica.noticeCount(of: id)
    guard index.count < count || !index.closed.isEmpty else {
      // Whoever looked and found none is told of the first.
      notices[id] = index
      return
    }
    let waiting = isKeyNew.remove(id) == nil ? [:] : index.closed.filter { !$0.value.isErased }
    let numbers = waiting.values.map(\.number).sorted() + Array(index.count..<count)
    guard !numbers.isEmpty else { return }
    for prefix in waiting.keys { index.closed[prefix] = nil }
    for number in numbers { read(number, of: id, into: &index) }
    // What was there before anybody looked changed for nobody.
    if notices[id] == nil { index.changed = [] }
    index.count = count
    notices[id] = index
  }

  private func read(_ number: Int, of id: GroupID, into index: inout NoticeIndex) {
    guard let notice = replica.notice(number, of: id),
      let (batch, entry) = try? store.entry(id, notice.place, notice.seq),
      let header = try? batch.header(entry)
    else { return }
    switch replica.read(id, header, batch.body(entry)) {
    case .content(.title(_, let title, let purpose, let again)):
      let text = String(decoding: purpose, as: UTF8.self)
      index.titles.append(
        .init(
          number: number,
          at: TitlePlace(lamport: entry.lamport, entry: entry.id, notice: notice),
          title: GroupTitle(title: title, purpose: text, first: again ?? entry.id)))
    case .content(.reaction(_, let target, let sign)):
      index.reactions[target, default: []].append(
        .init(
          number: number, entry: entry.id, lamport: entry.lamport, device: notice.device,
          sign: sign))
      index.changed.insert(target)
    case .waitingForKey: index.close(entry, number)
    case .erased: index.close(entry, number, isErased: true)
    case .content, .unreadable: break
    }
  }

  /// Whether a notice lies beyond a cut.
  func isVoid(_ number: Int, _ entry: EntryID, in id: GroupID) -> Bool {
    guard let notice = replica.notice(number, of: id) else { return true }
    return replica.isVoid(entry, EntryPlace(place: notice.place, seq: notice.seq), in: id)
  }

  // MARK: Reactions

  /// What is shown to a message, in the order in which it was first shown (E-22).
  func reactions(to target: EntryID, in id: GroupID) -> [ReactionInfo] {
    readNotices(id)
    guard let all = notices[id]?.reactions[target] else { return [] }
    var shown: [(sign: Name, lamport: UInt32, members: [MemberID])] = []
    for (member, reaction) in standing(all, in: id) {
      guard let sign = reaction.sign else { continue }
      if let at = shown.firstIndex(where: { $0.sign == sign }) {
        shown[at].members.append(member)
        shown[at].lamport = min(shown[at].lamport, reaction.lamport)
      } else {
        shown.append((sign, reaction.lamport, [member]))
      }
    }
    shown.sort { ($0.lamport, $0.sign.text) < ($1.lamport, $1.sign.text) }
    return shown.prefix(ReactionInfo.countMax).map { one in
      let members = one.members.map { memberRef($0) }.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
      let further = members.count - ReactionInfo.membersMax
      return ReactionInfo(
        text: one.sign.text, members: Array(members.prefix(ReactionInfo.membersMax)),
        further: further > 0 ? further : nil, own: one.members.contains(replica.member))
    }
  }

  /// Each member's last reaction that counts.
  private func standing(
    _ all: [NoticeIndex.Reaction], in id: GroupID
  ) -> [(MemberID, NoticeIndex.Reaction)] {
    let roster = replica.rosterNow()
    var last: [MemberID: NoticeIndex.Reaction] = [:]
    for (device, list) in Dictionary(grouping: all, by: \.device) {
      guard let member = roster.device(device)?.member else { continue }
      let sorted = list.sorted { ($0.lamport, $0.entry) < ($1.lamport, $1.entry) }
      guard
        let counts = sorted.suffix(Self.voidMax).last(where: {
          !isVoid($0.number, $0.entry, in: id)
        })
      else { continue }
      if let known = last[member], (known.lamport, known.entry) > (counts.lamport, counts.entry) {
        continue
      }
      last[member] = counts
    }
    return last.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// What followers are to be told of the reactions in a group that changed.
  ///
  /// Where a key opens more of them than a follower can take, none is: who reads is shown all.
  func freshReactions(in id: GroupID, isTold: Bool) -> [ControlEvent] {
    readNotices(id)
    guard let changed = notices[id]?.changed, !changed.isEmpty else { return [] }
    notices[id]?.changed = []
    guard isTold, changed.count <= EventQueue.capacity / 8 else { return [] }
    return changed.sorted().map { target in
      .reaction(
        ReactionEvent(
          entry: identifier(target.bytes.array), group: groupRef(id),
          reactions: reactions(to: target, in: id), to: quote(target, in: id)))
    }
  }

  /// Shows something to a message, or takes it back.
  func react(_ call: ReactCall, _ answer: @escaping Answer) {
    do throws(ControlError) {
      let sign = try sign(call)
      let (group, target) = try messageCalled(call.entry)
      let own = reactions(to: target, in: group).first { $0.own }?.text
      func reply(unchanged: Bool? = nil) {
        answer(
          .success(
            .react(
              .init(
                entry: identifier(target.bytes.array), reactions: reactions(to: target, in: group),
                unchanged: unchanged))
          ))
      }
      guard own != sign?.text else { return reply(unchanged: true) }
      write(group, [.message(.reaction(request(), to: target, sign: sign))]) { result in
        if case .failure(let error) = result { return answer(.failure(error)) }
        reply()
      }
    } catch {
      answer(.failure(error))
    }
  }

  private func sign(_ call: ReactCall) throws(ControlError) -> Name? {
    guard !(call.remove ?? false) else { return nil }
    let sign = try name(call.text ?? "", "a reaction")
    guard sign.bytes.count <= Limits.reactionBytesMax else {
      throw ControlError(
        .textTooLong, "a reaction has \(Limits.reactionBytesMax) bytes at most",
        hint: "show one emoji, or answer the message")
    }
    return sign
  }
}
