import Format
import TestSupport

/// Draws well-formed values from a seed.
struct Drawing {
  var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func bytes16() -> Bytes16 { Bytes16(generator.next() | 1, generator.next()) }

  mutating func bytes32() -> Bytes32 {
    var bytes = generator.bytes(32)
    bytes[0] |= 1
    return Bytes32(bytes) ?? Bytes32()
  }

  mutating func id32<T: Identifier32>() -> T { T(bytes32()) }
  mutating func id16<T: Identifier16>() -> T { T(bytes16()) }

  mutating func u32() -> UInt32 { UInt32(truncatingIfNeeded: generator.next()) }

  mutating func signature() -> SignatureBytes {
    SignatureBytes(generator.bytes(64)) ?? SignatureBytes()
  }

  mutating func list<T>(_ most: Int, _ draw: (inout Drawing) -> T) -> [T] {
    (0..<generator.number(0...most)).map { _ in draw(&self) }
  }

  /// References ascending by feed, none of them `own`.
  mutating func deps(_ most: Int, not own: FeedID) -> [Reference] {
    list(most) { Reference(feed: $0.id16(), seq: $0.u32(), prefix: $0.bytes16()) }
      .filter { $0.feed != own }.sorted { $0.feed < $1.feed }
  }

  /// Extensions that fill `count` bytes exactly; one byte cannot be filled.
  static func ext(filling count: Int) -> [EntryHeader.Extension] {
    var out: [EntryHeader.Extension] = []
    var left = count
    while left > 0 {
      // A rest of one byte could not hold a type and a length.
      let size = left > 257 ? (left == 258 ? 256 : 257) : left
      out.append(
        .init(type: UInt8(out.count + 1), value: [UInt8](repeating: 0xee, count: size - 2)))
      left -= size
    }
    return out
  }

  /// A header of any kind but genesis, or of the kind given.
  mutating func header(kind: EntryKind? = nil) -> EntryHeader {
    let kinds = EntryKind.allCases.filter { $0 != .genesis }
    let kind = kind ?? kinds[generator.number(0...kinds.count - 1)]
    let feed: FeedID = id16()
    let hasBody = kind == .control || !generator.oneIn(4)
    let isPlain = [.control, .erase, .seal, .keys, .adopt].contains(kind)
    let isEncrypted = kind == .epoch || kind == .share || (!isPlain && generator.oneIn(2))
    var ext: [EntryHeader.Extension] = []
    if generator.oneIn(4) {
      ext = [.init(type: 9, value: generator.bytes(generator.number(0...40)))]
    }
    var header = EntryHeader(
      kind: kind, group: id32(), feed: feed, seq: max(1, u32() >> 1), prev: id32(),
      wallMilliseconds: generator.next(), lamport: max(2, u32()),
      epoch: isEncrypted ? id16() : EpochID(Bytes16()),
      bodySize: hasBody ? UInt32(generator.number(1...Limits.bodyBytesMax)) : 0,
      bodyHash: hasBody ? id32() : BodyHash(Bytes32()),
      deps: deps(Limits.depsMax, not: feed), ext: ext)
    if generator.oneIn(4) { header.flags = UInt16(truncatingIfNeeded: generator.next()) }
    if generator.oneIn(8) { header.kindByte = UInt8(generator.number(10...255)) }
    return header
  }

  mutating func certificate() -> Certificate {
    Certificate(
      member: id16(), device: id32(), noise: id32(), sealing: id32(),
      rank: Rank(rawValue: UInt8(generator.number(0...5))) ?? .member,
      isKeeper: generator.oneIn(2), mayAdmit: generator.oneIn(2))
  }

  mutating func cuts() -> [Cut] {
    list(6) { Cut(feed: $0.id16(), seq: $0.u32(), entry: $0.id32()) }
      .sorted { $0.feed < $1.feed }
  }

  mutating func operation() -> Format.Operation {
    switch generator.number(1...9) {
    case 1:
      let isByTicket = generator.oneIn(2)
      return .certify(
        .init(
          certificate: certificate(), ticket: isByTicket ? id32() : TicketKey(Bytes32()),
          handshake: id32(), deviceSignature: signature(),
          ticketSignature: isByTicket ? signature() : SignatureBytes()))
    case 2: return .remove(generator.oneIn(2) ? .member(id16()) : .device(id32()), cuts())
    case 3: return .rank(id16(), .box, cuts())
    case 4:
      return .ticket(
        .init(
          key: id32(), rank: generator.oneIn(2) ? .member : .box, isKeeper: generator.oneIn(2),
          mayAdmit: generator.oneIn(2), member: id16(), expiresMilliseconds: generator.next(),
          uses: UInt16(truncatingIfNeeded: generator.next()),
          groups: list(5) { $0.id32() }.sorted()))
    case 5: return .ticketRevoke(id32())
    case 6:
      let members: [MemberID] = [id16()] + list(4) { $0.id16() }
      let signatures = [1, 2].map { _ in
        Format.Operation.OwnerSignature(device: id32(), signature: signature())
      }
      return .owners(
        .init(
          previous: id32(), members: members.sorted(),
          signatures: signatures.sorted { $0.device < $1.device }))
    case 7:
      let ids: [EntryID] = [id32(), id32()].sorted()
      return .suspend(id16(), seq: u32(), ids[0], ids[1])
    case 8:
      let members: [MemberID] = [id16()] + list(4) { $0.id16() }
      return .groupAdd(members.sorted(), generator.oneIn(2) ? .manager : .member)
    default: return .groupRemove(id16(), cuts())
    }
  }

  mutating func items() -> [FrontierItem] {
    list(8) {
      FrontierItem(feed: $0.id16(), branch: $0.id16(), seq: $0.u32(), prefix: $0.bytes16())
    }.sorted { $0.place < $1.place }
  }

  mutating func message() -> Message {
    switch generator.number(1...10) {
    case 1:
      return .digests(
        list(5) { .init(group: $0.id32(), digest: $0.id32()) }.sorted { $0.group < $1.group })
    case 2: return .frontier(id32(), items())
    case 3:
      let wants = list(6) { Message.Want(feed: $0.id16(), branch: $0.id16(), from: $0.u32()) }
      return .want(id32(), wants.sorted { $0.place < $1.place })
    case 4: return .have(id32(), items())
    case 5: return .bye(Message.Bye(rawValue: UInt8(generator.number(1...7))) ?? .done)
    case 6: return .ping(generator.next())
    case 7: return .pong(generator.next())
    case 8:
      return .admitRequest(
        AdmitRequest(
          ticket: id32(), member: id16(), device: id32(), noise: id32(), sealing: id32(),
          deviceSignature: signature(), ticketSignature: signature(),
          memberName: generator.bytes(generator.number(0...255)),
          deviceName: generator.bytes(generator.number(0...255))))
    default:
      let isAdmitted = generator.oneIn(2)
      return .admitAnswer(
        isAdmitted ? .admitted : .expired, isAdmitted ? id32() : EntryID(Bytes32()))
    }
  }

  mutating func text(_ most: Int) -> [UInt8] {
    let alphabet = Array("abc äöü€ 😀\n\0".unicodeScalars)
    var text = String.UnicodeScalarView()
    for _ in 0..<generator.number(1...most) {
      text.append(alphabet[generator.number(0...alphabet.count - 1)])
    }
    return Array(String(text).utf8)
  }

  mutating func name() -> Name {
    let letters = generator.bytes(generator.number(1...128)).map { 0x61 + $0 % 26 }
    do { return try Name(letters) } catch { preconditionFailure("letters are a name") }
  }

  mutating func content() -> Content {
    switch generator.number(1...4) {
    case 1:
      return .text(id16(), text(400), reply: generator.number(0...1) == 0 ? nil : id32())
    case 2:
      return .title(
        id16(), title: name(), purpose: text(100),
        again: generator.number(0...1) == 0 ? nil : id32())
    case 3:
      let sign = generator.number(0...1) == 0 ? nil : try? Name([UInt8]("\u{1F44D}".utf8))
      return .reaction(id16(), to: id32(), sign: sign)
    default:
      let subjects: [Content.Subject] = [
        .office, .member(id16()), .device(id32()), .ticket(id32()),
      ]
      return .name(id16(), subjects[generator.number(0...3)], name())
    }
  }
}
