import Format
import Platform

/// What the head of a segment says, or what can be known without it.
extension LogScan {
  /// Judges the head of a segment. A head comes back where its record groups are to be read.
  func examine(
    _ first: [UInt8], _ number: UInt32, isVouched: Bool, isLast: Bool
  ) -> (SegmentCase, SegmentFault?, SegmentHead?) {
    var head: SegmentHead?
    var fault: SegmentFault?
    let kind: SegmentCase.Head
    var linked = SegmentCase.Link.unknown
    switch SegmentHead.find(Array(first.prefix(SegmentHead.size))) {
    case .tooNew: kind = .tooNew
    case .blank: kind = .blank
    case .bad: kind = .bad
    case .head(let found) where found.group != group:
      (kind, fault) = (.foreign, .foreign(found.group))
    case .head(let found) where found.number != number:
      (kind, fault) = (.misnamed, .misnamed(found.number))
    case .head(let found):
      (kind, head) = (.good, found)
      let isUnlinked = found.previousEnd == 0 && number > 1
      if let link, !isUnlinked {
        let fits = link.end == found.previousEnd && link.checksum == found.previousChecksum
        linked = fits ? .fits : .differs
      }
    }
    let rescue = kind == .bad || kind == .blank ? headless(first, number) : nil
    let finding = SegmentCase(
      kind, linked, isVouched: isVouched, isLast: isLast, isReadable: rescue != nil)
    switch finding {
    case .unlinked: fault = .badLink
    case .headlessEnd: head = rescue
    case .headless: (head, fault) = (rescue, .badHead(isRead: true))
    case .unreadable: fault = .badHead(isRead: false)
    default: break
    }
    return (finding, fault, head)
  }

  /// Whether the head of a segment cannot be read, nor its first record group.
  func isHeadless(_ first: [UInt8], _ number: UInt32) -> Bool {
    switch SegmentHead.find(Array(first.prefix(SegmentHead.size))) {
    case .blank, .bad: headless(first, number) == nil
    case .head, .tooNew: false
    }
  }

  /// Whether any head of a record group in a segment, whatever its mark, says that some of it had
  /// survived a flush. A body can be written so that it says so: then a file is kept, no more.
  static func vouches(
    _ disk: any ReadableDisk, _ file: borrowing DiskFile, _ size: UInt64, _ group: GroupID,
    _ number: UInt32
  ) throws(DiskError) -> Bool {
    let seed = PlaceSeed(group: group, segment: number)
    var buffer = [UInt8](repeating: 0, count: 1 << 19)
    var start = UInt64(SegmentHead.size)
    let size = min(size, UInt64(UInt32.max))
    while start < size {
      var span = buffer.mutableSpan
      let count = try disk.read(file, at: start, into: &span)
      guard count >= GroupHead.size else { return false }
      let bytes = buffer.raw.extracting(0..<count)
      for at in 0...count - GroupHead.size where GroupHead.mayStand(bytes, at) {
        let head = GroupHead(
          bytes, at, mark: load32(bytes, at), seed: seed, offset: start + UInt64(at))
        if let head, head.durable > 0 { return true }
      }
      // The last bytes may begin a head that the next ones hold.
      start += UInt64(count - GroupHead.size + 1)
    }
    return false
  }

  /// A head made up for a segment that lost its own: the mark stands in the first record group,
  /// whose place is known and whose checksum must hold.
  private func headless(_ first: [UInt8], _ number: UInt32) -> SegmentHead? {
    let at = SegmentHead.size
    guard first.count >= at + GroupHead.size else { return nil }
    let mark = load32(first.raw, at)
    let seed = PlaceSeed(group: group, segment: number)
    guard GroupHead(first.raw, at, mark: mark, seed: seed, offset: UInt64(at)) != nil else {
      return nil
    }
    return SegmentHead(
      group: group, number: number, previousEnd: link?.end ?? 0,
      previousChecksum: link?.checksum ?? 0, mark: mark)
  }
}
