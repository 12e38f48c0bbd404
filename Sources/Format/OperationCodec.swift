extension Operation {
  /// The body of a control entry: the code of the operation, then its fields.
  package func encode() -> [UInt8] {
    var writer = Writer()
    switch self {
    case .certify(let value):
      writer.u8(1)
      value.certificate.encode(&writer)
      writer.id(value.ticket)
      writer.id(value.handshake)
      writer.signature(value.deviceSignature)
      writer.signature(value.ticketSignature)
    case .remove(let target, let cuts):
      writer.u8(2)
      switch target {
      case .member(let member):
        writer.u8(1)
        writer.id(member)
      case .device(let device):
        writer.u8(2)
        writer.id(device)
      }
      writer.cuts(cuts)
    case .rank(let member, let rank, let cuts):
      writer.u8(3)
      writer.id(member)
      writer.u8(rank.rawValue)
      writer.cuts(cuts)
    case .ticket(let grant): Self.encode(grant, &writer)
    case .ticketRevoke(let key):
      writer.u8(5)
      writer.id(key)
    case .owners(let list): Self.encode(list, &writer)
    case .suspend(let feed, let seq, let a, let b):
      writer.u8(7)
      writer.id(feed)
      writer.u32(seq)
      writer.id(min(a, b))
      writer.id(max(a, b))
    case .groupAdd(let members, let grade):
      writer.u8(8)
      writer.u8(UInt8(members.count))
      for member in members { writer.id(member) }
      writer.u8(grade.rawValue)
    case .groupRemove(let member, let cuts):
      writer.u8(9)
      writer.id(member)
      writer.cuts(cuts)
    case .unknown(let code): writer.u8(code)
    }
    return writer.bytes
  }

  private static func encode(_ grant: TicketGrant, _ writer: inout Writer) {
    writer.u8(4)
    writer.id(grant.key)
    writer.u8(grant.rank.rawValue)
    writer.u8((grant.isKeeper ? 1 : 0) | (grant.mayAdmit ? 2 : 0))
    writer.id(grant.member)
    writer.u64(grant.expiresMilliseconds)
    writer.u16(grant.uses)
    writer.u8(UInt8(grant.groups.count))
    for group in grant.groups { writer.id(group) }
  }

  private static func encode(_ list: OwnerList, _ writer: inout Writer) {
    writer.u8(6)
    writer.id(list.previous)
    writer.u8(UInt8(list.members.count))
    for member in list.members { writer.id(member) }
    writer.u8(UInt8(list.signatures.count))
    for one in list.signatures {
      writer.id(one.device)
      writer.signature(one.signature)
    }
  }

  /// Decodes the body of a control entry; an operation of a later version becomes `.unknown`.
  package init(decoding body: [UInt8]) throws(DecodeError) {
    var reader = Reader(body, .a1)
    let code = try reader.u8()
    switch code {
    case 1: self = .certify(try Certification(&reader))
    case 2: self = .remove(try Target(&reader), try reader.cuts())
    case 3:
      let member: MemberID = try reader.id()
      guard let rank = Rank(rawValue: try reader.u8()) else { throw .broken(.a1) }
      self = .rank(member, rank, try reader.cuts())
    case 4: self = .ticket(try TicketGrant(&reader))
    case 5: self = .ticketRevoke(try reader.id())
    case 6: self = .owners(try OwnerList(&reader))
    case 7:
      let (feed, seq): (FeedID, UInt32) = (try reader.id(), try reader.u32())
      let (a, b): (EntryID, EntryID) = (try reader.id(), try reader.id())
      guard a < b else { throw .broken(.a1) }
      self = .suspend(feed, seq: seq, a, b)
    case 8:
      let count = Int(try reader.u8())
      let members = try reader.ascending(count, by: \MemberID.self) {
        (r) throws(DecodeError) in try r.id()
      }
      guard !members.isEmpty, let grade = Grade(rawValue: try reader.u8()), grade != .creator
      else { throw .broken(.a1) }
      self = .groupAdd(members, grade)
    case 9: self = .groupRemove(try reader.id(), try reader.cuts())
    default:
      self = .unknown(code: code)
      return
    }
    try reader.finish()
  }
}

extension Operation.Target {
  fileprivate init(_ reader: inout Reader) throws(DecodeError) {
    switch try reader.u8() {
    case 1: self = .member(try reader.id())
    case 2: self = .device(try reader.id())
    default: throw .broken(.a1)
    }
  }
}

extension Operation.Certification {
  fileprivate init(_ reader: inout Reader) throws(DecodeError) {
    certificate = try Certificate(&reader)
    ticket = try reader.id()
    handshake = try reader.id()
    deviceSignature = try reader.signature()
    ticketSignature = try reader.signature()
    guard ticket.isZero == ticketSignature.isZero else { throw .broken(.a1) }
  }
}

extension Operation.TicketGrant {
  fileprivate init(_ reader: inout Reader) throws(DecodeError) {
    key = try reader.id()
    guard let rank = Rank(rawValue: try reader.u8()), rank == .member || rank == .box else {
      throw .broken(.a1)
    }
    self.rank = rank
    let flags = try reader.u8()
    guard flags & ~3 == 0 else { throw .broken(.a1) }
    (isKeeper, mayAdmit) = (flags & 1 != 0, flags & 2 != 0)
    member = try reader.id()
    expiresMilliseconds = try reader.u64()
    uses = try reader.u16()
    groups = try reader.ascending(Int(try reader.u8()), by: \GroupID.self) {
      (r) throws(DecodeError) in try r.id()
    }
  }
}

extension Operation.OwnerList {
  fileprivate init(_ reader: inout Reader) throws(DecodeError) {
    previous = try reader.id()
    members = try reader.ascending(Int(try reader.u8()), by: \MemberID.self) {
      (r) throws(DecodeError) in try r.id()
    }
    guard (1...Limits.ownersMax).contains(members.count) else { throw .broken(.a1) }
    signatures = try reader.ascending(
      Int(try reader.u8()), by: \Operation.OwnerSignature.device
    ) { (r) throws(DecodeError) in
      Operation.OwnerSignature(device: try r.id(), signature: try r.signature())
    }
    guard (1...Limits.ownersMax).contains(signatures.count) else { throw .broken(.a1) }
  }
}

extension Reader {
  /// A list of cuts: at most 1,000, ascending by feed.
  fileprivate mutating func cuts() throws(DecodeError) -> [Cut] {
    let count = Int(try u16())
    guard count <= Limits.cutsMax else { throw fail() }
    return try ascending(count, by: \Cut.feed) { (r) throws(DecodeError) in
      Cut(feed: try r.id(), seq: try r.u32(), entry: try r.id())
    }
  }
}

extension Writer {
  fileprivate mutating func cuts(_ cuts: [Cut]) {
    u16(UInt16(cuts.count))
    for cut in cuts {
      id(cut.feed)
      u32(cut.seq)
      id(cut.entry)
    }
  }
}
