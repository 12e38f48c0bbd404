import Control
import TestSupport
import Testing

@testable import Daemon

/// Requests that name nobody: nothing is written for them, and the node goes on.
@Suite struct EmptyRequestTests {
  private let node = MemoryTurnedNode()

  private func ask(_ loop: NodeLoop, _ request: ControlRequest) throws -> ControlResult {
    try node.answer(loop) { loop.ask(RequestLine(id: .number(1), request: request), $0) }.get()
  }

  @Test func `whoever adds or removes nobody changes nothing`() throws {
    let loop = try node.start()
    try node.found(loop)
    let new = GroupNewCall(title: "Runde", purpose: nil, members: [])
    guard case .groupNew = try ask(loop, .groupNew(new)) else {
      Issue.record("no group")
      return
    }
    let before = node.disk.files
    for look in [true, false, nil] {
      let call = GroupRemoveCall(group: "Runde", members: [], look: look)
      guard case .groupRemove(let answer) = try ask(loop, .groupRemove(call)) else {
        Issue.record("no answer")
        return
      }
      #expect(answer.removed == [] && answer.group.members.count == 1)
    }
    guard
      case .groupAdd(let answer) = try ask(
        loop, .groupAdd(GroupAddCall(group: "Runde", members: [])))
    else {
      Issue.record("no answer")
      return
    }
    #expect(answer.added == [])
    #expect(node.disk.files == before)
    loop.stop()
  }
}
