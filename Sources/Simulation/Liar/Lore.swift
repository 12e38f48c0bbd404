import Control
import Format
import Platform
import Replication
import TestSupport

/// What a liar knows: what lay on the disk that it took over, and what it was told since. Of forked
/// feeds it knows one way.
struct Lore {
  /// In the order in which they came.
  private(set) var chains: [Chain] = []
  private var places: [FeedID: Int] = [:]
  private(set) var groups: [GroupID] = []

  /// What the log of a disk holds.
  init(_ disk: MemoryDisk) {
    for (path, bytes) in disk.files.sorted(by: { $0.key < $1.key })
    where path.names.first == "logs" {
      var reader = SegmentReader()
      for record in reader.read(bytes) {
        let leaves = record.entries.compactMap { header, body in
          Leaf(Array(header), body.map { Array($0) })
        }
        guard leaves.count == record.entries.count,
          let signature = SignatureBytes(Array(record.signature))
        else { continue }
        learn(leaves, signature)
      }
    }
  }

  subscript(feed: FeedID) -> Chain? { places[feed].map { chains[$0] } }

  func chains(of group: GroupID) -> [Chain] { chains.filter { $0.group == group } }

  /// Takes in a run that follows what is known, signed at its end.
  mutating func learn(_ leaves: [Leaf], _ signature: SignatureBytes) {
    guard let first = leaves.first else { return }
    for (index, leaf) in leaves.enumerated() {
      let signature = index == leaves.count - 1 ? signature : nil
      if leaf.header.seq == 0 {
        guard places[FeedID(first.id.prefix)] == nil,
          let chain = Chain(genesis: leaf, signature: signature)
        else { return }
        places[chain.feed] = chains.count
        if !groups.contains(chain.group) { groups.append(chain.group) }
        chains.append(chain)
      } else {
        let feed = first.header.seq == 0 ? FeedID(first.id.prefix) : leaf.header.feed
        guard let place = places[feed], chains[place].append(leaf, signature: signature)
        else { return }
      }
    }
  }

  /// Takes in what somebody sent.
  mutating func learn(_ message: EntriesMessage) {
    let head = message.head
    let before = head.first == 0 ? nil : self[head.feed]
    guard head.first == 0 || before?.next == Int(head.first) else { return }
    var unpacker = BatchUnpacker(
      head, entriesAt: EntriesMessage.entriesAt, prev: before?.head.id ?? EntryID(Bytes32()))
    var records: [UInt8] = []
    guard
      let entries = try? unpacker.unpack(message.bytes, into: &records, hasher: EntryHashes())
    else { return }
    let leaves = entries.compactMap { entry in
      Leaf(
        Array(records[Int(entry.headerAt)..<entry.bodyAt]),
        entry.bodyState == .present
          ? Array(records[entry.bodyAt..<entry.bodyAt + entry.bodyCount]) : nil)
    }
    learn(leaves, head.signature)
  }

  /// Where an entry lies; nil where it is not known.
  func place(of entry: EntryID) -> (chain: Chain, seq: Int)? {
    for chain in chains {
      if let seq = chain.leaves.firstIndex(where: { $0.id == entry }) { return (chain, seq) }
    }
    return nil
  }

  /// The last epoch entry of a group, in the order of lamports.
  func epoch(of group: GroupID) -> Leaf? {
    var last: Leaf?
    for chain in chains where chain.group == group {
      // By their indices: most are none, and are not worth a copy.
      for seq in chain.leaves.indices
      where chain.leaves[seq].header.kind == .epoch && chain.leaves[seq].body != nil {
        let leaf = chain.leaves[seq]
        if let last, (last.header.lamport, last.id) > (leaf.header.lamport, leaf.id) { continue }
        last = leaf
      }
    }
    return last
  }

  /// Who is spoken of in the office log.
  struct People {
    var members: [MemberID] = []
    var certificates: [(certificate: Certificate, entry: EntryID)] = []
    var tickets: [TicketKey] = []
    var ownerLists: [EntryID] = []
    /// The bodies of all control entries, to be said again.
    var bodies: [[UInt8]] = []
  }

  func people(of office: GroupID) -> People {
    var people = People()
    for chain in chains(of: office) {
      for leaf in chain.leaves {
        guard let body = leaf.body else { continue }
        if leaf.header.kind == .genesis, !body.isEmpty,
          let genesis = try? OfficeGenesis(decoding: body, device: chain.device)
        {
          people.certificates.append((genesis.certificate, leaf.id))
        }
        guard leaf.header.kind == .control, let operation = try? Operation(decoding: body) else {
          continue
        }
        people.bodies.append(body)
        switch operation {
        case .certify(let made): people.certificates.append((made.certificate, leaf.id))
        case .ticket(let grant): people.tickets.append(grant.key)
        case .owners: people.ownerLists.append(leaf.id)
        default: break
        }
      }
    }
    for (certificate, _) in people.certificates where !people.members.contains(certificate.member) {
      people.members.append(certificate.member)
    }
    return people
  }
}
