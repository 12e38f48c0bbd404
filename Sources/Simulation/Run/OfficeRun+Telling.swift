import Control
import Format
import Platform

/// What a run tells whoever reads its trace and did not write it.
extension OfficeRun {
  /// Which name stands for which group.
  func noteGroups() {
    guard case .groupList(let list)? = peek(at: people[0].host, .groupList(.init())) else { return }
    let names = list.groups.compactMap { group in group.title.map { "\($0) is group \(group.id)" } }
    let office = world.audit.book.office.map { "; the office is group \($0.first.text)" } ?? ""
    world.note(nil, names.joined(separator: ", ") + office)
  }

  /// A node said that a message is durable: this line is what a later loss is held against.
  func noteSent(_ message: Ledger.Message, as entry: Long, by person: Person) {
    let place = world.audit.book.entries[entry].map { known in
      ", \(known.entry.feed.text):\(known.entry.seq)"
    }
    world.note(
      person.host.number,
      "\(person.name) sent \"\(message.text)\" (\(entry.first.text)\(place ?? ""))", .sent)
  }

  /// What the whole run came to, in a few lines.
  package var closing: [String] {
    [outcome, computers, mishaps, messages, forks, comparisons, times].filter { !$0.isEmpty }
      + world.faults.flatMap(fates)
  }

  private var outcome: String {
    if let first = world.faults.first {
      return "failed: \(first)"
        + (world.faults.count > 1 ? ", and \(world.faults.count - 1) more faults" : "")
    }
    return isOver
      ? "passed: nobody is left who can write, so that nothing was compared in the end"
      : "passed: nothing acknowledged is lost, and all agree"
  }

  private var computers: String {
    let (inside, outside) = (people.filter(\.isIn), people.filter { !$0.isIn })
    let numbers = outside.map { "\($0.name) at \($0.host.number)" }.joined(separator: ", ")
    let others = world.hosts.count - people.count
    return
      "\(world.hosts.count) computers: \(inside.count) in the office, \(outside.count) out of it"
      + (outside.isEmpty ? "" : " (\(numbers))")
      + (others == 0 ? "" : ", \(others) copies, liars and strangers that are gone")
  }

  private var mishaps: String {
    let kinds = Mishap.allCases.compactMap { kind in
      happened[kind].map { "\($0) \(kind.rawValue)" }
    }
    return "\(happened.values.reduce(0, +)) mishaps"
      + (kinds.isEmpty ? "" : ": " + kinds.joined(separator: ", "))
  }

  private var messages: String {
    let excused = ledger.excusedCount
    return "\(ledger.acknowledgedCount) messages acknowledged"
      + (excused == 0
        ? "" : ", \(excused) of which may be gone: no disk keeps them that others can ask")
      + (letGo.isEmpty
        ? "" : ", \(letGo.count) are not shown everywhere: a removal may have cut them off")
  }

  /// What was held against something else in the end, each with its number: all of these but in some runs.
  package var compared: [(what: String, count: Int)] {
    [
      ("starts", world.comparedStarts), ("nodes-soon", comparedSoon), ("nodes", comparedNodes),
      ("messages", comparedMessages), ("ticks", comparedTicks),
    ]
  }

  /// Of the acknowledged messages those that somebody does not show, for a removal may have cut them off; and all.
  package var letGoOfAll: (letGo: Int, all: Int) { (letGo.count, ledger.acknowledgedCount) }

  private var comparisons: String {
    "compared: \(world.comparedStarts) starts with what was known before; \(comparedSoon) nodes by when they "
      + "must agree, \(comparedNodes) in the end; \(comparedMessages) messages with what another one shows; "
      + "\(comparedTicks) devices of which a node must say that they hold a last word"
  }

  private var forks: String {
    let book = world.audit.book
    let told = book.removals.reduce(into: Set<Short>()) { found, removal in
      if case .suspend(let feed) = removal.target { found.insert(feed) }
    }
    return "\(book.doubled.count) feeds forked, \(told.count) of which nodes told the office"
  }

  private var times: String {
    guard let healedAt, let comparedAt, world.faults.isEmpty else { return "" }
    func seconds(_ from: Moment, _ to: Moment) -> String {
      let tenths = (to.nanoseconds - from.nanoseconds) / 100_000_000
      return "\(tenths / 10).\(tenths % 10) s"
    }
    return
      "all agreed \(seconds(healedAt, comparedAt)) after everything healed, most of which is waiting"
      + (caughtUpAt.map { "; what was missing came to disks within \(seconds(healedAt, $0))" }
        ?? "")
  }

  /// Where the messages lie that a fault names.
  private func fates(of fault: String) -> [String] {
    let quoted = fault.split(separator: "\"", omittingEmptySubsequences: false)
    return quoted.indices.filter { $0 % 2 == 1 }.flatMap { index in
      ledger.entries(saying: String(quoted[index])).map { entry in
        "\"\(quoted[index])\" is entry \(entry.first.text): it lies on the disks of "
          + computers { self.world.audit.isHeld(entry, at: $0) } + ", and ever lay on those of "
          + computers { self.world.audit.wasHeld(entry, at: $0) }
      }
    }
  }

  private func computers(where isSo: (Int) -> Bool) -> String {
    let some = world.hosts.map(\.number).filter(isSo)
    return some.isEmpty ? "none" : some.map(String.init).joined(separator: ", ")
  }
}
