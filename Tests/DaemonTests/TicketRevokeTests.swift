import Control
import Cryptography
import Format
import Replication
import Testing

@testable import Daemon

/// What a ticket may be revoked for that this computer takes for over.
@Suite(.serialized) struct TicketRevokeTests {
  private let node = TurnedNode()

  @Test func `a ticket that has expired by this computer's clock is revoked all the same`() throws {
    let loop = try node.start()
    try node.found(loop)
    let office = try #require(loop.office)
    let signing = try SigningKey(ticketSeed: [UInt8](repeating: 7, count: 32).span)
    let key = TicketKey(Bytes32(signing.publicKey.bytes))
    // To everybody whose clock is right it may be good for another week.
    let grant = Operation.TicketGrant(
      key: key, rank: .member, isKeeper: false, mayAdmit: true, member: MemberID(Bytes16()),
      expiresMilliseconds: 1_000, uses: 1, groups: [])
    _ = try node.answer(loop) { reply in
      office.write(office.office, [.control(.ticket(grant))]) { result in
        reply(result.map { _ in .ticketList(office.ticketList()) })
      }
    }.get()
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

  private struct Unexpected: Error {}
}
