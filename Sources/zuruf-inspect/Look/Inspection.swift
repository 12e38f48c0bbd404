import Format
import Replication
import Storage
import Terminal

/// A data directory read once and replayed: what the commands about one thing begin with.
struct Inspection {
  let look: Look
  let office: GroupID?
  let replay: Replay?
  let view: StoreView
  let report: RecoveryReport
  /// The epochs of each group, in stored order.
  private(set) var epochs: [GroupID: [Epoch]] = [:]

  /// Where a record group came from, by its place.
  private(set) var origins: [RecordName: Origin] = [:]

  /// A record group by its place.
  struct RecordName: Hashable {
    let group: GroupID
    let record: RecordPlace
  }

  /// What only the head of a record group tells.
  struct Origin {
    let isOwn: Bool
    let arrival: UInt64
  }

  /// An epoch entry as it lies there.
  struct Epoch {
    let id: EpochID
    let place: FeedPlace
    let seq: UInt32
    let recipients: Int
  }

  /// An entry by its place.
  struct EntryName: Hashable {
    let group: GroupID
    let place: FeedPlace
    let seq: UInt32
  }

  init(_ session: Session) throws(Failure) {
    let look = try Look(try session.home(), session.world)
    let office = try look.findOffice()
    let replay = office.map { Replay(office: $0, secrets: nil) }
    var epochs: [GroupID: [Epoch]] = [:]
    var origins: [RecordName: Origin] = [:]
    (view, report) = try look.open(first: office.map { [$0] } ?? []) {
      batch, place, isOwn, arrival in
      let batch = batch.alone(place)
      origins[RecordName(group: batch.group, record: place)] = Origin(
        isOwn: isOwn, arrival: arrival)
      for entry in batch.entries where entry.kind == EntryKind.epoch.rawValue {
        guard let header = try? batch.header(entry) else { continue }
        let body = batch.body(entry).flatMap { try? EpochBody(decoding: $0) }
        epochs[batch.group, default: []].append(
          Epoch(
            id: header.epoch, place: FeedPlace(feed: batch.feed, branch: batch.branch),
            seq: entry.seq, recipients: body?.copies.count ?? 0))
      }
      replay?.take(batch, arrival: arrival)
    }
    replay?.finish(view)
    (self.look, self.office, self.replay) = (look, office, replay)
    (self.epochs, self.origins) = (epochs, origins)
    if let fault = look.membershipFault { session.note(escaped(fault.description, .shown)) }
  }

  /// The group that is meant by what somebody typed.
  func group(_ text: String) throws(Failure) -> GroupID {
    try look.group(text, among: view, office: office)
  }

  /// The feeds and branches whose identifier begins like this: one feed, in one group.
  func feed(_ beginning: String) throws(Failure) -> (group: GroupID, places: [FeedPlace]) {
    let all = view.groups.flatMap { group in
      (view.index(group)?.places ?? []).map { (group, $0) }
    }
    let feed = try find(beginning, among: Set(all.map(\.1.feed)).sorted(), "feed")
    let found = all.filter { $0.1.feed == feed }
    return (found[0].0, found.map(\.1))
  }

  /// The entry of this name: the beginning of its ID, or `FEED:SEQ`.
  func entry(_ name: String) throws(Failure) -> EntryName {
    let parts = name.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count == 2, let seq = UInt32(parts[1]) {
      let (group, places) = try feed(String(parts[0]))
      let found = places.filter { view.index(group)?[$0]?.contains(seq) ?? false }
      guard let place = found.first else {
        throw .noSuchName("feed \(quoted(String(parts[0]))) has no entry \(seq) here", hints: [])
      }
      guard found.count == 1 else {
        let ids = found.compactMap { view.index(group)?[$0]?.prefix(seq) }
        throw .noSuchName(
          "feed \(quoted(String(parts[0]))) is forked and has \(found.count) entries \(seq)",
          hints: ids.map { "it may be \(hex($0.array).prefix(16))" })
      }
      return EntryName(group: group, place: place, seq: seq)
    }
    let wanted = String(name.lowercased().prefix(32))
    guard !wanted.isEmpty, wanted.utf8.allSatisfy({ isHexadecimal($0) }) else {
      throw .usage(
        UsageMistake(
          "\(quoted(name)) names no entry", hints: ["write the beginning of an ID, or FEED:SEQ"]))
    }
    let found = entries(wanted)
    if let only = found.first, found.count == 1 { return only }
    throw .noSuchName(
      found.isEmpty
        ? "there is no entry \(quoted(name)) here" : "several entries begin with \(quoted(name))",
      hints: found.prefix(5).map { "it may be \(short($0.place.feed)):\($0.seq)" })
  }

  private func entries(_ beginning: String) -> [EntryName] {
    var found: [EntryName] = []
    for group in view.groups {
      guard let index = view.index(group) else { continue }
      for place in index.places {
        guard let chain = index[place] else { continue }
        for seq in chain.start..<chain.next {
          guard let prefix = chain.prefix(seq), hex(prefix.array).hasPrefix(beginning) else {
            continue
          }
          found.append(EntryName(group: group, place: place, seq: seq))
        }
      }
    }
    return found
  }

  /// Reads an entry with its record group.
  func read(_ name: EntryName) throws(Failure) -> (batch: Batch, entry: EntrySummary) {
    do throws(StorageError) {
      let (batch, entry) = try view.entry(name.group, name.place, name.seq)
      return (batch, entry)
    } catch {
      throw .fault(error)
    }
  }

  /// How far a feed came.
  func standing(_ group: GroupID, _ place: FeedPlace) -> FeedStanding? {
    replay?.replica.standings(of: group).first { $0.place == place }
  }
}

/// Whether a byte is a lower-case hexadecimal digit.
func isHexadecimal(_ unit: UInt8) -> Bool {
  (0x30...0x39).contains(unit) || (0x61...0x66).contains(unit)
}
