import Cryptography
import Format
import Platform
import TestSupport

/// Tickets, recovery keys and changes of owners, as people type and paste them.
enum TypedLines {
  static let target = FuzzTarget(
    name: "line", kind: .decoder,
    abstract: "a typed line that is taken is the one line for what it says", reaches: ["Format"],
    sizeMax: 1_024, seeds: { seeds() }, run: { try run($0) })

  private static func checksum(_ bytes: [UInt8]) -> [UInt8] {
    let hash = Blake2b.hash16(.check, bytes.span)
    return hash.indices.map { hash[$0] }
  }

  private static let prefixes = [TicketLine.prefix, RecoveryLine.prefix, OwnersLine.prefix]

  /// Whole lines, and what is in them alone: no chance finds a checksum.
  private static func seeds() -> [[UInt8]] {
    Vector.of("line").flatMap { vector -> [[UInt8]] in
      let text = String(decoding: vector.bytes, as: UTF8.self)
      guard let kind = prefixes.firstIndex(where: { TypedLine.begins(text, $0) }) else {
        return [[0] + vector.bytes]
      }
      let content = try? TypedLine.decode(prefixes[kind], text, checksum)
      return [[UInt8(kind)] + vector.bytes] + (content.map { [[UInt8(kind + 3)] + $0] } ?? [])
    }
  }

  /// The first byte says which line it is, and whether it is to be written first.
  static func run(_ input: [UInt8]) throws {
    guard let first = input.first else { return }
    let prefix = prefixes[Int(first) % prefixes.count]
    let bytes = Array(input.dropFirst())
    let isContent = Int(first) / prefixes.count % 2 == 1
    let text =
      isContent ? TypedLine.encode(prefix, bytes, checksum) : String(decoding: bytes, as: UTF8.self)
    if isContent, !bytes.isEmpty {
      try need(
        (try? TypedLine.decode(prefix, text, checksum)) == bytes, "a line that was written is lost")
    }
    switch prefix {
    case TicketLine.prefix:
      guard let line = try? TicketLine(decoding: text, checksum) else { return }
      try same(line.encode(checksum), text)
      for hint in line.addresses { _ = IPAddress(bytes: hint.address, scope: 0)?.description }
      _ = try? SigningKey(ticketSeed: line.seed.array.span)
    case RecoveryLine.prefix:
      guard let line = try? RecoveryLine(decoding: text, checksum) else { return }
      try same(line.encode(checksum), text)
    default:
      guard let line = try? OwnersLine(decoding: text, checksum) else { return }
      try same(line.encode(checksum), text)
    }
  }

  /// Blanks and capitals are all that a person may change.
  private static func same(_ encoded: String, _ text: String) throws {
    let typed = text.utf8.filter { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }
      .map { (0x41...0x5a).contains($0) ? $0 + 0x20 : $0 }
    try need(Array(encoded.utf8) == typed, "a line was taken that is written otherwise")
  }
}
