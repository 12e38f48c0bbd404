import Format
import TestSupport
import Testing

@testable import Transport

/// The door for visits at an open door: what both sides make of what was said, in turn.
enum VisitDoor {
  static func visit(_ vector: Vector) throws -> [String: String] {
    var both = Both(
      terms: DoorTerms(
        handshake: HandshakeHash(try bytes(vector, "hash")),
        newcomer: NoiseIdentity(try bytes(vector, "newcomer-key")),
        sponsor: NoiseIdentity(try bytes(vector, "sponsor-key"))))
    let (messages, end) = Self.messages(vector.bytes)
    // What each side drew beforehand stands where it is said.
    for message in messages {
      switch message {
      case .doorNonce(let nonce): both.sponsorNonce = both.sponsorNonce ?? nonce
      case .opening(let nonce): both.newcomerNonce = both.newcomerNonce ?? nonce
      default: break
      }
    }
    both.begin()
    for message in messages { try both.take(message) }
    // What comes first is judged first, as on a link.
    if let end { throw end }
    #expect(Set(both.digits).count <= 1, "\(vector.path): the sides differ")
    return ["digits": both.digits.first ?? ""]
  }

  private static func bytes(_ vector: Vector, _ key: String) throws -> Bytes32 {
    try #require(Bytes32(vector.hex(key)))
  }

  /// A stream's messages up to one that is none; one of a kind that is not known is ignored.
  private static func messages(_ stream: [UInt8]) -> (found: [Message], end: (any Error)?) {
    var (reader, found) = (Reader(stream, .r1), [Message]())
    do {
      while reader.remaining > 0 {
        let (kind, length) = (try reader.u8(), try reader.u32())
        try need(length <= UInt32(Limits.messageBytesMax), .decode("R-1"))
        let content = try reader.array(Int(length))
        if let message = try Message.decode(kind: kind, content) { found.append(message) }
      }
      return (found, nil)
    } catch {
      return (found, error)
    }
  }
}

/// The newcomer's side and the sponsor's, each told what the other said.
private struct Both {
  let terms: DoorTerms
  var sponsorNonce: Bytes32?
  var newcomerNonce: Bytes32?
  var digits: [String] = []
  private var visit: DoorVisit?
  private var knock: Knock?

  init(terms: DoorTerms) { self.terms = terms }

  mutating func begin() {
    visit = DoorVisit(terms, nonce: sponsorNonce ?? Bytes32())
    knock = Knock(terms, nonce: newcomerNonce ?? Bytes32())
  }

  mutating func take(_ message: Message) throws {
    switch message {
    case .knock(_, let person, let device):
      // The newcomer's side says so itself, and only in its turn.
      try need(knock?.knock(person: person, device: device) != nil, .decode("H-13"))
      _ = try visit?.take(message)
    case .opening:
      // It opens what it committed to once it has shown the digits.
      try need(!digits.isEmpty, .decode("H-13"))
      if case .compares(let digits)? = try visit?.take(message) {
        self.digits.append(digits.description)
      }
    case .door, .doorNonce, .doorAnswer:
      if case .compares(let digits, _)? = try knock?.take(message) {
        self.digits.append(digits.description)
      }
    default:
      _ = try visit?.take(message)
      _ = try knock?.take(message)
    }
  }
}
