/// One unit of replication on a link (8-replication).
package enum Message: Hashable, Sendable {
  case digests([GroupDigest])
  case frontier(GroupID, [FrontierItem])
  case want(GroupID, [Want])
  /// A batch; its bytes from the branch on are unpacked by `BatchUnpacker`, not here.
  case entries(EntriesMessage)
  case have(GroupID, [FrontierItem])
  case bye(Bye)
  case ping(UInt64)
  case pong(UInt64)
  case admitRequest(AdmitRequest)
  case admitAnswer(AdmitAnswer, EntryID)
  /// The sponsor's side of an open door begins: the office's name, the sponsor's, and that of the
  /// member whose further devices alone come in there (H-13).
  case door(office: Name, sponsor: Name, member: Name?)
  /// A newcomer knocks: what it commits to, its name and that of its device.
  case knock(commitment: Bytes32, person: Name, device: Name)
  /// The sponsor's share of the digits.
  case doorNonce(Bytes32)
  /// The newcomer's share of the digits, to which it committed.
  case opening(Bytes32)
  /// What the sponsor said; the line of a ticket iff it was yes.
  case doorAnswer(DoorAnswer, ticket: [UInt8])

  /// What a group's frontier hashes to.
  package struct GroupDigest: Hashable, Sendable {
    package let group: GroupID
    package let digest: FrontierDigest
    package init(group: GroupID, digest: FrontierDigest) {
      (self.group, self.digest) = (group, digest)
    }
  }

  /// From where on a feed, or a branch of it, is asked for.
  package struct Want: Hashable, Sendable {
    package let feed: FeedID
    package let branch: BranchID
    package let from: UInt32
    package init(feed: FeedID, branch: BranchID, from: UInt32) {
      (self.feed, self.branch, self.from) = (feed, branch, from)
    }
    package var place: FeedPlace { FeedPlace(feed: feed, branch: branch) }
  }

  /// Why a link ends; the raw value is its byte.
  package enum Bye: UInt8, Hashable, Sendable {
    case done = 1
    case removed = 2
    case otherLinkStays = 3
    case copied = 4
    case violation = 5
    case newerHandshake = 6
    case notNow = 7
  }

  /// What a sponsor's node says to a joiner; the raw value is its byte.
  package enum AdmitAnswer: UInt8, Hashable, Sendable {
    case admitted = 0
    case expired = 1
    case usedUp = 2
    case revoked = 3
    case unknownTicket = 4
    case notAllowedHere = 5
    case nameNotAllowed = 6
    case tryLater = 7
  }
}

extension Message {
  /// What a sponsor says to a newcomer at the door; the raw value is its byte.
  package enum DoorAnswer: UInt8, Hashable, Sendable {
    case admitted = 0
    case refused = 1
    /// The door was closed, by somebody or by its time, before anybody answered.
    case closed = 2
    /// As many as the sponsor is shown at once stand at the door already.
    case crowded = 3
  }
}

/// A stored head, as frontiers list it: a reference and the branch it belongs to.
package struct FrontierItem: Hashable, Sendable {
  package static let size = 52
  package let feed: FeedID
  /// Zero for an unforked feed and for the common prefix of a forked one.
  package let branch: BranchID
  package let seq: UInt32
  /// The first 16 bytes of the entry ID.
  package let prefix: Bytes16

  package init(feed: FeedID, branch: BranchID, seq: UInt32, prefix: Bytes16) {
    (self.feed, self.branch, self.seq, self.prefix) = (feed, branch, seq, prefix)
  }

  package var place: FeedPlace { FeedPlace(feed: feed, branch: branch) }

  /// Writes the item as it stands in a `frontier` and in a `have`.
  package func encode(_ writer: inout Writer) {
    writer.id(feed)
    writer.id(branch)
    writer.u32(seq)
    writer.bytes16(prefix)
  }

  fileprivate init(_ reader: inout Reader) throws(DecodeError) {
    feed = try reader.id()
    branch = try reader.id()
    seq = try reader.seq()
    prefix = try reader.bytes16()
  }
}

/// A feed, or one branch of a forked feed.
package struct FeedPlace: Hashable, Comparable, Sendable {
  package let feed: FeedID
  package let branch: BranchID

  package init(feed: FeedID, branch: BranchID = BranchID(Bytes16())) {
    (self.feed, self.branch) = (feed, branch)
  }

  /// Orders by feed, then branch; branch zero comes first.
  package static func < (a: FeedPlace, b: FeedPlace) -> Bool {
    a.feed != b.feed ? a.feed < b.feed : a.branch < b.branch
  }
}

/// The content of an `entries` message, with its batch still packed.
package struct EntriesMessage: Hashable, Sendable {
  package let branch: BranchID
  package let head: BatchHead
  /// The whole content of the message; the packed entries begin at `entriesAt`.
  package let bytes: [UInt8]
  package static let entriesAt = 16 + BatchHead.size

  /// Takes the content of an `entries` message, whose head must be well-formed.
  package init(decoding bytes: [UInt8]) throws(DecodeError) {
    guard bytes.count >= Self.entriesAt else { throw .truncated(.f13) }
    branch = BranchID(Bytes16(bytes.raw, 0))
    head = try BatchHead(decoding: bytes, at: 16)
    self.bytes = bytes
  }
}

/// A joiner's wish and proof.
package struct AdmitRequest: Hashable, Sendable {
  package var ticket: TicketKey
  package var member: MemberID
  package var device: DeviceKey
  package var noise: NoiseIdentity
  package var sealing: SealingIdentity
  package var deviceSignature: SignatureBytes
  package var ticketSignature: SignatureBytes
  /// As sent; whether they are names is for the sponsor to say (`nameNotAllowed`).
  package var memberName: [UInt8]
  package var deviceName: [UInt8]

  package init(
    ticket: TicketKey, member: MemberID, device: DeviceKey, noise: NoiseIdentity,
    sealing: SealingIdentity, deviceSignature: SignatureBytes, ticketSignature: SignatureBytes,
    memberName: [UInt8], deviceName: [UInt8]
  ) {
    (self.ticket, self.member, self.device, self.noise) = (ticket, member, device, noise)
    (self.sealing, self.deviceSignature) = (sealing, deviceSignature)
    self.ticketSignature = ticketSignature
    (self.memberName, self.deviceName) = (memberName, deviceName)
  }
}

extension FrontierItem {
  static func list(_ reader: inout Reader, _ count: Int) throws(DecodeError) -> [FrontierItem] {
    guard count <= Limits.frontierItemsMax else { throw reader.fail() }
    return try reader.ascending(count, by: \FrontierItem.place) {
      (r) throws(DecodeError) in try FrontierItem(&r)
    }
  }
}

extension Reader {
  /// A seq that an entry can have: one with a successor (E-5). So what a peer names can be added to.
  mutating func seq() throws(DecodeError) -> UInt32 {
    let seq = try u32()
    guard seq < UInt32.max else { throw fail() }
    return seq
  }
}
