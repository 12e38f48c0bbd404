import Authority
import Format
import Replication
import Storage

/// How far each feed of a group was admitted by the replay, and why no further.
struct Standings {
  /// One feed or branch.
  struct Item {
    /// Entries that could not be judged.
    let unjudged: Int
    let finding: Finding?
  }

  private let group: GroupID
  private let own: DeviceKey?
  private let index: LogIndex?
  private let standings: [FeedPlace: FeedStanding]
  private let isFounded: Bool

  /// `own`: the device of this data directory, where it is known.
  init(_ group: GroupID, own: DeviceKey?, _ view: StoreView, _ replay: Replay?) {
    (self.group, self.own) = (group, own)
    index = view.index(group)
    isFounded = view.founding(of: group) != nil
    standings = Dictionary(
      (replay?.replica.standings(of: group) ?? []).map { ($0.place, $0) }
    ) { first, _ in first }
  }

  /// Every feed and branch that the log holds, in order.
  var all: [Item] {
    (index?.places ?? []).compactMap { place in
      index?[place].map { judge(place, count: Int($0.next - $0.start)) }
    }
  }

  private func judge(_ place: FeedPlace, count: Int) -> Item {
    guard let standing = standings[place] else { return unknown(place, count) }
    if let end = standing.ended {
      let found = index?.recordPlace(place, end.seq)
      return Item(
        unjudged: 0,
        finding: Finding(
          group: group, place: place, seq: end.seq, segment: found?.segment,
          offset: found.map { UInt64($0.offset) }, length: found.map { UInt64($0.length) },
          rule: end.rule, text: "it may not stand here: \(end.text); nothing behind it counts"))
    }
    if standing.isBehindEnd { return Item(unjudged: 0, finding: nil) }
    let unjudged = max(0, Int(standing.start) + count - standing.admittedCount)
    guard unjudged > 0 else { return Item(unjudged: 0, finding: nil) }
    let awaited = standing.waitsFor.map { "of feed \(short($0))" } ?? "that cannot be read"
    let isOwn = standing.device == own
    var text = "it and \(unjudged - 1) after it wait for an entry \(awaited)"
    // No node writes before it has admitted all that it cites.
    if isOwn { text += ", which was here when this device wrote it" }
    return Item(
      unjudged: unjudged,
      finding: Finding(
        weight: isOwn ? .wrong : .note, group: group, place: place,
        seq: UInt32(standing.admittedCount), rule: "F-4", text: text))
  }

  /// A feed that the replay did not take in at all; where nothing founds the group that is said
  /// once for all of them.
  private func unknown(_ place: FeedPlace, _ count: Int) -> Item {
    guard isFounded else { return Item(unjudged: count, finding: nil) }
    return Item(
      unjudged: count,
      finding: Finding(
        group: group, place: place, seq: index?[place]?.start,
        text: "nobody can judge this feed"))
  }
}

/// The feeds that the device of a data directory writes.
struct OwnFeeds {
  private let membership: HomeMembership?
  private var found: [(place: FeedPlace, device: DeviceKey)] = []

  init(_ membership: HomeMembership?) { self.membership = membership }

  /// Looks at the genesis of a feed.
  mutating func take(_ facts: GenesisFacts, _ batch: Batch) {
    guard let membership else { return }
    // The founder's first device is certified by the office's genesis, which names no entry.
    let isFounder = facts.certificate.isZero && batch.group == membership.office
    let certificate = isFounder ? EntryID(membership.office.bytes) : facts.certificate
    guard certificate == membership.certificate else { return }
    found.append((FeedPlace(feed: batch.feed), facts.device))
  }

  /// The device that the office certifies so, or else the one that the first genesis names.
  func device(_ replay: Replay?) -> DeviceKey? {
    guard let membership else { return nil }
    return replay?.replica.rosterNow().device(certificate: membership.certificate)?.key
      ?? found.first?.device
  }

  /// Its feeds: anybody can name its certificate in a genesis, but not its key.
  func places(of device: DeviceKey?) -> Set<FeedPlace> {
    Set(found.filter { $0.device == device }.map(\.place))
  }
}
