import Control
import Cryptography
import Format
import Replication
import Testing

@testable import Daemon

/// What comes of a ticket that this computer takes for over.
@Suite(.serialized) struct TicketRevokeTests {
  private let node = TurnedNode()

  @Test func `a ticket that has expired by this computer's clock is revoked all the same`() throws {
    let loop = try node.start()
    try node.found(loop)
    let office = try #require(loop.office)
    // To everybody whose clock is right it may be good for another week.
    let key = try make(7, until: 1_000, loop, office)
    #expect(office.ticketList().tickets.map(\.state) == [.expired])
    let call = TicketRevokeCall(ticket: key.description)
    let answer = try node.answer(loop) { office.ticketRevoke(call, $0) }.get()
    guard case .ticketRevoke(let revoked) = answer else { throw Unexpected() }
    #expect((revoked.ticket.state, revoked.was) == (.revoked, .expired))
    // It stands in the log, so that once is enough.
    let again = try node.answer(loop) { office.ticketRevoke(call, $0) }
    guard case .failure(let error) = again else { throw Unexpected() }
    #expect(error.message == "the ticket is revoked already, so nobody can join with it")
    loop.stop()
  }

  @Test func `what a computer knows of a ticket it says before anybody is asked`() throws {
    let loop = try node.start()
    try node.found(loop)
    let office = try #require(loop.office)
    let over = try make(7, until: 1_000, loop, office)
    #expect(loop.knownTrouble(of: over)?.name == .ticketExpired)
    let open = try make(8, until: .max, loop, office)
    #expect(loop.knownTrouble(of: open) == nil)
    let call = TicketRevokeCall(ticket: open.description)
    _ = try node.answer(loop) { office.ticketRevoke(call, $0) }.get()
    #expect(loop.knownTrouble(of: open)?.name == .ticketRevoked)
    // Of one that was made since it knows nothing.
    #expect(loop.knownTrouble(of: TicketKey(Bytes32())) == nil)
    loop.stop()
  }

  private static func seed(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

  /// Makes the ticket of a seed, good until a moment.
  private func make(
    _ seed: UInt8, until moment: UInt64, _ loop: NodeLoop, _ office: OfficeNode
  ) throws -> TicketKey {
    let signing = try SigningKey(ticketSeed: Self.seed(seed).span)
    let key = TicketKey(Bytes32(signing.publicKey.bytes))
    let grant = Operation.TicketGrant(
      key: key, rank: .member, isKeeper: false, mayAdmit: true, member: MemberID(Bytes16()),
      expiresMilliseconds: moment, uses: 1, groups: [])
    _ = try node.answer(loop) { reply in
      office.write(office.office, [.control(.ticket(grant))]) { result in
        reply(result.map { _ in .ticketList(office.ticketList()) })
      }
    }.get()
    return key
  }

  private struct Unexpected: Error {}
}
