import Control
import Format
import Platform
import TestSupport
import Testing

@testable import Simulation

/// What a trace says to whoever did not write the run.
@Suite struct TraceTests {
  private func office(_ happening: (OfficeRun) -> Void) -> OfficeRun {
    let run = OfficeRun(seed: 11, plan: .quiet, keepsTrace: true)
    run.run { happening(run) }
    return run
  }

  private func moment(_ seconds: Int64) -> Moment { Moment(nanoseconds: seconds * 1_000_000_000) }

  // MARK: Lines

  @Test func `an answer that comes next stands behind what was asked`() {
    var trace = Trace(isKept: true)
    for text in ["P1: joins", "P1: joins: done", "stops", "P1: joins: done"] {
      trace.note(moment(1), 1, .happens, text) { [".", "-"] }
    }
    #expect(
      trace.lines == [
        "     1.000 . *  1 P1: joins: done", "     1.000 . *  1 stops",
        "     1.000 . *  1 P1: joins: done",
      ])
  }

  @Test func `what a node logs again within a minute is counted and not shown`() {
    var (one, other) = (Trace(isKept: true), Trace(isKept: true))
    for second in [1, 30, 62] as [Int64] {
      one.note(moment(second), 0, .logs, "log: damaged") { ["."] }
      if second != 30 { other.note(moment(second), 0, .logs, "log: damaged") { ["."] } }
    }
    #expect(one.lines == ["     1.000 !  0 log: damaged", "    62.000 !  0 log: damaged"])
    #expect(one.lines == other.lines && one.hash != other.hash)
  }

  @Test func `a name of many digits is cut`() {
    var trace = Trace(isKept: true)
    let name = String(repeating: "0123456789abcdef", count: 4)
    trace.note(moment(1), nil, .happens, "feed \(name):3 of 1234567890") { [] }
    #expect(trace.lines == ["     1.000  feed 01234567:3 of 1234567890"])
  }

  @Test func `whoever listens hears what is kept`() {
    var (trace, told) = (Trace(isKept: true), "")
    trace.tell = { told += $0 }
    trace.note(moment(1), nil, .begins, "all begins") { [".", "."] }
    trace.note(moment(1), 0, .happens, "P0: asks") { [".", "~"] }
    trace.note(moment(2), 0, .happens, "P0: asks: refused") { [".", "~"] }
    #expect(told == trace.lines.map { "\n" + $0 }.joined())
    #expect(
      trace.lines == ["     ===== 0 1  all begins", "     1.000 * ~  0 P0: asks: refused"])
  }

  // MARK: Runs

  @Test func `each acknowledged message stands there once, and how the run came out`() {
    let run = office { run in
      for person in run.people {
        run.say(run.ledger.begin("everyone"), by: person, isNew: true)
        run.world.run(for: .seconds(1))
      }
    }
    #expect(run.world.faults == [])
    let sent = run.world.trace.lines.filter { $0.contains(" sent \"") }
    #expect(sent.count == run.ledger.acknowledgedCount && Set(sent).count == sent.count)
    for number in 0..<3 {
      let words = " \(number) P\(number) sent \"everyone \(number + 1)\" ("
      #expect(sent.contains { $0.contains("+") && $0.contains(words) })
    }
    #expect(run.closing.first == "passed: nothing acknowledged is lost, and all agree")
    #expect(run.closing.contains("\(sent.count) messages acknowledged"))
    #expect(run.closing.contains("3 computers: 3 in the office, 0 out of it"))
  }

  @Test func `of a message that is lost the end says where it lies`() throws {
    var entry: Long?
    let run = office { run in
      run.say(run.ledger.begin("everyone"), by: run.people[1], isNew: true)
      run.world.run(for: .seconds(5))
      // As if this group were another one, so that nobody shows it there.
      let other = run.ledger.begin("Werkstatt")
      entry = run.world.audit.written(at: 1).max {
        (run.world.audit.book.entries[$0]?.entry.lamport ?? 0)
          < (run.world.audit.book.entries[$1]?.entry.lamport ?? 0)
      }
      if let entry { run.ledger.acknowledge(other, as: entry) }
    }
    #expect(try #require(run.world.faults.first).contains("was acknowledged and is lost"))
    let name = try #require(entry).first.text
    #expect(
      run.closing.last
        == "\"Werkstatt 2\" is entry \(name): it lies on the disks of 0, 1, 2, and ever lay on those of 0, 1, 2"
    )
    #expect(run.closing.first?.hasPrefix("failed: host ") ?? false)
  }

  @Test func `the sum tells apart what nodes write, not only what happens to them`() {
    /// The same happens at the same moments; what a node writes says another ID.
    func sum(_ id: UInt8) -> (sum: UInt64, lines: [String]) {
      let run = office { run in
        let call = SendCall(
          to: "everyone", text: "the same",
          id: HexIdentifier(bytes: [UInt8](repeating: id, count: 16)))
        _ = run.answer(of: run.people[1], to: .send(call), "write")
        run.world.fail("it ends here")
      }
      return (run.world.trace.hash, run.world.trace.lines)
    }
    let (one, other, again) = (sum(1), sum(2), sum(1))
    #expect(one.lines == other.lines && one.sum != other.sum)
    #expect(one.sum == again.sum)
  }

  @Test func `a node that logs has the line in its column`() {
    let run = office { run in
      run.people[2].host.disk.limit(room: 0)
      run.say(run.ledger.begin("everyone"), by: run.people[1], isNew: true)
      run.world.run(for: .seconds(5))
    }
    #expect(run.world.trace.lines.contains { $0.contains(" . . !  2 log: nothing can be stored") })
  }
}
