import Control
import Testing

@testable import zurufd

/// What owners are told of each other, on real nodes.
@Suite(.serialized) struct OwnerNewsTests {
  private let anna = RealNode()
  private let ben = RealNode()

  private func told(_ word: DegradedWord, by node: RealNode) throws -> DegradedInfo? {
    try node.ask(StatusCall()).degraded.first { $0.word == word }
  }

  @Test func `whose rank was changed sees it, with what it may do now`() throws {
    try anna.meet(ben)
    #expect(try told(.rankChanged, by: ben) == nil)
    _ = try anna.ask(MemberRankCall(member: "Ben", rank: .admin))
    let news = try ben.until { try told(.rankChanged, by: $0) }
    #expect(news.detail == "Anna made you an admin")
    #expect(news.hint == "you can let people in now: zuruf admit")
    #expect(try told(.rankChanged, by: anna) == nil)
    // It is read out of the log, so a restart does not swallow it.
    #expect(ben.stop() == 0)
    try ben.start()
    #expect(try told(.rankChanged, by: ben)?.detail == news.detail)
    // A computer that comes in later was not there when it changed.
    let laptop = RealNode()
    try laptop.start()
    _ = try laptop.join(try ben.ticket(for: "Ben"), nil, "laptop")
    #expect(try told(.rankChanged, by: laptop) == nil)
    // A person who was shown it has seen it, and a restart does not bring it back.
    #expect(try ben.ask(StatusCall(seen: true)).degraded.contains { $0.word == .rankChanged })
    #expect(try told(.rankChanged, by: ben) == nil)
    #expect(ben.stop() == 0)
    try ben.start()
    #expect(try told(.rankChanged, by: ben) == nil)
    // The next change is news again.
    _ = try anna.ask(MemberRankCall(member: "Ben", rank: .member))
    #expect(anna.stop() == 0)
    try anna.start(["--seed", "127.0.0.1:\(ben.port)"])
    #expect(try ben.until { try told(.rankChanged, by: $0) }.detail == "Anna made you a member")
  }

  @Test func `one of two owners alone is told what helps, and of the change that waits`() throws {
    try anna.meet(ben)
    _ = try anna.ask(MemberRankCall(member: "Ben", rank: .owner))
    let news = try ben.until { try told(.rankChanged, by: $0) }
    #expect(news.detail == "you own the office now: Anna, Ben")
    for (refusal, more) in [
      (try anna.refusal(of: MemberRemoveCall(member: "Ben", look: true)), ""),
      (
        try anna.refusal(of: DeviceRemoveCall(device: "pc-ben", look: nil)),
        ", nor a computer of theirs"
      ),
    ] {
      #expect(refusal?.name == .notAllowed)
      #expect(
        refusal?.message
          == "\"Ben\" owns the office too, and one owner alone cannot remove another\(more)")
      #expect(
        refusal?.hint?.hasPrefix(
          more.isEmpty
            ? "zuruf member rank"
            : "Ben can, on another computer of theirs: zuruf device remove pc-ben; or zuruf member")
          ?? false)
      #expect(refusal?.hint?.contains("zuruf member rank Ben member") ?? false)
      #expect(refusal?.hint?.contains("zuruf office agree") ?? false)
      #expect(refusal?.hint?.contains("zuruf office recovery use") ?? false)
    }

    #expect(try told(.ownersPending, by: anna) == nil)
    let change = try anna.ask(MemberRankCall(member: "Ben", rank: .member)).change
    let line = try #require(change?.line)
    let waits = try #require(try told(.ownersPending, by: anna))
    #expect(waits.detail == "1 of the 2 owners it takes have agreed to these owners: Anna")
    #expect(waits.hint == "zuruf office shows how it goes on, and how it ends")
    #expect(try anna.ask(OfficeStatusCall()).pending?.line == line)
    #expect(try ben.ask(OfficeStatusCall()).pending == nil)
    #expect(anna.stop() == 0)
    try anna.start(["--seed", "127.0.0.1:\(ben.port)"])
    #expect(try told(.ownersPending, by: anna)?.hint == waits.hint)

    _ = try ben.ask(OwnersAgreeCall(line: line, look: nil))
    try anna.until { try $0.rank(of: "Ben") == .member ? true : nil }
    #expect(try told(.ownersPending, by: anna) == nil)
    #expect(try anna.ask(OfficeStatusCall()).pending == nil)
    // She owns it as before.
    #expect(try told(.rankChanged, by: anna) == nil)
  }
}
