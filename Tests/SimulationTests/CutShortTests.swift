import Control
import Testing

@testable import Simulation

/// What is left of what was on its way to a disk when the computer, or its node, ended.
@Suite struct CutShortTests {
  /// Whether a message that nobody was told is sent is there after the next start, where the node ends at one of
  /// the operations that store it.
  private func isThere(at operation: Int, isDone: Bool, isPower: Bool) throws -> Bool {
    let run = OfficeRun(seed: 11, plan: .quiet, keepsTrace: false)
    var texts: [String?]?
    run.run {
      let person = run.people[0]
      run.world.run(for: .seconds(5))
      person.host.cutShort(
        .init(isPower: isPower, operation: operation, isDone: isDone, startsAfter: .seconds(2)))
      let message = run.ledger.begin("everyone")
      run.say(message, by: person, isNew: true)
      run.world.run(for: .seconds(5))
      #expect(person.unanswered.map(\.text) == [message.text])
      #expect(person.host.isRunning && person.host.cut == nil)
      let reading = ReadCall(
        group: "everyone", limit: nil, sinceMs: nil, untilMs: nil, before: nil)
      guard case .read(let read)? = run.answer(of: person, to: .read(reading), "what is there")
      else { return }
      texts = read.messages.map { $0.text == message.text ? $0.text : nil }
    }
    #expect(run.world.faults == [])
    return try #require(texts).contains { $0 != nil }
  }

  @Test(arguments: [false, true])
  func `what ends while it stores tells nobody, and has all of it or nothing`(isPower: Bool) throws
  {
    #expect(try !isThere(at: 0, isDone: false, isPower: isPower))
    // What writes it, and what makes it durable.
    #expect(try !isThere(at: 1, isDone: false, isPower: true))
    #expect(try isThere(at: 1, isDone: true, isPower: isPower))
  }
}
