import Cryptography
import TestSupport
import Testing

@testable import Format

/// Doors for what travels beside batches: messages, prefaces, greetings, typed lines.
enum LinkDoors {
  static func message(_ vector: Vector) throws -> [String: String] {
    var reader = Reader(vector.bytes, .r1)
    let (kind, length) = (try reader.u8(), try reader.u32())
    try need(length <= UInt32(Limits.messageBytesMax), .decode("R-1"))
    try need(Int(length) == reader.remaining, .decode("R-1"))
    let content = Array(vector.bytes[Message.headSize...])
    guard let message = try Message.decode(kind: kind, content) else {
      return ["message": "unknown"]
    }
    try needSame(message.encode(), vector.bytes)
    switch message {
    case .entries(let entries):
      var unpacker = BatchUnpacker(
        entries.head, entriesAt: EntriesMessage.entriesAt,
        prev: EntryID(Bytes32([UInt8](repeating: 255, count: 32)) ?? Bytes32()))
      var records: [UInt8] = []
      _ = try unpacker.unpack(entries.bytes, into: &records, hasher: RealHasher())
    case .fork(let proof): try fork(proof, vector)
    default: break
    }
    return ["message": name(message)]
  }

  /// what makes a fork proof one.
  private static func fork(_ proof: ForkProof, _ vector: Vector) throws {
    var firsts: [(id: [UInt8], prev: EntryID)] = []
    for side in proof.sides {
      let headers = try side.headers.map { try EntryHeader(decoding: $0) }
      guard vector.text("device-key") != nil else { continue }
      try need(headers[0].seq == proof.seq, .verify("R-13"))
      var id: [UInt8] = []
      for (header, bytes) in zip(headers, side.headers) {
        if !id.isEmpty { try need(header.prev.bytes.array == id, .verify("R-13")) }
        id = hashed(.entry, bytes)
        let feed = header.seq == 0 ? Array(id[..<16]) : header.feed.bytes.array
        let group = header.group.isZero ? id : header.group.bytes.array
        let isThere = feed == proof.feed.bytes.array && group == proof.group.bytes.array
        try need(isThere, .verify("R-13"))
        if firsts.count < proof.sides.count, header.seq == proof.seq {
          firsts.append((id, header.prev))
        }
      }
      let genuine = isGenuine(
        side.signature.array, .entry, id, by: try vector.hex("device-key"))
      try need(genuine, .verify("R-13"))
    }
    guard firsts.count == 2 else { return }
    try need(firsts[0].id.lexicographicallyPrecedes(firsts[1].id), .verify("R-13"))
    try need(firsts[0].prev == firsts[1].prev, .verify("R-13"))
  }

  private static func name(_ message: Message) -> String {
    switch message {
    case .digests: "digests"
    case .frontier: "frontier"
    case .want: "want"
    case .entries: "entries"
    case .have: "have"
    case .bye: "bye"
    case .ping: "ping"
    case .pong: "pong"
    case .admitRequest: "admit-request"
    case .admitAnswer: "admit-answer"
    case .fork: "fork"
    }
  }

  static func digest(_ vector: Vector) throws -> [String: String] {
    var reader = Reader(vector.bytes, .r1)
    let count = vector.bytes.count / FrontierItem.size
    let items = try FrontierItem.list(&reader, count)
    try reader.finish()
    var writer = Writer()
    for item in items { item.encode(&writer) }
    return ["digest": hashed(.frontier, try vector.hex("group"), writer.bytes).hex]
  }

  static func preface(_ vector: Vector) throws -> [String: String] {
    let preface = try Preface(decoding: vector.bytes)
    try needSame(preface.bytes, vector.bytes)
    return ["mode": [preface.mode.rawValue].hex]
  }

  static func greeting(_ vector: Vector) throws -> [String: String] {
    let greeting = try Greeting(decoding: vector.bytes)
    try needSame(greeting.encode(), vector.bytes)
    return ["certificate": greeting.certificate.description]
  }

  static func line(_ vector: Vector) throws -> [String: String] {
    let text = String(decoding: vector.bytes, as: UTF8.self)
    let checksum: TypedLine.Checksum = { checksumOf($0) }
    do {
      if vector.text("prefix") == RecoveryLine.prefix {
        let line = try RecoveryLine(decoding: text, checksum)
        #expect(try RecoveryLine(decoding: line.encode(checksum), checksum) == line)
        return ["office": line.office.description, "seed": line.seed.array.hex]
      }
      if vector.text("prefix") == OwnersLine.prefix {
        let line = try OwnersLine(decoding: text, checksum)
        #expect(try OwnersLine(decoding: line.encode(checksum), checksum) == line)
        return [
          "office": line.office.description,
          "signatures": [UInt8(line.list.signatures.count)].hex,
        ]
      }
      let line = try TicketLine(decoding: text, checksum)
      #expect(try TicketLine(decoding: line.encode(checksum), checksum) == line)
      return [
        "office": line.office.description, "psk": line.sharedKey.array.hex,
        "seed": line.seed.array.hex, "ticket-key": try ticketKey(line.seed.array).hex,
        "member": line.member.description,
      ]
    } catch let refusal as TypedLine.Refusal {
      switch refusal {
      case .otherPrefix: throw Refusal.decode("N-5")
      case .damaged: throw Refusal.decode("N-1")
      case .newerVersion: throw Refusal.decode("N-6")
      }
    }
  }
}
