import Cryptography
import Format
import Platform
import TestSupport

@testable import Transport

/// Two ends of a link and what somebody between them does with the bytes: XXpsk0 for members and for
/// tickets, XX at an open door.
enum Handshakes {
  static let target = FuzzTarget(
    name: "handshake", kind: .sequence,
    abstract:
      "a link comes up only if both ends said every byte of its handshake, and tells only what"
      + " was said", reaches: ["Transport", "Cryptography", "Format"], sizeMax: 512,
    seeds: { seeds() }, run: { try run($0) })

  private static let office = GroupID(Bytes32(repeating: 7))

  private static func identity(_ byte: UInt8, secret: UInt8) -> LinkIdentity {
    guard let shared = try? PreSharedKey(bytes: [UInt8](repeating: secret, count: 32).span),
      let noise = try? NoiseKey(bytes: [UInt8](repeating: byte, count: 32).span)
    else { preconditionFailure("a key has 32 bytes") }
    return LinkIdentity(
      keys: LinkKeys(office: office, preSharedKey: shared, noiseKey: noise),
      certificate: EntryID(Bytes32(repeating: byte)))
  }

  private static func door(_ byte: UInt8) -> DoorKey {
    guard let noise = try? NoiseKey(bytes: [UInt8](repeating: byte, count: 32).span) else {
      preconditionFailure("a key has 32 bytes")
    }
    return DoorKey(noise)
  }

  static let anna = identity(1, secret: 1)
  static let ben = identity(2, secret: 1)
  private static let stranger = identity(3, secret: 2)
  private static let openDoor = door(4)
  private static let newcomer = door(5)

  private static func seeds() -> [[UInt8]] {
    let all: [UInt8] = [0, 1, 0, 1, 0, 1]
    let talk: [UInt8] = [6, 7, 0, 1, 6, 6, 0, 7, 1]
    var seeds: [[UInt8]] = []
    for mode in 0..<UInt8(6) {
      seeds.append([mode] + all + talk)
      // Byte by byte, some of it changed, with time passing and ends.
      seeds.append([mode, 2, 5, 2, 200, 3, 9, 0, 1, 4, 0, 0, 70, 1] + all)
      seeds.append([mode] + all + [13, 8, 30, 0, 1, 11, 0, 1])
      seeds.append([mode, 0, 5, 0, 0, 20, 4] + all)
    }
    // Frames as the vectors have them, said to whoever answers.
    for vector in Vector.of("handshake") where vector.bytes.count < 400 {
      seeds.append([5, 9, UInt8(min(255, vector.bytes.count))] + vector.bytes.prefix(255))
    }
    return seeds
  }

  /// One end, and all that it said and heard.
  private final class End {
    var machine: LinkMachine
    var said: [UInt8] = []
    /// On its way to this end.
    var coming: [UInt8] = []
    var heard: [UInt8] = []
    var up: LinkUp?
    var downs = 0
    var told: [Message] = []
    var sent: [Message] = []

    init(_ machine: consuming LinkMachine) { self.machine = machine }

    func hear(_ bytes: [UInt8], at now: Moment) {
      heard += bytes
      var scrap = bytes
      machine.received(&scrap, count: bytes.count, at: now)
    }

    func look() throws(Found) {
      while let event = machine.nextEvent() {
        try need(downs == 0, "a link that is over tells more")
        switch event {
        case .up(let link):
          try need(up == nil, "a link comes up twice")
          up = link
        case .message(let message):
          try need(up != nil, "a message came before the handshake was done")
          told.append(message)
        case .answered: break
        case .down: downs += 1
        }
      }
    }
  }

  /// The first byte says which handshake, the others what happens to it.
  static func run(_ input: [UInt8]) throws {
    try SeededRandomness.from(7) {
      var choices = Choices(input)
      let mode = choices.below(6)
      let (a, b) = pair(mode)
      var now = Moment(nanoseconds: 0)
      while !choices.isOver {
        step(&choices, a, b, &now)
        try settle(a, b)
      }
      for _ in 0..<4 {
        carry(a, b, Int.max, now)
        carry(b, a, Int.max, now)
        try settle(a, b)
      }
      try judge(a, b, firstFrame: mode == 4 ? 32 : 48, mayMeet: mode != 3)
    }
  }

  private static func pair(_ mode: Int) -> (End, End) {
    let start = Moment(nanoseconds: 0)
    func hello(_ byte: UInt8) -> LinkHello {
      LinkHello(
        bootNonce: BootNonce(Bytes16(UInt64(byte), 0)), wallMilliseconds: 1, port: UInt16(byte))
    }
    let dialling: LinkMachine
    switch mode {
    case 1: dialling = LinkMachine(dialling: anna, mode: .ticket, hello: hello(1), at: start)
    case 2: dialling = LinkMachine(dialling: ben, mode: .member, hello: hello(1), at: start)
    case 3: dialling = LinkMachine(dialling: stranger, mode: .member, hello: hello(1), at: start)
    case 4: dialling = LinkMachine(knockingWith: newcomer, at: start)
    default: dialling = LinkMachine(dialling: anna, mode: .member, hello: hello(1), at: start)
    }
    return (
      End(dialling),
      End(LinkMachine(answeringFor: [ben], door: openDoor, hello: hello(2), at: start))
    )
  }

  private static func step(_ choices: inout Choices, _ a: End, _ b: End, _ now: inout Moment) {
    switch choices.below(15) {
    case 0: carry(a, b, Int.max, now)
    case 1: carry(b, a, Int.max, now)
    case 2: carry(a, b, Int(choices.byte()), now)
    case 3: carry(b, a, Int(choices.byte()), now)
    case 4: Edit.apply(&choices, to: &b.coming)
    case 5: Edit.apply(&choices, to: &a.coming)
    case 6: say(a, &choices)
    case 7: say(b, &choices)
    case 8:
      now = now + .milliseconds(250 * Int(choices.byte()))
      a.machine.tick(at: now)
      b.machine.tick(at: now)
    case 9: b.hear(choices.piece(), at: now)
    case 10: a.hear(choices.piece(), at: now)
    case 11: a.machine.close(.done)
    case 12: b.machine.connectionEnded(.cut)
    case 13:
      a.machine.promote()
      b.machine.promote()
    default: b.machine.probe(from: now, until: now + .seconds(2))
    }
  }

  private static func say(_ end: End, _ choices: inout Choices) {
    let number = choices.byte()
    let message = Message.doorNonce(Bytes32(repeating: number))
    if end.machine.send(message) { end.sent.append(message) }
  }

  /// Lets so many bytes arrive.
  private static func carry(_ from: End, _ to: End, _ count: Int, _ now: Moment) {
    take(from, to)
    let bytes = Array(to.coming.prefix(count))
    to.coming.removeFirst(bytes.count)
    to.hear(bytes, at: now)
  }

  private static func take(_ from: End, _ to: End) {
    let bytes = from.machine.takeOutput()
    from.said += bytes
    to.coming += bytes
  }

  private static func settle(_ a: End, _ b: End) throws(Found) {
    take(a, b)
    take(b, a)
    try a.look()
    try b.look()
    for end in [a, b] {
      try need(
        end.machine.queuedBytes <= Limits.sendQueueBytesMax + TransportLimits.sendReserveBytes,
        "more waits to be sent than may")
    }
  }

  /// `firstFrame`: the size of the first message of the handshake that the dialling end writes.
  private static func judge(_ a: End, _ b: End, firstFrame: Int, mayMeet: Bool) throws(Found) {
    let toB = Preface.size + 2 + firstFrame
    let toA = 2 + HandshakeSize.message2
    let rest = 2 + HandshakeSize.message3
    if a.up != nil {
      try need(
        a.heard.prefix(toA) == b.said.prefix(toA) && b.heard.prefix(toB) == a.said.prefix(toB),
        "a link came up though its handshake was changed on the way")
      try need(mayMeet, "a stranger's link came up")
    }
    if let up = b.up {
      try need(
        b.heard.prefix(toB + rest) == a.said.prefix(toB + rest)
          && a.heard.prefix(toA) == b.said.prefix(toA),
        "a link came up though its handshake was changed on the way")
      try need(mayMeet && up.handshakeHash == a.up?.handshakeHash, "a link has two hashes")
      try need(
        up.mode != .digits || up.greeting.certificate.isZero, "somebody says at a door who they are"
      )
    }
    try need(a.told.elementsEqual(b.sent.prefix(a.told.count)), "a link tells what was not said")
    try need(b.told.elementsEqual(a.sent.prefix(b.told.count)), "a link tells what was not said")
  }
}
