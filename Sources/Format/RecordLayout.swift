/// How verified entries lie in memory and on disk: a record group is one batch with its signature.
///
/// Replication rebuilds headers straight into this layout and Storage writes it as it is, so that
/// no entry is copied between the network and the disk (appendix B states the bytes).
package enum RecordLayout {
  /// Bytes of a group's head, which Storage fills when it knows the place.
  package static let headSize = 160
  /// Bytes before each header: header size u16, state u8, zero u8, body bytes here u32,
  /// checksum of the header u32, checksum of the body u32.
  package static let prefixSize = 16
  package static let state = 2
  package static let bodyCount = 4
  package static let headerChecksum = 8
  package static let bodyChecksum = 12

  /// The most bytes a record group can take.
  package static let groupSizeMax =
    headSize + Limits.runEntriesMax * prefixSize + Limits.runBytesMax
}

/// Whether the body of a record is there; the raw value is its byte.
package enum BodyState: UInt8, Sendable {
  /// All `body_size` bytes are there (none where it is 0).
  case present = 0
  /// The body was erased; its bytes are zero or were never received.
  case erased = 1
}

/// One entry inside a record group: what admission and the index need without reading the header.
package struct EntrySummary: Sendable {
  package var id: EntryID
  package var seq: UInt32
  package var lamport: UInt32
  package var wallMilliseconds: UInt64
  package var flags: UInt16
  package var kind: UInt8
  package var depCount: UInt8
  package var bodyState: BodyState
  /// Where the header begins in the record group.
  package var headerAt: UInt32
  package var headerSize: UInt16
  /// Bytes of the body as the header states them.
  package var bodySize: UInt32

  /// Where the body begins in the record group.
  package var bodyAt: Int { Int(headerAt) + Int(headerSize) }
  /// Bytes of the body that are in the record group.
  package var bodyCount: Int { bodyState == .present ? Int(bodySize) : 0 }

  package init(
    id: EntryID, seq: UInt32, lamport: UInt32, wallMilliseconds: UInt64, flags: UInt16,
    kind: UInt8, depCount: UInt8, bodyState: BodyState, headerAt: UInt32, headerSize: UInt16,
    bodySize: UInt32
  ) {
    (self.id, self.seq, self.lamport, self.flags) = (id, seq, lamport, flags)
    (self.wallMilliseconds, self.kind, self.depCount) = (wallMilliseconds, kind, depCount)
    (self.bodyState, self.headerAt, self.headerSize) = (bodyState, headerAt, headerSize)
    self.bodySize = bodySize
  }
}

/// Contiguous entries of one feed that end at a signed one, with that signature.
///
/// `records` is in `RecordLayout`: `headSize` bytes that Storage fills, then per entry its prefix,
/// header and body.
package struct Batch: Sendable {
  package let group: GroupID
  package let feed: FeedID
  package var branch: BranchID
  package var records: [UInt8]
  package var entries: [EntrySummary]
  /// The signature of the last entry.
  package var signature: SignatureBytes

  package init(
    group: GroupID, feed: FeedID, branch: BranchID, records: [UInt8], entries: [EntrySummary],
    signature: SignatureBytes
  ) {
    precondition(!entries.isEmpty, "a batch holds at least one entry")
    (self.group, self.feed, self.branch) = (group, feed, branch)
    (self.records, self.entries, self.signature) = (records, entries, signature)
  }

  package var first: UInt32 { entries[0].seq }
  package var last: EntrySummary { entries[entries.count - 1] }

  /// The header of one of its entries, decoded.
  package func header(_ entry: EntrySummary) throws(DecodeError) -> EntryHeader {
    let start = Int(entry.headerAt)
    return try EntryHeader(decoding: Array(records[start..<start + Int(entry.headerSize)]))
  }

  /// The stored bytes of the body of one of its entries, or nil where it was erased.
  package func body(_ entry: EntrySummary) -> [UInt8]? {
    guard entry.bodyState == .present else { return nil }
    return Array(records[entry.bodyAt..<entry.bodyAt + entry.bodyCount])
  }

  /// One dep of an entry, read where it lies.
  package func dep(_ entry: EntrySummary, _ index: Int) -> Reference {
    precondition(index >= 0 && index < Int(entry.depCount), "an entry has no such dep")
    return Reference(
      records.raw, Int(entry.headerAt) + HeaderLayout.deps + Reference.size * index)
  }
}
