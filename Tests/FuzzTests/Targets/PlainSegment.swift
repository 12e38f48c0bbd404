import Format

/// Segments by the tables of appendix B, by no code of the product: to find what lies in one, and to
/// write its checksums anew, as somebody could who may write to the disk.
struct PlainSegment {
  static let headSize = 128
  private static let recordHead = 160
  private static let prefixSize = 16

  let bytes: [UInt8]

  private func number(_ at: Int, _ count: Int) -> UInt64 {
    bytes[at..<at + count].reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The register after the segment's place (S-6).
  private static func place(_ group: [UInt8], _ segment: UInt32) -> UInt32 {
    Checksum.crc(Checksum.crc(~0, group), number: UInt64(segment), bytes: 4)
  }

  /// Where the next value begins after each record group, as far as the lengths lead.
  private func records() -> [(at: Int, size: Int)] {
    var found: [(Int, Int)] = []
    var at = Self.headSize
    while at + Self.recordHead <= bytes.count {
      let size = Int(number(at + 4, 4))
      guard size >= Self.recordHead, size <= bytes.count - at else { break }
      found.append((at, size))
      at += size
    }
    return found
  }

  /// Whether a whole record group lies at `offset`, by every checksum that covers it, and how long it
  /// is.
  func size(ofRecordAt offset: Int, group: [UInt8], segment: UInt32) -> Int? {
    guard offset >= Self.headSize, offset + Self.recordHead <= bytes.count else { return nil }
    let place = Self.place(group, segment)
    let size = Int(number(offset + 4, 4))
    let head = bytes[offset..<offset + 156]
    guard size >= Self.recordHead, size <= bytes.count - offset,
      number(offset + 156, 4) == UInt64(sum(place, offset, head))
    else { return nil }
    var at = offset + Self.recordHead
    for _ in 0..<number(offset + 8, 2) {
      guard let end = end(ofRecordAt: at, before: offset + size) else { return nil }
      let fixed =
        fixedPrefix(at) + bytes[at + Self.prefixSize..<at + Self.prefixSize + headerSize(at)]
      guard number(at + 8, 4) == UInt64(sum(place, at, fixed)) else { return nil }
      at = end
    }
    return at == offset + size ? size : nil
  }

  private func headerSize(_ at: Int) -> Int { Int(number(at, 2)) }

  private func end(ofRecordAt at: Int, before limit: Int) -> Int? {
    guard at + Self.prefixSize <= limit else { return nil }
    let end = at + Self.prefixSize + headerSize(at) + Int(number(at + 4, 4))
    return end <= limit ? end : nil
  }

  /// The prefix as its checksum covers it: the state of the body counts as zero.
  private func fixedPrefix(_ at: Int) -> [UInt8] {
    Array(bytes[at..<at + 2]) + [0] + Array(bytes[at + 3..<at + 8])
  }

  private func sum(_ place: UInt32, _ offset: Int, _ covered: some Sequence<UInt8>) -> UInt32 {
    ~Checksum.crc(Checksum.crc(place, number: UInt64(offset), bytes: 8), covered)
  }

  /// The same bytes with every checksum that a reader asks right, and the marks and numbers that it
  /// wants. `number`: another one that the segment is to bear.
  func sealed(group: [UInt8], number segment: UInt32, after previous: PlainSegment? = nil)
    -> [UInt8]
  {
    var out = bytes
    func put(_ value: UInt64, _ at: Int, _ count: Int) {
      for index in 0..<count {
        out[at + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(count - 1 - index)))
      }
    }
    guard out.count >= Self.headSize else { return out }
    put(UInt64(segment), 40, 4)
    if let previous, let last = previous.records().last {
      put(UInt64(last.at + last.size), 48, 8)
      put(previous.number(last.at + 156, 4), 56, 4)
    }
    put(UInt64(~Checksum.crc(~0, out[..<124])), 124, 4)
    let place = Self.place(group, segment)
    for (start, size) in records() {
      var at = start + Self.recordHead
      while let end = end(ofRecordAt: at, before: start + size) {
        let body = at + Self.prefixSize + headerSize(at)
        put(UInt64(sum(place, at, fixedPrefix(at) + bytes[at + Self.prefixSize..<body])), at + 8, 4)
        let content = bytes[at + 2] == 0 ? Array(bytes[body..<end]) : Array("erased..".utf8)
        put(UInt64(sum(place, at, content)), at + 12, 4)
        at = end
      }
      out.replaceSubrange(start..<start + 4, with: out[60..<64])
      // Nobody can have flushed what comes later.
      put(min(number(start + 152, 4), UInt64(start)), start + 152, 4)
      put(UInt64(sum(place, start, out[start..<start + 156])), start + 156, 4)
    }
    return out
  }
}
