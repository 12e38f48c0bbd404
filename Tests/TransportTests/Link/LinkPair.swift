import Cryptography
import Format
import Platform

@testable import Transport

/// A handful of fixed identities, so that no test depends on another's randomness.
enum Someone {
  static let office = GroupID(Bytes32([UInt8](repeating: 7, count: 32).raw, 0))
  static let otherOffice = GroupID(Bytes32([UInt8](repeating: 8, count: 32).raw, 0))

  /// The keys of device `device` in an office with the secret `secret`.
  static func keys(
    _ device: UInt8, office: GroupID = office, secret: UInt8 = 1
  ) throws -> LinkKeys {
    LinkKeys(
      office: office,
      preSharedKey: try PreSharedKey(bytes: [UInt8](repeating: secret, count: 32).span),
      noiseKey: try NoiseKey(bytes: [UInt8](repeating: device, count: 32).span))
  }

  static func identity(
    _ device: UInt8, office: GroupID = office, secret: UInt8 = 1
  ) throws -> LinkIdentity {
    LinkIdentity(
      keys: try keys(device, office: office, secret: secret),
      certificate: EntryID(Bytes32([UInt8](repeating: device, count: 32).raw, 0)))
  }

  static func hello(_ nonce: UInt8, port: UInt16 = 0) -> LinkHello {
    LinkHello(
      bootNonce: BootNonce(Bytes16(UInt64(nonce), 0)), wallMilliseconds: 1_000, port: port)
  }
}

extension Moment {
  /// The moment that many seconds after the clock's zero.
  static func at(_ seconds: Double) -> Moment { Moment(nanoseconds: Int64(seconds * 1e9)) }
}

/// Two machines whose bytes the test carries itself.
struct LinkPair {
  let a: MachineBox
  let b: MachineBox
  var aEvents: [LinkEvent] = []
  var bEvents: [LinkEvent] = []

  /// `a` dials, `b` answers; nothing has moved yet.
  init(
    a: LinkIdentity, b: [LinkIdentity], mode: Preface.Mode = .member, aNonce: UInt8 = 1,
    bNonce: UInt8 = 2
  ) {
    self.a = MachineBox(
      LinkMachine(
        dialling: a, mode: mode, hello: Someone.hello(aNonce, port: 11), at: .at(0)))
    self.b = MachineBox(
      LinkMachine(answeringFor: b, hello: Someone.hello(bNonce, port: 22), at: .at(0)))
  }

  /// The usual two devices of one office.
  init() throws { self.init(a: try Someone.identity(1), b: [try Someone.identity(2)]) }

  /// A pair that is linked and promoted on both sides, with no event left.
  static func linked() throws -> LinkPair {
    var pair = try LinkPair()
    pair.settle()
    pair.a.promote()
    pair.b.promote()
    pair.takeEvents()
    return pair
  }

  mutating func takeEvents() {
    aEvents = []
    bEvents = []
    while let event = a.nextEvent() { aEvents.append(event) }
    while let event = b.nextEvent() { bEvents.append(event) }
  }

  /// Carries bytes to and fro until none are left; at most `limit` turns.
  func settle(at now: Moment = .at(0), limit: Int = 64) {
    for _ in 0..<limit where a.hasOutput || b.hasOutput {
      b.received(a.takeOutput(), at: now)
      a.received(b.takeOutput(), at: now)
    }
  }
}

extension [LinkEvent] {
  var ends: [LinkEnd] {
    compactMap { if case .down(let end) = $0 { end } else { nil } }
  }

  var ups: [LinkUp] {
    compactMap { if case .up(let up) = $0 { up } else { nil } }
  }

  var messages: [Message] {
    compactMap { if case .message(let message) = $0 { message } else { nil } }
  }

  var answers: Int {
    count { if case .answered = $0 { true } else { false } }
  }
}

extension Message {
  /// An `entries` message of `count` bytes of content, whose batch no test unpacks.
  static func sample(_ count: Int, _ seed: UInt8) throws -> Message {
    .entries(try EntriesMessage(decoding: sampleContent(count, seed)))
  }

  static func sampleContent(_ count: Int, _ seed: UInt8) -> [UInt8] {
    var content = [UInt8](repeating: 0, count: count)
    for index in content.indices { content[index] = UInt8(truncatingIfNeeded: index * 31) &+ seed }
    // What a batch's head must hold: it begins at sequence 5 and has one entry.
    content.replaceSubrange(64..<70, with: [0, 0, 0, 5, 0, 1])
    return content
  }
}
