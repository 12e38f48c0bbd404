import Cryptography
import Format
import Platform
import TestSupport

@testable import Transport

/// A newcomer and a sponsor whose links the test holds: what each is told is what the test passes on.
struct DoorScene {
  static let person = DoorScene.name("Ben Vogel")
  static let device = DoorScene.name("pc-ben")
  static let door = Message.door(
    office: name("Müller GmbH"), sponsor: name("Anna Weber"), member: nil)

  static func name(_ text: String) -> Name {
    guard let name = try? Name(text) else { preconditionFailure("\(text) is no name") }
    return name
  }

  /// 32 bytes that come again from the same seed.
  static func bytes(_ random: inout SeededGenerator) -> Bytes32 {
    Bytes32(random.bytes(32).raw, 0)
  }

  /// The terms of a link that is like no other.
  static func terms(_ random: inout SeededGenerator) -> DoorTerms {
    DoorTerms(
      handshake: HandshakeHash(bytes(&random)), newcomer: NoiseIdentity(bytes(&random)),
      sponsor: NoiseIdentity(bytes(&random)))
  }

  /// A newcomer who was told whose door it is.
  static func looking(_ terms: DoorTerms, _ nonce: Bytes32) throws -> Knock {
    var knock = Knock(terms, nonce: nonce)
    _ = try knock.take(door)
    return knock
  }
}

extension Knock {
  /// Knocks as the person of the scene.
  mutating func knocks() throws -> Message {
    guard let message = knock(person: DoorScene.person, device: DoorScene.device) else {
      throw DecodeError.broken(.h13)
    }
    return message
  }

  /// The digits and the opening that follow the sponsor's nonce.
  mutating func digits(after nonce: Message) throws -> (SixDigits, Message) {
    guard case .compares(let digits, let opening) = try take(nonce) else {
      throw DecodeError.broken(.h13)
    }
    return (digits, opening)
  }
}

extension DoorVisit {
  /// The sponsor's nonce that answers a knock.
  mutating func nonce(after knock: Message) throws -> Message {
    guard case .knocked(let nonce) = try take(knock) else { throw DecodeError.broken(.h13) }
    return nonce
  }

  mutating func digits(after opening: Message) throws -> SixDigits {
    guard case .compares(let digits) = try take(opening) else { throw DecodeError.broken(.h13) }
    return digits
  }
}

extension Message {
  /// A nonce as the sponsor's side says it; nil for another message.
  var nonce: Bytes32? {
    switch self {
    case .doorNonce(let nonce), .opening(let nonce): nonce
    default: nil
    }
  }
}

/// Two machines of mode 2 whose bytes the test carries itself.
struct DoorLink {
  let newcomer: MachineBox
  let sponsor: MachineBox
  let newcomerKey: DoorKey
  let sponsorKey: DoorKey

  /// The newcomer dials; nothing has moved yet. A sponsor without a key holds no door open.
  init(isOpen: Bool = true) throws {
    newcomerKey = DoorKey(NoiseKey())
    sponsorKey = DoorKey(NoiseKey())
    newcomer = MachineBox(LinkMachine(knockingWith: newcomerKey, at: .at(0)))
    sponsor = MachineBox(
      LinkMachine(
        answeringFor: [try Someone.identity(2)], door: isOpen ? sponsorKey : nil,
        hello: Someone.hello(2, port: 22), at: .at(0)))
  }

  /// Carries bytes to and fro until none are left.
  func settle(at now: Moment = .at(0)) {
    for _ in 0..<64 where newcomer.hasOutput || sponsor.hasOutput {
      sponsor.received(newcomer.takeOutput(), at: now)
      newcomer.received(sponsor.takeOutput(), at: now)
    }
  }

  /// What both handshakes proved, once they are done.
  func ups() -> (newcomer: LinkUp, sponsor: LinkUp)? {
    settle()
    guard let a = newcomer.events().ups.first, let b = sponsor.events().ups.first else {
      return nil
    }
    return (a, b)
  }
}

extension MachineBox {
  /// All that is to be told.
  func events() -> [LinkEvent] {
    var events: [LinkEvent] = []
    while let event = nextEvent() { events.append(event) }
    return events
  }
}
