import Control
import Cryptography
import Format
import Platform
import Replication
import Testing

@testable import Daemon
@testable import Transport

/// A yes at the door that could not be written down.
@Suite(.serialized) struct FailedYesTests {
  private let node = TurnedNode()
  private let link = Transport.LinkID(7)

  /// A door for further devices of the founder alone, and somebody who knocked there.
  private func knocked(_ loop: NodeLoop) throws -> HexIdentifier {
    let (member, key) = (try #require(loop.office).replica.member, DoorKey(NoiseKey()))
    loop.door.opening = .init(
      key: key, member: member, until: loop.clock.now() + .seconds(600),
      untilWall: ClaimedTime(ms: 0), holder: nil)
    let up = LinkUp(
      isInitiator: false, mode: .digits, office: GroupID(Bytes32()),
      remoteKey: NoiseIdentity(Bytes32()),
      greeting: Greeting(
        certificate: EntryID(Bytes32()), bootNonce: BootNonce(Bytes16()), wallMilliseconds: 0,
        port: 0),
      handshakeHash: HandshakeHash(Bytes32()))
    loop.door.visits[link] = DoorVisit(up, key: key.identity, nonce: Bytes32())
    let who = DoorVisit.Newcomer(person: try Name("Anna"), device: try Name("pc-2"))
    let id = identifier(randomBytes(16))
    loop.door.add(
      .init(
        id: id, link: link, who: who, digits: SixDigits(number: 1), since: ClaimedTime(ms: 0),
        member: member))
    return id
  }

  private func yes(_ id: HexIdentifier) -> AdmitAnswerCall {
    AdmitAnswerCall(
      request: id, yes: true, name: nil, rank: nil, groups: nil, member: nil, remove: nil)
  }

  /// Says yes, lets something happen, and then the disk fail; gives what was answered.
  private func failedYes(
    _ loop: NodeLoop, _ id: HexIdentifier, meanwhile: () -> Void
  ) throws -> ErrorName? {
    let office = try #require(loop.office)
    var answers: [Result<ControlResult, ControlError>] = []
    loop.answerAtDoor(yes(id), office) { answers.append($0) }
    #expect(loop.door[id]?.isBeingAdmitted == true)
    meanwhile()
    office.giveUp()
    guard case .failure(let error)? = answers.first else { return nil }
    return error.name
  }

  @Test func `where the door was closed meanwhile the newcomer is told so`() throws {
    let loop = try node.start()
    try node.found(loop)
    let id = try knocked(loop)
    let answer = try failedYes(loop, id) { loop.closeDoor(nil, loop.clock.now()) }
    #expect(answer == .readOnly)
    #expect(loop.door[id]?.state == .closed && loop.door.visits[link]?.isSentAway == true)
  }

  @Test func `where it is open the newcomer still waits, for what it was told alone`() throws {
    let loop = try node.start()
    try node.found(loop)
    let id = try knocked(loop)
    #expect(try failedYes(loop, id) {} == .readOnly)
    #expect(loop.door[id]?.state == .comparing && loop.door.visits[link]?.isSentAway == false)
    // Whatever door is open by then: it is for a further device of that member, and of nobody else.
    loop.door.opening = nil
    let office = try #require(loop.office)
    let check = AdmitCheckCall(
      request: id, name: nil, rank: nil, groups: nil, member: nil, remove: nil)
    #expect(try loop.checkAtDoor(check, office).member?.name == "Anna")
  }
}
