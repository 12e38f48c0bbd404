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
    default: break
    }
    return ["message": name(message)]
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
    case .door: "door"
    case .knock: "knock"
    case .doorNonce: "door-nonce"
    case .opening: "opening"
    case .doorAnswer: "door-answer"
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
