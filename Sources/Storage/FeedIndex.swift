package import Format

/// Where the entries of one feed, or of one branch, lie: small arrays, rebuilt at every start.
package struct FeedIndex: Sendable {
  /// Entries of one record group that this chain takes from it, in a row.
  package struct Piece: Hashable, Sendable {
    /// The first entry taken, and how many.
    package var first: UInt32
    package var count: UInt32
    /// The first entry of the record group and how many it holds.
    package let recordFirst: UInt32
    package let recordCount: UInt32
    package let place: RecordPlace
    /// The claimed time of the record group's last entry.
    package let lastWall: UInt64
    /// Bytes of all headers and stated bodies of the record group, as F-10 counts.
    package let runBytes: UInt32

    /// The entry behind the last one taken.
    package var end: UInt32 { first + count }
    /// Whether the last entry taken is the end of its record group, which is signed.
    package var endsSigned: Bool { end == recordEnd }
    /// The entry behind the last one of the record group.
    package var recordEnd: UInt32 { recordFirst + recordCount }
  }

  /// What became of a record group that was handed to the index.
  package enum Taken: Hashable, Sendable {
    /// It continues its chain.
    case next
    /// Its entries were held already; the newer copy is used from now on.
    case again
    /// Entries before it are missing.
    case gap(expected: UInt32)
    /// It contradicts what is held.
    case conflict
  }

  /// The sequence of the first entry: 0, or where the branch begins.
  package let start: UInt32
  /// The ID of the last entry.
  package private(set) var headID: EntryID
  private var prefixes: [Bytes16] = []
  private var lamports: [UInt32] = []
  package private(set) var pieces: [Piece] = []
  /// Copies of entries that do not count (S-13, S-15): only erasure still looks for them.
  private(set) var superseded: [Piece] = []
  /// Whether it was split at its end: what follows there stands on branches (S-14).
  private(set) var isParted = false

  init(start: UInt32, headID: EntryID) { (self.start, self.headID) = (start, headID) }

  package var isEmpty: Bool { prefixes.isEmpty }
  /// The sequence of the next entry.
  package var next: UInt32 { start + UInt32(prefixes.count) }
  /// The sequence of the last entry, or nil where there is none.
  package var last: UInt32? { prefixes.isEmpty ? nil : next - 1 }

  package func contains(_ seq: UInt32) -> Bool { seq >= start && seq < next }

  /// The first 16 bytes of an entry's ID, or nil where there is no such entry.
  package func prefix(_ seq: UInt32) -> Bytes16? {
    contains(seq) ? prefixes[Int(seq - start)] : nil
  }

  /// The lamport of an entry, or nil where there is no such entry.
  package func lamport(_ seq: UInt32) -> UInt32? {
    contains(seq) ? lamports[Int(seq - start)] : nil
  }

  /// The index of the piece that holds the entry, which must be there.
  func piece(holding seq: UInt32) -> Int {
    precondition(contains(seq), "a piece was sought for an entry that is not held")
    var (low, high) = (0, pieces.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if pieces[middle].first <= seq { low = middle } else { high = middle - 1 }
    }
    return low
  }

  /// What taking in a batch, whose first entry cites `prev`, would amount to.
  func judge(_ batch: Batch, prev: EntryID) -> Taken {
    if batch.first > next { return .gap(expected: next) }
    guard batch.last.seq >= start else { return .conflict }
    for entry in batch.entries {
      if let held = prefix(entry.seq), held != entry.id.prefix { return .conflict }
    }
    if batch.last.seq < next { return .again }
    // Where entries overlap, the chain inside the batch ties the new ones to those held.
    if batch.first == next, batch.first > start {
      // Sending counts on ascending lamports, whoever let this one in.
      guard prev == headID, let last = lamports.last, batch.entries[0].lamport > last else {
        return .conflict
      }
    }
    return .next
  }

  /// Takes in the entries of a record group that continue the chain.
  mutating func append(_ batch: Batch, at place: RecordPlace) {
    let from = next
    precondition(
      batch.first <= from && batch.last.seq >= from, "a chain is continued at its end")
    for entry in batch.entries.dropFirst(Int(from - batch.first)) {
      prefixes.append(entry.id.prefix)
      lamports.append(entry.lamport)
    }
    headID = batch.last.id
    pieces.append(Self.piece(batch, from: from, place))
  }

  private static func piece(_ batch: Batch, from: UInt32, _ place: RecordPlace) -> Piece {
    Piece(
      first: from, count: batch.last.seq + 1 - from, recordFirst: batch.first,
      recordCount: UInt32(batch.entries.count), place: place,
      lastWall: batch.last.wallMilliseconds,
      runBytes: batch.entries.reduce(0) { $0 + UInt32($1.headerSize) + $1.bodySize })
  }

  /// Lets a newer copy of entries that are held take the place of the older ones.
  mutating func repoint(_ batch: Batch, at place: RecordPlace) {
    let (from, to) = (max(batch.first, start), batch.last.seq + 1)
    precondition(from < to && to <= next, "only entries that are held can be repointed")
    var new: [Piece] = []
    for piece in pieces where piece.first < from {
      var piece = piece
      piece.count = min(piece.end, from) - piece.first
      new.append(piece)
    }
    new.append(Self.piece(batch, from: from, place))
    for piece in pieces where piece.end > to {
      var piece = piece
      let first = max(piece.first, to)
      piece.count = piece.end - first
      piece.first = first
      new.append(piece)
    }
    superseded += pieces.filter { $0.first < to && $0.end > from }
    pieces = new
  }

  /// Remembers a record group of which nothing counts here, though it may hold copies of entries.
  mutating func remember(_ batch: Batch, at place: RecordPlace) {
    superseded.append(Self.piece(batch, from: batch.first, place))
  }

  /// Takes off all entries from `seq` on; `headID` is that of the entry before it.
  mutating func cut(from seq: UInt32, headID: EntryID) {
    precondition(contains(seq), "a chain is cut at an entry that it holds")
    let keep = Int(seq - start)
    prefixes.removeLast(prefixes.count - keep)
    lamports.removeLast(lamports.count - keep)
    while let piece = pieces.last, piece.first >= seq {
      superseded.append(piece)
      pieces.removeLast()
    }
    if let piece = pieces.last, piece.end > seq {
      superseded.append(piece)
      pieces[pieces.count - 1].count = seq - piece.first
    }
    self.headID = headID
    isParted = false
  }

  /// Takes off all entries from `seq` on and returns them as a chain of their own.
  mutating func split(at seq: UInt32, headID: EntryID) -> FeedIndex {
    precondition(contains(seq), "a chain is split at an entry that it holds")
    var branch = FeedIndex(start: seq, headID: self.headID)
    (branch.superseded, branch.isParted) = (superseded, isParted)
    branch.prefixes = Array(prefixes[Int(seq - start)...])
    branch.lamports = Array(lamports[Int(seq - start)...])
    for piece in pieces where piece.end > seq {
      var piece = piece
      let first = max(piece.first, seq)
      piece.count = piece.end - first
      piece.first = first
      branch.pieces.append(piece)
    }
    cut(from: seq, headID: headID)
    isParted = true
    return branch
  }
}
