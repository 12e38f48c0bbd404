import Format
import Platform

/// Reads record groups by their place and checks them before anyone sees them.
struct RecordReader {
  private let disk: any ReadableDisk
  /// Open segments, the last used at the end.
  private var files: [(group: GroupID, segment: UInt32, file: OpenFile)] = []
  private static let filesMax = 8
  /// Between two record groups of one feed this many bytes are read along rather than skipped.
  private static let gapMax = 16_384
  private var buffer: [UInt8] = []
  private var badPlaces = BadPlaces()

  init(_ disk: any ReadableDisk) { self.disk = disk }

  /// One whole record group.
  mutating func batch(
    _ group: GroupID, _ piece: FeedIndex.Piece, _ place: FeedPlace
  ) throws(StorageError) -> Batch {
    var bytes: [UInt8] = []
    let at = piece.place
    try read(group, piece, place, Int(at.length), into: &bytes)
    let head = try head(bytes, 0, group, piece, place)
    do throws(GroupFault) {
      return try checkedBatch(
        bytes, head, group: group, seed: PlaceSeed(group: group, segment: at.segment), start: 0,
        offset: UInt64(at.offset)
      ).batch
    } catch {
      throw damaged(group, piece, place, error)
    }
  }

  /// The head of a record group alone.
  mutating func head(
    _ group: GroupID, _ piece: FeedIndex.Piece, _ place: FeedPlace
  ) throws(StorageError) -> GroupHead {
    var bytes: [UInt8] = []
    try read(group, piece, place, GroupHead.size, into: &bytes)
    return try head(bytes, 0, group, piece, place)
  }

  private func head(
    _ bytes: [UInt8], _ at: Int, _ group: GroupID, _ piece: FeedIndex.Piece, _ place: FeedPlace
  ) throws(StorageError) -> GroupHead {
    let seed = PlaceSeed(group: group, segment: piece.place.segment)
    guard bytes.count - at >= GroupHead.size,
      // The place is known, so the mark need not be: the checksum covers it.
      let head = GroupHead(
        bytes.raw, at, mark: load32(bytes.raw, at), seed: seed,
        offset: UInt64(piece.place.offset)),
      head.length == piece.place.length, head.first == piece.recordFirst,
      UInt32(head.count) == piece.recordCount, head.feed == place.feed
    else { throw damaged(group, piece, place, .badHead) }
    return head
  }

  private func damaged(
    _ group: GroupID, _ piece: FeedIndex.Piece, _ place: FeedPlace, _ fault: GroupFault
  ) -> StorageError {
    damaged(group, piece, place, .group(fault))
  }

  private func damaged(
    _ group: GroupID, _ piece: FeedIndex.Piece, _ place: FeedPlace, _ kind: Damage.Kind
  ) -> StorageError {
    .damaged(
      Damage(
        group: group, segment: piece.place.segment, offset: UInt64(piece.place.offset),
        length: UInt64(piece.place.length), kind: kind,
        lost: LostEntries(place: place, first: piece.recordFirst, last: piece.recordEnd - 1)))
  }

  /// Reads so many bytes of a record group. A sector that cannot be read is a damage like any other.
  private mutating func read(
    _ group: GroupID, _ piece: FeedIndex.Piece, _ place: FeedPlace, _ count: Int,
    into bytes: inout [UInt8]
  ) throws(StorageError) {
    if let text = badPlaces.lost(group, piece.place) {
      throw damaged(group, piece, place, .unreadable(text))
    }
    do throws(DiskError) {
      try read(group, piece.place, count, into: &bytes)
    } catch {
      guard error.reason == .broken else { throw .disk(error) }
      badPlaces.noteLost(group, piece.place, error.description)
      throw damaged(group, piece, place, .unreadable(error.description))
    }
  }

  /// Reads exactly that many bytes from where a record group begins, or as many as there are.
  private mutating func read(
    _ group: GroupID, _ at: RecordPlace, _ count: Int, into bytes: inout [UInt8]
  ) throws(DiskError) {
    if bytes.count < count { bytes = [UInt8](repeating: 0, count: count) }
    let file = try open(group, at.segment)
    var span = bytes.mutableSpan
    let got = try disk.read(file.file, at: UInt64(at.offset), into: &span, range: 0..<count)
    // What is missing reads as zeros, which no checksum passes.
    for index in got..<count { bytes[index] = 0 }
  }

  private mutating func open(
    _ group: GroupID, _ segment: UInt32
  ) throws(DiskError) -> OpenFile {
    if let index = files.lastIndex(where: { $0.group == group && $0.segment == segment }) {
      return files[index].file
    }
    let file = OpenFile(try disk.open(StorePaths.segment(group, segment)))
    if files.count == Self.filesMax { files.removeFirst() }
    files.append((group, segment, file))
    return file
  }
}

extension RecordReader {
  /// What goes before the first entry of a batch: the claimed time and lamport of the one before.
  struct Base {
    let wall: UInt64
    let lamport: UInt32
  }

  /// Which pieces a batch that begins with the entry `seq` takes in: whole ones, as many as F-10
  /// allows, ending signed.
  static func select(
    _ chain: FeedIndex, from seq: UInt32, bytesMax: Int
  ) -> Range<Int> {
    let first = chain.piece(holding: seq)
    var (count, bytes) = (0, 0)
    var end: Int?
    for index in first..<chain.pieces.count {
      let piece = chain.pieces[index]
      count += Int(piece.end - max(piece.first, seq))
      bytes += Int(piece.runBytes)
      let isOver = count > Limits.runEntriesMax || bytes > min(bytesMax, Limits.runBytesMax)
      if isOver, index > first { break }
      if piece.endsSigned { end = index + 1 }
    }
    // Or the chain ends inside a record group: its rest, which a branch took, carries the signature.
    return first..<(end ?? first + 1)
  }

  /// Packs the entries of these pieces from `seq` on, behind the branch.
  mutating func packed(
    _ group: GroupID, _ place: FeedPlace, _ pieces: ArraySlice<FeedIndex.Piece>,
    from seq: UInt32, base: Base
  ) throws(StorageError) -> [UInt8] {
    var packer = BatchPacker(
      group: group, feed: place.feed, first: seq, wallBase: base.wall,
      lamportBase: base.lamport, behind: place.branch.bytes.array)
    var signature = SignatureBytes()
    var bytes: [UInt8] = []
    // A peer may ask for the same again and again; nothing before what is lost is read in vain.
    for piece in pieces {
      if let text = badPlaces.lost(group, piece.place) {
        throw damaged(group, piece, place, .unreadable(text))
      }
    }
    // Taken out of self for the loop: a buffer in two hands would be copied.
    swap(&bytes, &buffer)
    defer { swap(&bytes, &buffer) }
    var index = pieces.startIndex
    while index < pieces.endIndex {
      let start = pieces[index].place
      let end = try read(group, pieces[index...], place, into: &bytes)
      for piece in pieces[index..<end] {
        let isLast = piece == pieces.last
        signature = try append(
          piece, to: &packer, bytes, at: Int(piece.place.offset - start.offset), group, place,
          from: seq, upTo: isLast ? piece.recordEnd : piece.end)
      }
      index = end
    }
    return packer.finish(signature: signature)
  }

  /// Appends the entries of one record group that lie in the range; returns its signature.
  private func append(
    _ piece: FeedIndex.Piece, to packer: inout BatchPacker, _ bytes: [UInt8], at start: Int,
    _ group: GroupID, _ place: FeedPlace, from: UInt32, upTo end: UInt32
  ) throws(StorageError) -> SignatureBytes {
    let head = try head(bytes, start, group, piece, place)
    var walk = RecordWalk(
      head, group: group, seed: PlaceSeed(group: group, segment: piece.place.segment),
      start: start, offset: UInt64(piece.place.offset))
    let first = max(from, piece.first)
    do throws(GroupFault) {
      var seq = head.first
      while let record = try walk.next(bytes.raw) {
        defer { seq += 1 }
        guard seq >= first, seq < end else { continue }
        let bodySize = Int(load32(bytes.raw, record.headerAt + HeaderLayout.bodySize))
        guard packer.fits(headerSize: record.headerSize, bodySize: bodySize) else {
          throw .badContent(entry: Int(seq - head.first))
        }
        packer.append(
          bytes, headerAt: record.headerAt, headerSize: record.headerSize,
          body: record.bodyState)
      }
    } catch {
      throw damaged(group, piece, place, error)
    }
    return head.signature
  }

  /// Reads the first pieces together, or the first alone where the disk cannot read something there;
  /// gives the index behind the last that was read. Of what was read together in vain the rest is read
  /// one by one, too: read together it would meet the same sector once more for each piece.
  private mutating func read(
    _ group: GroupID, _ pieces: ArraySlice<FeedIndex.Piece>, _ place: FeedPlace,
    into bytes: inout [UInt8]
  ) throws(StorageError) -> Int {
    let (first, stretch) = (pieces[pieces.startIndex], stretch(group, pieces))
    if stretch.end > pieces.startIndex + 1 {
      do throws(DiskError) {
        try read(group, first.place, stretch.bytes, into: &bytes)
        return stretch.end
      } catch {
        guard error.reason == .broken else { throw .disk(error) }
        let start = UInt64(first.place.offset)
        badPlaces.noteDoubtful(
          group, first.place.segment, start..<start + UInt64(stretch.bytes))
      }
    }
    try read(group, first, place, Int(first.place.length), into: &bytes)
    return pieces.startIndex + 1
  }

  /// The pieces from the first on that one read fetches.
  private func stretch(
    _ group: GroupID, _ pieces: ArraySlice<FeedIndex.Piece>
  ) -> (end: Int, bytes: Int) {
    var end = pieces.startIndex + 1
    var last = pieces[pieces.startIndex].place
    let start = last.offset
    let isAlone = badPlaces.isDoubtful(group, last)
    while !isAlone, end < pieces.endIndex {
      let next = pieces[end].place
      guard next.segment == last.segment, UInt64(next.offset) >= last.end,
        UInt64(next.offset) - last.end <= UInt64(Self.gapMax),
        !badPlaces.isDoubtful(group, next)
      else { break }
      last = next
      end += 1
    }
    return (end, Int(last.end) - Int(start))
  }
}
