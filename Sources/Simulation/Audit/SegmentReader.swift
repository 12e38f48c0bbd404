import Control
import Platform

/// Reads a segment by the tables of Protocol/B-store alone, from where it ended the last time.
struct SegmentReader {
  /// One batch as it lies on the disk.
  struct Record {
    let isOwn: Bool
    let feed: Short
    let first: Int
    let last: Long
    let signature: ArraySlice<UInt8>
    let entries: [(header: ArraySlice<UInt8>, body: ArraySlice<UInt8>?)]
  }

  private var at = 0
  private var mark = 0
  /// The register of a checksum after the segment's place (S-6).
  private var place: UInt32 = 0
  private(set) var group = Long.zero
  /// Whether what cannot be read is passed over, as recovery does where a disk rotted.
  let seeksOn: Bool
  /// What was passed over. Where that was no rot but the end of a flush that failed, it is written again
  /// by a later start, and whole from then on (S-16).
  private var holes: [Range<Int>] = []
  /// The group and the number by which the file is called, where its head is not believed.
  private let name: (group: Long, number: Int)?

  /// One that passes over what rotted goes by the name of the file: the head may have rotted too.
  init(passingOverRotIn file: DiskPath) {
    seeksOn = true
    let parts = file.names.suffix(2).map(\.text)
    name = HexIdentifier(text: parts[0]).flatMap { Long($0.bytes) }.flatMap { group in
      Int(parts[1].prefix(8)).map { (group, $0) }
    }
  }

  init() { (seeksOn, name) = (false, nil) }

  /// What is new and whole.
  mutating func read(_ bytes: [UInt8]) -> [Record] {
    if at == 0, !begin(bytes) { return [] }
    var records: [Record] = []
    while true {
      if let record = record(bytes) {
        records.append(record)
      } else if !seeksOn || !seek(bytes) {
        return records
      }
    }
  }

  /// Whether a record begins by now in what was passed over: a start cut off there what a power cut left, and
  /// what was read behind it may be written over, or gone.
  func isWrittenIntoHoles(_ bytes: [UInt8]) -> Bool {
    var reader = self
    return holes.contains { hole in
      hole.contains { place in
        reader.at = place
        return begins(at: place, bytes) && reader.record(bytes) != nil
      }
    }
  }

  private mutating func begin(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 128 else { return false }
    var head = Cursor(bytes[..<128])
    guard head.number(4) == 0x5a52_5331 || name != nil else { return false }
    _ = head.number(4)
    let known = (group: head.long(), number: head.int(4))
    group = name?.group ?? known.group
    let number = name?.number ?? known.number
    place = Sums.crc(Sums.crc(~0, group.bytes[...]), number: number, bytes: 4)
    _ = (head.number(4), head.number(8), head.number(4))
    let stated = head.int(4)
    at = 128
    if name != nil, bytes.count >= 132 {
      var first = Cursor(bytes[128..<132])
      mark = first.int(4)
      if hasHead(bytes, at: at) { return true }
    }
    mark = stated
    return true
  }

  /// Looks behind a damage for the next record whose checksum fits.
  private mutating func seek(_ bytes: [UInt8]) -> Bool {
    let from = at
    at += 1
    while at + 160 <= bytes.count {
      if begins(at: at, bytes) {
        holes.append(from..<at)
        return true
      }
      at += 1
    }
    at = from
    return false
  }

  private func begins(at place: Int, _ bytes: [UInt8]) -> Bool {
    place < bytes.count && bytes[place] == UInt8(truncatingIfNeeded: mark >> 24)
      && hasHead(bytes, at: place)
  }

  private func hasHead(_ bytes: [UInt8], at place: Int) -> Bool {
    guard place + 160 <= bytes.count else { return false }
    var cursor = Cursor(bytes[place..<place + 160])
    guard cursor.int(4) == mark else { return false }
    cursor = Cursor(bytes[place + 156..<place + 160])
    return cursor.number(4) == UInt64(sum(place, bytes[place..<place + 156]))
  }

  /// The checksum of what stands at a place.
  private func sum(_ offset: Int, _ first: ArraySlice<UInt8>, _ second: ArraySlice<UInt8> = [])
    -> UInt32
  {
    ~Sums.crc(Sums.crc(Sums.crc(place, number: offset, bytes: 8), first), second)
  }

  private mutating func record(_ bytes: [UInt8]) -> Record? {
    guard hasHead(bytes, at: at) else { return nil }
    var head = Cursor(bytes[at..<at + 160])
    _ = head.number(4)
    let size = head.int(4)
    let count = head.int(2)
    let isOwn = head.int(1) & 1 == 1
    _ = head.number(1)
    let first = head.int(4)
    let feed = head.short()
    _ = (head.short(), head.number(8))
    let signature = head.take(64)
    let last = head.long()
    guard size >= 160, at + size <= bytes.count else { return nil }
    var cursor = Cursor(bytes[at + 160..<at + size])
    var entries: [(header: ArraySlice<UInt8>, body: ArraySlice<UInt8>?)] = []
    for _ in 0..<count {
      let prefixAt = cursor.at
      let prefix = cursor.take(16)
      var fields = Cursor(prefix)
      let headerSize = fields.int(2)
      let isErased = fields.int(1) == 1
      _ = fields.int(1)
      let bodySize = fields.int(4)
      let (headerSum, bodySum) = (fields.number(4), fields.number(4))
      let (header, body) = (cursor.take(headerSize), cursor.take(bodySize))
      guard !cursor.isPastEnd else { return nil }
      let fixed = Array(prefix.prefix(2)) + [0] + Array(prefix.dropFirst(3).prefix(5))
      guard headerSum == UInt64(sum(prefixAt, fixed[...], header)) else { return nil }
      if bodySum == UInt64(sum(prefixAt, body)) {
        entries.append((header, body))
      } else if isErased {
        entries.append((header, nil))
      } else if seeksOn, (try? PlainEntry(header: header, body: body)) != nil {
        // The checksum itself rotted: the body is what its hash says (S-8).
        entries.append((header, body))
      } else {
        return nil
      }
    }
    guard cursor.isAtEnd else { return nil }
    at += size
    return Record(
      isOwn: isOwn, feed: feed, first: first, last: last, signature: signature, entries: entries)
  }
}
