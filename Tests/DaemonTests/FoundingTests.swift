import Control
import Format
import Platform
import Replication
import TestSupport
import Testing

@testable import Daemon

/// An office is founded in several steps; whatever cuts them off, it has all that belongs to it in the
/// end, or it is not there.
@Suite struct FoundingTests {
  private func goOn(_ loop: NodeLoop) throws {
    var events: [PollEvent] = []
    while case .underway = loop.founding { try loop.turn(&events) }
  }

  private func check(_ loop: NodeLoop, _ node: MemoryTurnedNode, _ comment: Comment) throws {
    let office = try #require(loop.office)
    #expect(office.officeInfo().name == "Werk", comment)
    let everyone = office.replica.groupIDs.filter { office.replica.kind(of: $0) == .everyone }
    #expect(everyone.count == 1, comment)
    #expect(try node.send(loop, "hello") == nil, comment)
    #expect(node.disk.files[Home.founding] == nil, comment)
  }

  @Test func `what a founding lacks that was cut off is made by the next start`() throws {
    let healthy = MemoryTurnedNode()
    let whole = try healthy.start()
    let begun = healthy.disk.operations
    try healthy.found(whole)
    try check(whole, healthy, "nothing fails")
    whole.stop()
    var (owed, absent) = (0, 0)
    for at in begun..<healthy.disk.operations {
      let node = MemoryTurnedNode()
      let loop = try node.start()
      node.disk.fail(.init(at: at, effect: .failed, error: .inputOutput, isLasting: true))
      let call = OfficeNewCall(office: "Werk", name: "Anna", device: "a")
      _ = try node.answer(loop) { loop.officeNew(call, $0) }
      loop.stop()
      let next = MemoryTurnedNode(disk: node.disk.killed(), state: node.state)
      let again = try next.start()
      again.recallFounding()
      if again.office == nil {
        absent += 1
        try next.found(again)
      } else if case .underway = again.founding {
        owed += 1
      }
      try goOn(again)
      try check(again, next, "operation \(at)")
      again.stop()
    }
    #expect(owed > 0 && absent > 0)
  }

  @Test func `one that was cut off by a full disk goes on when there is room`() throws {
    let node = MemoryTurnedNode()
    let loop = try node.start()
    let call = OfficeNewCall(office: "Werk", name: "Anna", device: "a")
    var isAnswered = false
    loop.officeNew(call) { _ in isAnswered = true }
    // The office is there, and nothing is told of it yet.
    #expect(loop.office != nil && !isAnswered)
    node.disk.limit(room: 0)
    var events: [PollEvent] = []
    while !isAnswered { try loop.turn(&events) }
    guard case .owed = loop.founding else {
      Issue.record("nothing is owed")
      return
    }
    node.disk.limit(room: .max)
    loop.remember(loop.clock.now())
    try goOn(loop)
    try check(loop, node, "a full disk")
    loop.stop()
  }

  @Test func `what was owed to another office is forgotten`() throws {
    let node = MemoryTurnedNode()
    let loop = try node.start()
    try node.found(loop)
    let group = try #require(loop.office?.replica.groupIDs.first { $0 != loop.office?.office })
    let call = OfficeNewCall(office: "Other", name: "Berta", device: "b")
    try loop.rememberFounding(call, of: group)
    loop.recallFounding()
    try check(loop, node, "another office")
    loop.stop()
  }
}
