import Control
import Format
import Testing

@testable import zurufd

/// Programs at a node's socket: what one call leaves behind for the next, and what too many are told.
@Suite(.serialized) struct ProgramsTests {
  let anna = RealNode()

  @Test func `a subscription that was refused leaves nothing of it behind`() throws {
    try anna.start()
    try anna.found("Müller GmbH", "Anna", "pc-anna")
    _ = try anna.ask(GroupNewCall(title: "Werkstatt", purpose: nil, members: []))
    var events = try anna.client()
    let nowhere = HexIdentifier(text: "0011223344556677")
    do throws(ControlFault) {
      _ = try events.call(SubscribeCall(group: "Werkstatt", after: nowhere))
      Issue.record("a cursor that nobody gave is taken")
    } catch {
      guard case .refused(let refusal) = error else { throw error }
      #expect(refusal.name == .cursorUnknown)
    }
    let answer = try events.call(SubscribeCall(group: nil, after: nil))
    #expect(answer.group == nil)
    try anna.say("for all", in: "everyone")
    let told = try events.message("for all")
    #expect(told.text == "for all")
  }

  @Test func `whoever comes when there is no room is told so, and let in when there is`() throws {
    try anna.start()
    #expect(try refusal(beside: Limits.controlConnectionsMax) == .busy)
    // The node hears of the others' end when it next looks.
    while try !anna.client().isAnswered() {}
  }

  /// What a program is told while so many are connected and answered.
  private func refusal(beside count: Int) throws -> ErrorName? {
    var client = try anna.client()
    guard count > 0 else {
      do throws(ControlFault) {
        _ = try client.call(StatusCall())
        return nil
      } catch {
        guard case .refused(let refusal) = error else { throw error }
        return refusal.name
      }
    }
    _ = try client.call(StatusCall())
    let name = try refusal(beside: count - 1)
    // Still connected.
    _ = try client.call(StatusCall())
    return name
  }
}

extension ControlClient {
  fileprivate consuming func isAnswered() -> Bool { (try? call(StatusCall())) != nil }
}
