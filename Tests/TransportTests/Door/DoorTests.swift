import Cryptography
import Format
import Platform
import TestSupport
import Testing

@testable import Transport

/// Two who keep to the rules at a door, over real links without sockets.
@Suite struct DoorTests {
  @Test func `both sides show the same digits, and the yes comes with a ticket`() throws {
    let link = try DoorLink()
    let ups = try #require(link.ups())
    var random = SeededGenerator(seed: 1)
    var visit = DoorVisit(
      ups.sponsor, key: link.sponsorKey.identity, nonce: DoorScene.bytes(&random))
    var knock = Knock(
      ups.newcomer, key: link.newcomerKey.identity, nonce: DoorScene.bytes(&random))
    let door = try knock.take(DoorScene.door)
    #expect(
      door
        == .door(
          office: DoorScene.name("Müller GmbH"), sponsor: DoorScene.name("Anna Weber"),
          member: nil))
    let nonce = try visit.nonce(after: try knock.knocks())
    #expect(visit.who?.person == DoorScene.person && visit.who?.device == DoorScene.device)
    let (shown, opening) = try knock.digits(after: nonce)
    let seen = try visit.digits(after: opening)
    #expect(seen == shown)
    #expect(shown.description.utf8.count == 6 && shown.number < 1_000_000)
    let ticket = Array("zr1-ticket-x".utf8)
    let end = try knock.take(.doorAnswer(.admitted, ticket: ticket))
    #expect(end == .answered(.admitted, ticket: ticket))
  }

  @Test func `whoever was told the sponsor's nonce has had a try, and who only looks has not`()
    throws
  {
    let link = try DoorLink()
    let ups = try #require(link.ups())
    var random = SeededGenerator(seed: 2)
    var visit = DoorVisit(
      ups.sponsor, key: link.sponsorKey.identity, nonce: DoorScene.bytes(&random))
    var knock = Knock(
      ups.newcomer, key: link.newcomerKey.identity, nonce: DoorScene.bytes(&random))
    _ = try knock.take(DoorScene.door)
    #expect(!visit.knowsNonce)
    let nonce = try visit.nonce(after: try knock.knocks())
    #expect(visit.knowsNonce)
    let (_, opening) = try knock.digits(after: nonce)
    _ = try visit.digits(after: opening)
    #expect(visit.knowsNonce)
  }

  @Test func `neither side says at the door who it is`() throws {
    let link = try DoorLink()
    let ups = try #require(link.ups())
    for up in [ups.newcomer, ups.sponsor] {
      #expect(up.mode == .digits && up.office.isZero)
      #expect(up.greeting.certificate.isZero && up.greeting.bootNonce.isZero)
      #expect(up.greeting.port == 0 && up.greeting.wallMilliseconds == 0)
    }
    #expect(ups.newcomer.handshakeHash == ups.sponsor.handshakeHash)
    // The keys are those of the door and the knock, not those of the devices.
    #expect(ups.newcomer.remoteKey == link.sponsorKey.identity)
    #expect(ups.newcomer.remoteKey != (try Someone.keys(2).identity))
    #expect(ups.sponsor.remoteKey == link.newcomerKey.identity)
  }

  @Test func `where no door is open a stranger gets no byte`() throws {
    let link = try DoorLink(isOpen: false)
    link.sponsor.received(link.newcomer.takeOutput(), at: .at(0))
    #expect(!link.sponsor.hasOutput)
    #expect(link.sponsor.events().ends == [.modeRefused])
  }

  @Test func `an open door is no way in for the other modes`() throws {
    let key = DoorKey(NoiseKey())
    for mode in [Preface.Mode.member, .ticket] {
      let stranger = MachineBox(
        LinkMachine(
          dialling: try Someone.identity(1, secret: 9), mode: mode, hello: Someone.hello(1),
          at: .at(0)))
      let sponsor = MachineBox(
        LinkMachine(
          answeringFor: [try Someone.identity(2)], door: key, hello: Someone.hello(2), at: .at(0)))
      sponsor.received(stranger.takeOutput(), at: .at(0))
      #expect(sponsor.events().ends == [.stranger] && !sponsor.hasOutput)
    }
  }

  @Test func `whoever only looks is sent away soon, whoever compares may take its time`() throws {
    let link = try DoorLink()
    _ = try #require(link.ups())
    let look = Moment.at(Double(Limits.doorLookSeconds))
    #expect(link.sponsor.deadline == look)
    link.sponsor.hold(until: .at(600))
    #expect(link.sponsor.deadline > look)
    // A comparing stranger lives as long as it gives signs of life, and no longer than the door.
    for second in 1...60 {
      link.newcomer.hold(until: .at(700))
      link.newcomer.tick(at: .at(Double(second) * 10))
      link.sponsor.tick(at: .at(Double(second) * 10))
      link.settle(at: .at(Double(second) * 10))
    }
    #expect(link.sponsor.events().ends == [.unproven])
  }

  @Test func `a stranger who sends much is cut off`() throws {
    let link = try DoorLink()
    _ = try #require(link.ups())
    link.sponsor.hold(until: .at(600))
    let size = Limits.messageBytesMax
    for _ in 0..<8 {
      // A kind that nobody knows may be ignored, but not for ever.
      link.sponsor.received(
        try link.newcomer.sealed(
          [100, 0, UInt8(size >> 16), 0, 0] + [UInt8](repeating: 0, count: 4_000)),
        at: .at(1))
    }
    #expect(link.sponsor.events().ends == [.unproven])
  }

  @Test func `each message has its turn, and any other ends the visit`() throws {
    var random = SeededGenerator(seed: 2)
    let terms = DoorScene.terms(&random)
    let nonces = (DoorScene.bytes(&random), DoorScene.bytes(&random))
    var knock = try DoorScene.looking(terms, nonces.0)
    let said = try knock.knocks()
    #expect(throws: DecodeError.self) { try knock.knocks() }
    let others: [Message] = [
      DoorScene.door, said, .doorNonce(nonces.1), .opening(nonces.0), .digests([]),
      .doorAnswer(.refused, ticket: []), .admitAnswer(.tryLater, EntryID(Bytes32())),
    ]
    // To a sponsor: a knock, then what was committed to, and nothing else at either time.
    for other in others where other != said {
      var visit = DoorVisit(terms, nonce: nonces.1)
      #expect(throws: DecodeError.broken(.h13)) { try visit.take(other) }
    }
    for other in others where other != .opening(nonces.0) {
      var visit = DoorVisit(terms, nonce: nonces.1)
      _ = try visit.take(said)
      #expect(throws: DecodeError.broken(.h13)) { try visit.take(other) }
    }
    // To a newcomer: the yes means the digits, so it comes after them.
    let yes = Message.doorAnswer(.admitted, ticket: [1])
    for other in others + [yes] where other != DoorScene.door {
      var fresh = Knock(terms, nonce: nonces.0)
      #expect(throws: DecodeError.broken(.h13)) { try fresh.take(other) }
    }
    var early = try DoorScene.looking(terms, nonces.0)
    #expect(throws: DecodeError.broken(.h13)) { try early.take(yes) }
    _ = try early.knocks()
    #expect(throws: DecodeError.broken(.h13)) { try early.take(yes) }
    let end = try early.take(.doorAnswer(.crowded, ticket: []))
    #expect(end == .answered(.crowded, ticket: []))
    #expect(throws: DecodeError.broken(.h13)) { try early.take(.doorNonce(nonces.1)) }
  }

  @Test func `digits have zeros in front`() {
    #expect(SixDigits(number: 0).description == "000000")
    #expect(SixDigits(number: 42).description == "000042")
    #expect(SixDigits(number: 999_999).description == "999999")
  }
}
