import Format

/// The checksums of one record, each bound to the place of the record's prefix (S-6).
struct RecordSeal {
  private let seed: UInt32

  /// For the record whose prefix lies at `offset` of its segment.
  init(_ seed: PlaceSeed, offset: UInt64) { self.seed = seed.at(offset) }

  /// Covers the prefix but for the body's state, which erasure changes, and the header.
  func header(prefix: UInt64, _ header: RawSpan) -> UInt32 {
    let fixed = prefix & 0xffff_00ff_ffff_ffff
    return Crc32c.finish(Crc32c.extend(Crc32c.extend(seed, word: fixed), header))
  }

  /// The checksum beside a body that is there.
  func present(_ body: RawSpan) -> UInt32 { Crc32c.finish(Crc32c.extend(seed, body)) }

  /// The checksum beside a body that was erased or never came: no body's but this place's own.
  var erased: UInt32 { Crc32c.finish(Crc32c.extend(seed, word: 0x6572_6173_6564_2e2e)) }
}

/// Fills what Storage owes a batch: the head and the prefix before each header.
///
/// Returns the checksum of the head. Runs on the disk's thread, which mostly waits anyway.
func seal(
  _ records: inout [UInt8], _ entries: [EntrySummary], head: GroupHead, seed: PlaceSeed,
  offset: UInt64
) -> UInt32 {
  var span = records.mutableSpan
  var raw = unsafe span.mutableBytes
  for entry in entries {
    let prefixAt = Int(entry.headerAt) - RecordLayout.prefixSize
    let prefix =
      UInt64(entry.headerSize) << 48 | UInt64(entry.bodyState.rawValue) << 40
      | UInt64(entry.bodyCount)
    store64(prefix, &raw, prefixAt)
    let seal = RecordSeal(seed, offset: offset + UInt64(prefixAt))
    let bodyAt = entry.bodyAt
    let headerSum = seal.header(
      prefix: prefix, raw.bytes.extracting(Int(entry.headerAt)..<bodyAt))
    let bodySum =
      entry.bodyState == .present
      ? seal.present(raw.bytes.extracting(bodyAt..<bodyAt + entry.bodyCount)) : seal.erased
    store32(headerSum, &raw, prefixAt + RecordLayout.headerChecksum)
    store32(bodySum, &raw, prefixAt + RecordLayout.bodyChecksum)
  }
  return head.store(&raw, seed: seed, offset: offset)
}
