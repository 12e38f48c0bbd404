import Authority
import Format
import Platform
import Storage

/// What a data directory remembers beside its logs of how far its own feeds once reached, and of which
/// others something was stored here.
///
/// Read before the logs: beside a running node it is then never ahead of them.
struct Witnesses {
  private let delivered: [DeliveredFile.Item]
  /// By the name of the directory they lie in, the beginning of the device's key.
  private let locks: [String: HeadLock]

  /// More nodes than this keep no state in one directory.
  private static let locksMax = 256

  /// Reads `delivered` of the data directory and the head locks of the first state directory that
  /// has any.
  init(_ look: Look, states: [String]) throws(Failure) {
    do throws(DiskError) {
      delivered =
        try look.disk.status(at: DeliveredFile.path) == nil
        ? []
        : DeliveredFile.items(
          try look.disk.readWhole(DeliveredFile.path, limit: DeliveredFile.sizeMax))
      for path in states {
        guard let disk = try? look.openDisk(path) else { continue }
        let locks = try Self.locks(disk)
        guard locks.isEmpty else {
          self.locks = locks
          return
        }
      }
      locks = [:]
    } catch {
      throw .fault(.disk(error))
    }
  }

  private static func locks(
    _ state: any ReadableDisk
  ) throws(DiskError) -> [String: HeadLock] {
    var locks: [String: HeadLock] = [:]
    for entry in try state.list(.root).filter({ $0.kind == .directory }).prefix(locksMax) {
      let directory = DiskPath.root.appending(entry.name)
      guard let lock = try HeadLockFiles.newest(state, in: directory) else { continue }
      locks[entry.name.text] = lock
    }
    return locks
  }

  /// What the logs lack of the own feeds of this device. `damaged`: groups in which a damage that
  /// was found says already why something is missing.
  func findings(
    own device: DeviceKey?, feeds: Set<FeedPlace>, _ view: StoreView, damaged: Set<GroupID>
  ) -> [Finding] {
    var findings: [Finding] = []
    var told: Set<FeedID> = []
    var reached: [FeedPlace: (group: GroupID, seq: UInt32)] = [:]
    for item in delivered where feeds.contains(item.place) {
      if let known = reached[item.place], known.seq >= item.seq { continue }
      reached[item.place] = (item.group, item.seq)
    }
    if let lock = device.flatMap({ locks[short($0)] }) {
      for head in lock.heads where !damaged.contains(head.group) {
        let place = FeedPlace(feed: head.feed)
        switch view.presence(of: head) {
        case .held: continue
        case .missing:
          findings.append(
            lacking(upTo: head.seq, head.group, place, view, "the head lock knows", "S-18"))
        case .other:
          findings.append(
            Finding(
              group: head.group, place: place, seq: head.seq, rule: "S-18",
              text: "the head lock knows another entry of this device's own feed here"))
        }
        reached[place] = nil
        told.insert(head.feed)
      }
    } else {
      findings.append(
        Finding(
          weight: .note, rule: "S-18",
          text: "no head lock of this device was found, so what was cut off its own feeds shows "
            + "only where others were known to hold it; name the state directory with --state"))
    }
    for (place, end) in reached.sorted(by: { $0.key < $1.key })
    where !damaged.contains(end.group) && end.seq >= view.next(end.group, place) {
      findings.append(
        lacking(upTo: end.seq, end.group, place, view, "others were known to hold", "R-9"))
    }
    return findings + gone(view, damaged: damaged, told: told.union(reached.keys.map(\.feed)))
  }

  /// What was known of feeds of which nothing is here any more, whoever wrote them: only of what is
  /// stored is it remembered who else holds it.
  private func gone(
    _ view: StoreView, damaged: Set<GroupID>, told: Set<FeedID>
  ) -> [Finding] {
    var feeds: [GroupID: [FeedPlace: UInt32]] = [:]
    for item in delivered where !damaged.contains(item.group) && !told.contains(item.place.feed) {
      guard view.next(item.group, item.place) == 0 else { continue }
      let known = feeds[item.group]?[item.place] ?? 0
      feeds[item.group, default: [:]][item.place] = max(known, item.seq)
    }
    return feeds.sorted { $0.key < $1.key }.map { group, feeds in
      guard feeds.count == 1, let feed = feeds.first else {
        return Finding(
          group: group, rule: "R-9",
          text: "\(feeds.count) feeds of which others were known to hold entries that were stored "
            + "here can be read nowhere")
      }
      return Finding(
        group: group, place: feed.key, seq: 0, rule: "R-9",
        text: "\(entries(0, feed.value)) of a feed that was stored here, which others were known "
          + "to hold, can be read nowhere")
    }
  }

  private func lacking(
    upTo seq: UInt32, _ group: GroupID, _ place: FeedPlace, _ view: StoreView, _ witness: String,
    _ rule: String
  ) -> Finding {
    let next = view.next(group, place)
    return Finding(
      group: group, place: place, seq: next, rule: rule,
      text: "\(entries(next, seq)) of this device's own feed, which \(witness), can be read nowhere"
    )
  }
}

extension StoreView {
  /// The first entry of a feed that is not held.
  fileprivate func next(_ group: GroupID, _ place: FeedPlace) -> UInt32 {
    guard let index = index(group) else { return 0 }
    // Of a forked feed the branch that reaches furthest counts.
    return index.places.filter { $0.feed == place.feed }.compactMap { index[$0]?.next }.max() ?? 0
  }
}
