import Control
import Format
import Platform
import Replication
import Storage
import Testing

@testable import Daemon

/// A node with a real disk, whose turns the test takes itself.
@Suite(.serialized) struct CommitTests {
  private let node = TurnedNode()

  private func sent(_ answer: Result<ControlResult, ControlError>) throws -> SendCall.Answer {
    guard case .send(let sent) = try answer.get() else { throw Unexpected() }
    return sent
  }

  private struct Unexpected: Error {}

  /// The entries of each record group of everyone's group.
  private func commits(_ loop: NodeLoop) throws -> [UInt32] {
    let office = try #require(loop.office)
    let group = try #require(office.ownGroups().first)
    let place = try #require(office.replica.ownPlaces(in: group).first)
    return office.store.index(group)?[place]?.pieces.map(\.count) ?? []
  }

  @Test func `what many callers send at once is one commit, and what comes meanwhile the next`()
    throws
  {
    try sendTwice()
    // What was said to be durable is there after a restart, in the order in which it was sent.
    let again = try node.start()
    let office = try #require(again.office)
    let page = try office.read(
      ReadCall(group: "everyone", limit: 128, sinceMs: nil, untilMs: nil, before: nil))
    #expect(
      page.messages.map(\.text) == (0..<64).map { "a \($0)" } + (0..<64).map { "b \($0)" })
    again.stop()
  }

  /// 64 callers send two messages each, the second when the first is durable.
  private func sendTwice() throws {
    let loop = try node.start()
    try node.found(loop)
    _ = try node.answers(loop, 1) { _, reply in
      loop.send(SendCall(to: "everyone", text: "first", id: nil), reply)
    }
    let before = try commits(loop)
    var later: [Result<ControlResult, ControlError>] = []
    let first = try node.answers(loop, 64) { index, reply in
      loop.send(SendCall(to: "everyone", text: "a \(index)", id: nil)) { answer in
        reply(answer)
        loop.send(SendCall(to: "everyone", text: "b \(index)", id: nil)) { later.append($0) }
      }
    }
    var events: [PollEvent] = []
    while later.count < 64 { try loop.turn(&events) }
    #expect(try Set((first + later).map { try sent($0).entry }).count == 128)
    #expect(try Array(commits(loop).dropFirst(before.count)) == [64, 64])
    loop.stop()
  }

  @Test func `a repeated send is answered with the first entry, under way, done and after a start`()
    throws
  {
    let call = SendCall(
      to: "everyone", text: "once", id: HexIdentifier(bytes: [UInt8](repeating: 7, count: 16)))
    let first = try sendThrice(call)
    let again = try node.start()
    // A send without an id comes before: it must not hide what the log knows.
    _ = try node.answers(again, 1) { _, reply in
      again.send(SendCall(to: "everyone", text: "other", id: nil), reply)
    }
    let fourth = try sent(node.answer(again) { again.send(call, $0) })
    #expect(fourth.repeated && fourth.entry == first)
    again.stop()
  }

  /// Twice at once and once afterwards; gives the entry.
  private func sendThrice(_ call: SendCall) throws -> HexIdentifier {
    let loop = try node.start()
    try node.found(loop)
    let both = try node.answers(loop, 2) { _, reply in loop.send(call, reply) }.map { try sent($0) }
    let third = try sent(node.answer(loop) { loop.send(call, $0) })
    #expect((both + [third]).map(\.repeated) == [false, true, true])
    #expect(Set((both + [third]).map(\.entry)).count == 1)
    loop.stop()
    return third.entry
  }

  @Test func `a text too long for an entry is refused beside others that are sent`() throws {
    let loop = try node.start()
    try node.found(loop)
    let texts = ["a", String(repeating: "x", count: Limits.textBytesMax + 1), "c"]
    let outcomes = try node.answers(loop, 3) { index, reply in
      loop.send(SendCall(to: "everyone", text: texts[index], id: nil), reply)
    }
    #expect(outcomes.map { (try? $0.get()) != nil } == [true, false, true])
    loop.stop()
  }
}
