import Cryptography
import Format
import Platform
import TestSupport
import Testing

@testable import Transport

/// A third machine at the door: between the two, answering to both, or with what it once heard.
@Suite struct DoorAttackTests {
  /// Both links of a machine in the middle, each with its own handshake and keys.
  private struct Middle {
    let toNewcomer: DoorTerms
    let toSponsor: DoorTerms
    var newcomer: Knock
    var sponsor: DoorVisit

    init(seed: UInt64) throws {
      var random = SeededGenerator(seed: seed)
      toNewcomer = DoorScene.terms(&random)
      toSponsor = DoorScene.terms(&random)
      newcomer = try DoorScene.looking(toNewcomer, DoorScene.bytes(&random))
      sponsor = DoorVisit(toSponsor, nonce: DoorScene.bytes(&random))
    }

    /// A knock of its own at the sponsor's door, under the newcomer's name.
    func knock(_ nonce: Bytes32) -> Message {
      .knock(
        commitment: toSponsor.commitment(to: nonce), person: DoorScene.person,
        device: DoorScene.device)
    }
  }

  @Test func `a machine between the two that answers to both gets two different pairs of digits`()
    throws
  {
    var same = 0
    for seed in 0..<2_000 {
      var middle = try Middle(seed: UInt64(seed))
      var random = SeededGenerator(seed: UInt64(seed) &+ 1 << 32)
      let own = DoorScene.bytes(&random)
      _ = try middle.newcomer.knocks()
      // It hands the sponsor's very nonce on to the newcomer, the best it can say.
      let nonce = try middle.sponsor.nonce(after: middle.knock(own))
      let (shown, _) = try middle.newcomer.digits(after: nonce)
      let seen = try middle.sponsor.digits(after: .opening(own))
      same += shown == seen ? 1 : 0
    }
    // The seeds are fixed, so this is no matter of luck; a million of them would hold one.
    #expect(same == 0)
  }

  @Test func `over real links too the digits of the two sides differ`() throws {
    let (left, right) = (try DoorLink(), try DoorLink())
    let (near, far) = (try #require(left.ups()), try #require(right.ups()))
    // The middle is the sponsor of the left link and the newcomer of the right one.
    var random = SeededGenerator(seed: 5)
    let own = DoorScene.bytes(&random)
    var newcomer = Knock(
      near.newcomer, key: left.newcomerKey.identity, nonce: DoorScene.bytes(&random))
    var sponsor = DoorVisit(
      far.sponsor, key: right.sponsorKey.identity, nonce: DoorScene.bytes(&random))
    _ = try newcomer.take(DoorScene.door)
    _ = try newcomer.knocks()
    let terms = DoorTerms(
      handshake: far.newcomer.handshakeHash, newcomer: right.newcomerKey.identity,
      sponsor: far.newcomer.remoteKey)
    let nonce = try sponsor.nonce(
      after: .knock(
        commitment: terms.commitment(to: own), person: DoorScene.person, device: DoorScene.device))
    let (shown, _) = try newcomer.digits(after: nonce)
    let seen = try sponsor.digits(after: .opening(own))
    #expect(seen != shown)
  }

  /// Writes a number into the first bytes, so that each try is another one.
  private static func count(_ number: Int, _ bytes: inout [UInt8]) {
    for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: number >> (8 * index)) }
  }

  /// What a patient machine finds: a nonce by which the sponsor would see these digits.
  private func ground(
    _ terms: DoorTerms, _ theirs: Bytes32, to wanted: SixDigits, _ random: inout SeededGenerator
  ) -> Bytes32? {
    var bytes = random.bytes(32)
    for number in 0..<8_000_000 {
      Self.count(number, &bytes)
      let nonce = Bytes32(bytes.raw, 0)
      if terms.digits(newcomer: nonce, sponsor: theirs) == wanted { return nonce }
    }
    return nil
  }

  @Test func `whoever grinds for the newcomer's digits finds them, and has committed before`()
    throws
  {
    var middle = try Middle(seed: 7)
    var random = SeededGenerator(seed: 8)
    // First it makes the newcomer show its digits, with any nonce.
    _ = try middle.newcomer.knocks()
    let (shown, _) = try middle.newcomer.digits(after: .doorNonce(DoorScene.bytes(&random)))
    // Then it looks for a nonce with which the sponsor sees the same. For that it must know the
    // sponsor's, and for that it must have committed.
    let committed = DoorScene.bytes(&random)
    let answer = try middle.sponsor.nonce(after: middle.knock(committed))
    let theirs = try #require(answer.nonce)
    let ground = ground(middle.toSponsor, theirs, to: shown, &random)
    let found = try #require(ground)
    // With it the two would see the same digits; the sponsor's side does not take it.
    #expect(middle.toSponsor.digits(newcomer: found, sponsor: theirs) == shown)
    #expect(throws: DecodeError.broken(.h14)) { try middle.sponsor.take(.opening(found)) }
  }

  @Test func `on the newcomer's side the nonce is said before the newcomer opens`() throws {
    var middle = try Middle(seed: 9)
    var random = SeededGenerator(seed: 10)
    let own = DoorScene.bytes(&random)
    _ = try middle.sponsor.nonce(after: middle.knock(own))
    let seen = try middle.sponsor.digits(after: .opening(own))
    _ = try middle.newcomer.knocks()
    let (shown, opening) = try middle.newcomer.digits(after: .doorNonce(DoorScene.bytes(&random)))
    #expect(shown != seen)
    // Now it knows the newcomer's nonce, and could find its own; a second one is not heard.
    let theirs = try #require(opening.nonce)
    var found: Bytes32?
    var bytes = random.bytes(32)
    for number in 0..<8_000_000 where found == nil {
      Self.count(number, &bytes)
      let nonce = Bytes32(bytes.raw, 0)
      if middle.toNewcomer.digits(newcomer: theirs, sponsor: nonce) == seen { found = nonce }
    }
    let late = try #require(found)
    #expect(throws: DecodeError.broken(.h13)) { try middle.newcomer.take(.doorNonce(late)) }
  }

  @Test func `a machine that passes everything on is refused, for a commitment names its link`()
    throws
  {
    var middle = try Middle(seed: 11)
    let knock = try middle.newcomer.knocks()
    let nonce = try middle.sponsor.nonce(after: knock)
    let (_, opening) = try middle.newcomer.digits(after: nonce)
    #expect(throws: DecodeError.broken(.h14)) { try middle.sponsor.take(opening) }
  }

  @Test func `what was heard on an earlier link is worth nothing on a later one`() throws {
    var random = SeededGenerator(seed: 12)
    let (first, second) = (DoorScene.terms(&random), DoorScene.terms(&random))
    let own = DoorScene.bytes(&random)
    var knock = try DoorScene.looking(first, own)
    let said = try knock.knocks()
    var visit = DoorVisit(first, nonce: DoorScene.bytes(&random))
    let (_, opening) = try knock.digits(after: try visit.nonce(after: said))
    _ = try visit.digits(after: opening)
    var later = DoorVisit(second, nonce: DoorScene.bytes(&random))
    _ = try later.take(said)
    #expect(throws: DecodeError.broken(.h14)) { try later.take(opening) }
  }

  @Test func `recorded bytes open no door again`() throws {
    let link = try DoorLink()
    let first = link.newcomer.takeOutput()
    link.sponsor.received(first, at: .at(0))
    link.newcomer.received(link.sponsor.takeOutput(), at: .at(0))
    let third = link.newcomer.takeOutput()
    link.sponsor.received(third, at: .at(0))
    #expect(link.sponsor.isUp)
    // The same door, the same bytes: the sponsor's part of the handshake is another one.
    let again = MachineBox(
      LinkMachine(
        answeringFor: [try Someone.identity(2)], door: link.sponsorKey, hello: Someone.hello(2),
        at: .at(0)))
    again.received(first, at: .at(0))
    _ = again.takeOutput()
    again.received(third, at: .at(0))
    #expect(again.events().ends == [.violation(.h2)])
  }
}
