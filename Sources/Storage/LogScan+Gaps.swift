import Format
import Platform

/// What missing entries keep out of a log, and what is taken up once they are there (S-15).
extension LogScan {
  /// Takes up what a gap kept out when it was read, where what was missing was stored anew behind it:
  /// entries that rotted and came back from others are followed by those that stood behind them.
  mutating func takeUp(_ visit: (Event) -> Void) throws(StorageError) {
    var kept: [Damage] = []
    var held: [FeedPlace: [(damage: Damage, lost: LostEntries)]] = [:]
    for damage in report.damages {
      guard case .gap = damage.kind, let lost = damage.lost, index[lost.place] != nil else {
        kept.append(damage)
        continue
      }
      held[lost.place, default: []].append((damage, lost))
    }
    guard !held.isEmpty else { return }
    for damages in held.sorted(by: { $0.key < $1.key }).map(\.value) {
      // Whatever lies where, each continues what the one before it brought.
      for (damage, lost) in damages.sorted(by: { $0.lost.first < $1.lost.first }) {
        if let left = try takenUp(damage, lost, visit) { kept.append(left) }
      }
    }
    kept.sort { ($0.segment, $0.offset) < ($1.segment, $1.offset) }
    report.damages = kept
  }

  /// What is left of a damage when its record group is tried again; nil where it is none any more.
  private mutating func takenUp(
    _ damage: Damage, _ lost: LostEntries, _ visit: (Event) -> Void
  ) throws(StorageError) -> Damage? {
    guard let chain = index[lost.place], lost.first <= chain.next || chain.isParted else {
      return damage
    }
    let place = RecordPlace(
      segment: damage.segment, offset: UInt32(clamping: damage.offset),
      length: UInt32(clamping: damage.length))
    let read: (batch: Batch, stamp: GroupStamp)?
    do throws(DiskError) {
      read = try again(place)
    } catch {
      guard error.reason == .broken else { throw .disk(error) }
      return damage.being(.unreadable(error.description))
    }
    guard let (found, stamp) = read else { return damage }
    var batch = found
    batch.branch = index.branch(of: batch)
    // What came anew of it counts; but that may be another branch than this.
    switch index.take(batch, prev: batch.prev, at: place, isOlder: true) {
    case .next: break
    case .again: return nil
    case .gap: return damage
    case .conflict: return damage.being(.conflict)
    }
    report.entries += batch.entries.count
    visit(
      .found(Found(batch: batch, place: place, isOwn: stamp.isOwn, arrival: stamp.arrival)))
    visit(.retired(batch.records))
    return nil
  }

  /// A record group that was whole a moment ago, read once more; nil where it is not.
  private func again(
    _ place: RecordPlace
  ) throws(DiskError) -> (batch: Batch, stamp: GroupStamp)? {
    let bytes = try bytes(of: place)
    let (offset, seed) = (UInt64(place.offset), PlaceSeed(group: group, segment: place.segment))
    guard
      // The place is known, so the mark need not be: the checksum covers it.
      let head = GroupHead(
        bytes.raw, 0, mark: load32(bytes.raw, 0), seed: seed, offset: offset),
      head.length == place.length,
      let batch = try? checkedBatch(
        bytes, head, group: group, seed: seed, start: 0, offset: offset
      ).batch
    else { return nil }
    return (batch, GroupStamp(head))
  }

  /// Zeros, which no checksum passes, where there is nothing.
  private func bytes(of place: RecordPlace) throws(DiskError) -> [UInt8] {
    let file = try disk.open(StorePaths.segment(group, place.segment))
    var bytes = [UInt8](repeating: 0, count: Int(place.length))
    let count = bytes.count
    var span = bytes.mutableSpan
    _ = try disk.read(file, at: UInt64(place.offset), into: &span, range: 0..<count)
    return bytes
  }

  /// Makes one damage of all record groups of a feed that the same missing entries keep out, so
  /// that one damage is not drowned by what it costs.
  mutating func foldGaps() {
    struct Missing: Hashable {
      let place: FeedPlace
      let expected: UInt32
    }
    var folded: [Damage] = []
    var first: [Missing: Int] = [:]
    for damage in report.damages {
      guard case .gap(let expected, _) = damage.kind, let lost = damage.lost else {
        folded.append(damage)
        continue
      }
      let missing = Missing(place: lost.place, expected: expected)
      if let at = first[missing] {
        folded[at] = folded[at].reaching(lost.last)
      } else {
        first[missing] = folded.count
        folded.append(damage)
      }
    }
    report.damages = folded
  }
}
