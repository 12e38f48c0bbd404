extension Message {
  /// The byte before a message's length.
  package var kind: UInt8 {
    switch self {
    case .digests: 1
    case .frontier: 2
    case .want: 3
    case .entries: 4
    case .have: 5
    case .bye: 6
    case .ping: 7
    case .pong: 8
    case .admitRequest: 9
    case .admitAnswer: 10
    case .door: 12
    case .knock: 13
    case .doorNonce: 14
    case .opening: 15
    case .doorAnswer: 16
    }
  }

  /// Bytes before the content: kind u8, length u32.
  package static let headSize = 5
  package static let entriesKind: UInt8 = 4

  /// The whole message: kind, length and content.
  package func encode() -> [UInt8] {
    if case .entries(let entries) = self {
      return Self.frame(kind: kind, entries.bytes)
    }
    var writer = Writer()
    switch self {
    case .digests(let list):
      writer.u16(UInt16(list.count))
      for one in list {
        writer.id(one.group)
        writer.id(one.digest)
      }
    case .frontier(let group, let items):
      writer.id(group)
      writer.u32(UInt32(items.count))
      for item in items { item.encode(&writer) }
    case .want(let group, let wants):
      writer.id(group)
      writer.u16(UInt16(wants.count))
      for want in wants {
        writer.id(want.feed)
        writer.id(want.branch)
        writer.u32(want.from)
      }
    case .entries: break
    case .have(let group, let items):
      writer.id(group)
      writer.u16(UInt16(items.count))
      for item in items { item.encode(&writer) }
    case .bye(let code): writer.u8(code.rawValue)
    case .ping(let nonce), .pong(let nonce): writer.u64(nonce)
    case .admitRequest(let request): request.encode(&writer)
    case .admitAnswer(let answer, let certificate):
      writer.u8(answer.rawValue)
      writer.id(certificate)
    case .door, .knock, .doorNonce, .opening, .doorAnswer: encodeAtDoor(&writer)
    }
    return Self.frame(kind: kind, writer.bytes)
  }

  private static func frame(kind: UInt8, _ content: [UInt8]) -> [UInt8] {
    var writer = Writer(capacity: headSize + content.count)
    writer.u8(kind)
    writer.u32(UInt32(content.count))
    writer.append(content)
    return writer.bytes
  }

  /// Decodes the content of one message; nil for a kind that may be ignored.
  package static func decode(kind: UInt8, _ content: [UInt8]) throws(DecodeError) -> Message? {
    if kind == entriesKind { return .entries(try EntriesMessage(decoding: content)) }
    var reader = Reader(content, .r1)
    let message: Message
    switch kind {
    case 1:
      let list = try reader.ascending(
        Int(try reader.u16()), by: \GroupDigest.group
      ) { (r) throws(DecodeError) in GroupDigest(group: try r.id(), digest: try r.id()) }
      guard list.count <= Limits.digestsMax else { throw .broken(.r1) }
      message = .digests(list)
    case 2:
      let group: GroupID = try reader.id()
      message = .frontier(group, try FrontierItem.list(&reader, Int(try reader.u32())))
    case 3: message = try want(&reader)
    case 5:
      let group: GroupID = try reader.id()
      message = .have(group, try FrontierItem.list(&reader, Int(try reader.u16())))
    case 6:
      guard let code = Bye(rawValue: try reader.u8()) else { throw .broken(.r1) }
      message = .bye(code)
    case 7: message = .ping(try reader.u64())
    case 8: message = .pong(try reader.u64())
    case 9: message = .admitRequest(try AdmitRequest(&reader))
    case 10:
      guard let answer = AdmitAnswer(rawValue: try reader.u8()) else { throw .broken(.r1) }
      let certificate: EntryID = try reader.id()
      guard certificate.isZero == (answer != .admitted) else { throw .broken(.r1) }
      message = .admitAnswer(answer, certificate)
    case 12...16: message = try atDoor(kind, &reader)
    case 0, 128...: throw .broken(.r1)
    default: return nil
    }
    try reader.finish()
    return message
  }

  private static func want(_ reader: inout Reader) throws(DecodeError) -> Message {
    let group: GroupID = try reader.id()
    let count = Int(try reader.u16())
    guard count <= Limits.frontierItemsMax else { throw .broken(.r1) }
    let wants = try reader.ascending(
      count, by: \Want.place
    ) { (r) throws(DecodeError) in
      Want(feed: try r.id(), branch: try r.id(), from: try r.seq())
    }
    return .want(group, wants)
  }
}

extension AdmitRequest {
  fileprivate init(_ reader: inout Reader) throws(DecodeError) {
    ticket = try reader.id()
    member = try reader.id()
    device = try reader.id()
    noise = try reader.id()
    sealing = try reader.id()
    deviceSignature = try reader.signature()
    ticketSignature = try reader.signature()
    memberName = try reader.array(Int(try reader.u8()))
    deviceName = try reader.array(Int(try reader.u8()))
  }

  fileprivate func encode(_ writer: inout Writer) {
    writer.id(ticket)
    writer.id(member)
    writer.id(device)
    writer.id(noise)
    writer.id(sealing)
    writer.signature(deviceSignature)
    writer.signature(ticketSignature)
    for name in [memberName, deviceName] {
      precondition(name.count <= 255, "a name longer than its length byte was not checked")
      writer.u8(UInt8(name.count))
      writer.append(name)
    }
  }
}
