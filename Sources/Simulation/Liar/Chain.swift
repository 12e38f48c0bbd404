import Format
import Replication

/// An entry as its author signed it, with its header read.
struct Leaf {
  let header: EntryHeader
  /// The encoded header.
  let bytes: [UInt8]
  /// Nil where the body was erased.
  let body: [UInt8]?
  let id: EntryID

  /// Nil where the bytes are no header.
  init?(_ bytes: [UInt8], _ body: [UInt8]?) {
    guard let header = try? EntryHeader(decoding: bytes) else { return nil }
    self.init(header, bytes, body)
  }

  /// An entry that is made here.
  init(_ header: EntryHeader, body: [UInt8]?) { self.init(header, header.encode(), body) }

  var withoutBody: Leaf { Leaf(header, bytes, nil) }

  private init(_ header: EntryHeader, _ bytes: [UInt8], _ body: [UInt8]?) {
    (self.header, self.bytes, self.body) = (header, bytes, body)
    id = EntryID(EntryHashes().entryID(bytes.raw))
  }
}

/// A feed from its genesis on, as somebody knows it, or one way through a feed that is forked.
struct Chain {
  /// Of a group's first genesis the group that it founds.
  let group: GroupID
  let feed: FeedID
  /// The author, as the genesis says.
  let device: DeviceKey
  private(set) var leaves: [Leaf]
  /// The signatures that are known, by the seq of the entry.
  private(set) var signatures: [Int: SignatureBytes]
  /// Where this way leaves another that is known; 0 for a feed of its own.
  private(set) var leavesAt = 0

  /// Nil unless the entry is a genesis.
  init?(genesis: Leaf, signature: SignatureBytes? = nil) {
    guard genesis.header.seq == 0, let facts = GenesisFacts(genesis.header) else { return nil }
    let header = genesis.header
    (group, feed) = (
      header.group.isZero ? GroupID(genesis.id.bytes) : header.group, FeedID(genesis.id.prefix)
    )
    (device, leaves) = (facts.device, [genesis])
    signatures = signature.map { [0: $0] } ?? [:]
  }

  var head: Leaf { leaves[leaves.count - 1] }
  var next: Int { leaves.count }

  /// The name of the branch that begins at an entry; of none where it does not lie here.
  func holds(_ branch: BranchID) -> Int? { leaves.firstIndex { $0.id.prefix == branch.bytes } }

  func reference(to seq: Int) -> Reference {
    Reference(feed: feed, seq: UInt32(seq), prefix: leaves[seq].id.prefix)
  }

  /// Adds the next entry; false where it does not follow.
  mutating func append(_ leaf: Leaf, signature: SignatureBytes? = nil) -> Bool {
    // A batch states the lamport that it begins behind, and who sends it may lie.
    guard leaf.header.seq == UInt32(next), leaf.header.prev == head.id,
      leaf.header.lamport > head.header.lamport
    else { return false }
    signatures[next] = signature
    leaves.append(leaf)
    return true
  }

  /// Another way that has everything before a place in common with this one.
  func parting(at seq: Int) -> Chain {
    var other = self
    other.leaves.removeLast(next - seq)
    other.signatures = signatures.filter { $0.key < seq }
    other.leavesAt = seq
    return other
  }

  /// The last seq from `first` on up to which one batch can go that ends at a known signature.
  func end(from first: Int) -> Int? {
    (first..<min(next, first + Limits.runEntriesMax)).first { signatures[$0] != nil }
  }

  /// Takes the bodies of a range away, as far as a batch may do without them; says how many.
  mutating func withhold(_ range: ClosedRange<Int>) -> Int {
    let some = range.filter { seq in
      leaves[seq].header.kind?.isErasable ?? false && !(leaves[seq].body ?? []).isEmpty
    }
    for seq in some { leaves[seq] = leaves[seq].withoutBody }
    return some.count
  }

  /// The content of an `entries` message of the entries of a range, behind a branch's name.
  func content(
    _ range: ClosedRange<Int>, behind branch: BranchID, signature: SignatureBytes
  ) -> [UInt8] {
    let base = range.lowerBound > 0 ? leaves[range.lowerBound - 1].header : nil
    var packer = BatchPacker(
      group: group, feed: feed, first: UInt32(range.lowerBound),
      wallBase: base?.wallMilliseconds ?? 0, lamportBase: base?.lamport ?? 0,
      behind: branch.bytes.array)
    for leaf in leaves[range] {
      let body = leaf.body ?? [UInt8](repeating: 0, count: Int(leaf.header.bodySize))
      guard packer.fits(headerSize: leaf.bytes.count, bodySize: body.count) else { break }
      packer.append(
        leaf.bytes + body, headerAt: 0, headerSize: leaf.bytes.count,
        body: leaf.body == nil ? .erased : .present)
    }
    return packer.finish(signature: signature)
  }
}
