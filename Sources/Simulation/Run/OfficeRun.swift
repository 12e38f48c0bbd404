import Control
import Daemon
import Format
import Platform
import TestSupport

/// One run: an office comes to be, people write while everything fails, everything heals, and then all
/// must hold the same and have lost nothing.
package final class OfficeRun {
  package let world: World
  package let plan: Plan
  var ledger = Ledger()
  private var people: [Person] = []
  /// The titles of the groups there are, with the hosts whose people are in them.
  private var groups: [(title: String, hosts: [Int])] = []

  package init(seed: UInt64, keepsTrace: Bool) {
    world = World(seed: seed, keepsTrace: keepsTrace)
    plan = Plan(drawing: &world.chance)
  }

  /// Runs to the end, with everything that is random grown from the seed.
  package func run() {
    SeededRandomness.from(world.seed) {
      world.hearingLogs {
        if plan.slowNetwork { world.latency = 20_000...300_000 }
        found()
        if world.faults.isEmpty { misbehave() }
        if world.faults.isEmpty { heal() }
        if world.faults.isEmpty { compare() }
        end()
      }
    }
  }

  private func end() {
    for host in world.hosts { host.kill() }
  }

  // MARK: Founding

  private func found() {
    for number in 0..<plan.hosts {
      let host = world.addHost()
      people.append(Person(name: "P\(number)", host: host))
      host.start()
    }
    let office = OfficeNewCall(office: "Simulated", name: "P0", device: "pc-0")
    _ = answer(of: people[0], to: .officeNew(office), "found an office")
    for person in people.dropFirst() {
      let isBox = person.host.number >= plan.hosts - plan.keepers
      person.isBox = isBox
      let ticket = TicketNewCall(
        kind: isBox ? .box : .member, keeper: isBox ? true : nil, name: person.name, member: nil,
        groups: [], uses: nil, validSeconds: nil)
      guard case .ticketNew(let made)? = answer(of: people[0], to: .ticketNew(ticket), "a ticket")
      else { return }
      let join = JoinCall(
        ticket: made.text, name: nil, account: nil, device: "pc-\(person.host.number)")
      _ = answer(of: person, to: .join(join), "join")
    }
    guard world.faults.isEmpty else { return }
    let members = people.filter { !$0.isBox }
    groups.append(("everyone", members.map(\.host.number)))
    for title in ["Werkstatt", "Büro"] {
      let some = members.filter { $0.host.number == 0 || world.chance.oneIn(2) }
      let call = GroupNewCall(
        title: title, purpose: nil, members: some.dropFirst().map { "@" + $0.name })
      _ = answer(of: people[0], to: .groupNew(call), "a group")
      groups.append((title, some.map(\.host.number)))
    }
    world.run(for: .seconds(20))
  }

  /// Asks and waits; in an office where nothing fails yet an answer must come.
  private func answer(
    of person: Person, to request: ControlRequest, _ what: String
  ) -> ControlResult? {
    var outcome: Result<ControlResult, ControlError>?
    person.host.ask(request) { outcome = $0 }
    guard world.run(atMost: .seconds(120), until: { outcome != nil }), let outcome else {
      world.fail("\(person.name) waits in vain: \(what)")
      return nil
    }
    switch outcome {
    case .success(let result): return result
    case .failure(let error):
      world.fail("\(person.name) is refused: \(what): \(error.message)")
      return nil
    }
  }

  // MARK: Misbehaving

  private func misbehave() {
    let end = world.now + .seconds(60 * plan.minutes)
    while world.now < end, world.faults.isEmpty {
      world.run(for: .milliseconds(world.chance.number(50...1_500)))
      if !world.chance.oneIn(3) { say() }
      for mishap in Mishap.allCases where world.chance.number(0...9_999) < plan.often(mishap) * 80 {
        happen(mishap)
      }
    }
  }

  /// Somebody writes in a group of theirs.
  private func say() {
    let (title, hosts) = groups[world.chance.number(0...groups.count - 1)]
    let person = people[hosts[world.chance.number(0...hosts.count - 1)]]
    guard person.host.isRunning else { return }
    let again = person.unanswered.first.flatMap { world.chance.oneIn(2) ? $0 : nil }
    let message = again ?? ledger.begin(title)
    if again == nil { person.unanswered.append(message) }
    let call = SendCall(
      to: message.group, text: message.text, id: HexIdentifier(bytes: message.id))
    person.host.ask(.send(call)) { [self] outcome in
      switch outcome {
      case .success(.send(let sent)):
        person.unanswered.removeAll { $0.text == message.text }
        ledger.acknowledge(message, as: sent.entry)
      case .success: world.fail("a send was answered as something else")
      case .failure: break
      }
    }
  }

  private func happen(_ mishap: Mishap) {
    let host = world.hosts[world.chance.number(0...world.hosts.count - 1)]
    switch mishap {
    case .powerCut: begin(again: host) { $0.losePower() }
    case .kill: begin(again: host) { $0.kill() }
    case .stop: begin(again: host) { $0.stop() }
    case .sleep: host.sleep(for: .seconds(world.chance.number(2...180)))
    case .clockJump:
      let skew = world.chance.number(-400_000_000...400_000_000)
      world.note(host.number, "has its clock set wrong by \(skew) ms")
      host.clock.setWrong(by: Int64(skew))
    case .partition: part()
    case .slowDisk:
      world.note(host.number, "has a slow disk")
      host.diskDelay = 20_000...900_000
      later(5...60) { host.diskDelay = 100...400 }
    case .fullDisk:
      world.note(host.number, "has a full disk")
      host.disk.limit(room: 0)
      let disk = host.disk
      later(5...60) { disk.limit(room: .max) }
    case .failedWrite:
      world.note(host.number, "has a disk that fails")
      host.disk.fail(
        .init(
          at: host.disk.operations + world.chance.number(0...30),
          effect: MemoryDisk.Effect.allCases[world.chance.number(0...2)], error: .inputOutput))
    }
  }

  /// Ends the node in some way; it comes back after a while.
  private func begin(again host: Host, _ end: (Host) -> Void) {
    guard host.isRunning else { return }
    end(host)
    later(0...90) { host.start() }
  }

  private func later(_ seconds: ClosedRange<Int>, _ action: @escaping () -> Void) {
    let wait = Duration.milliseconds(1_000 * world.chance.number(seconds) + 1)
    world.after(wait, host: 0, action)
  }

  /// Splits the hosts in two, or takes away one direction between two.
  private func part() {
    var paths: [World.Path] = []
    let count = world.hosts.count
    if world.chance.oneIn(2) {
      let side = (0..<count).map { _ in world.chance.oneIn(2) }
      for from in 0..<count {
        for to in 0..<count where side[from] != side[to] { paths.append(.init(from: from, to: to)) }
      }
      world.note(nil, "the network falls apart: \(side.map { $0 ? "A" : "B" }.joined())")
    } else {
      let (from, to) = (world.chance.number(0...count - 1), world.chance.number(0...count - 1))
      paths.append(.init(from: from, to: to))
      world.note(nil, "nothing gets from \(from) to \(to)")
    }
    world.blocked.formUnion(paths)
    later(2...120) { [world] in
      world.blocked.subtract(paths)
      world.note(nil, "\(paths.count) ways are open again")
    }
  }

  // MARK: Healing

  private func heal() {
    world.note(nil, "everything heals")
    world.blocked = []
    world.latency = 50...2_000
    for host in world.hosts {
      host.disk.limit(room: .max)
      host.disk.fail(nil)
      host.diskDelay = 100...400
      host.clock.setWrong(by: 0)
    }
    world.run(for: .seconds(200))
    // A disk that failed is trusted again by a new start alone.
    for host in world.hosts {
      host.stop()
      host.start()
    }
    for host in world.hosts where !host.isRunning {
      world.fail("host \(host.number) does not start: \(host.refusal ?? "")")
    }
    world.run(for: .seconds(120))
  }

  // MARK: Comparing

  private func compare() {
    for (title, hosts) in groups {
      var first: (host: Int, shown: [Shown])?
      for number in hosts {
        guard let shown = shown(of: title, at: people[number]) else { continue }
        if let fault = ledger.check(shown.map(\.text), of: title) {
          world.fail("host \(number), \(title): \(fault)")
        }
        if let first { compare(first, (number, shown), title) }
        first = first ?? (number, shown)
      }
    }
  }

  /// Two show the same messages; what came late to neither of them they show in the same order, where
  /// no clock was wrong: one that is far ahead counts as the moment at which its words came.
  private func compare(
    _ first: (host: Int, shown: [Shown]), _ second: (host: Int, shown: [Shown]), _ title: String
  ) {
    let (one, other) = (Set(first.shown.map(\.text)), Set(second.shown.map(\.text)))
    let who = "hosts \(first.host) and \(second.host), \(title): "
    if let missing = one.symmetricDifference(other).min() {
      let holder = one.contains(missing) ? first.host : second.host
      world.fail(who + "\"\(missing)\" is shown at host \(holder) alone")
    }
    let late = Set((first.shown + second.shown).filter(\.isLate).map(\.text))
    let orders = [first.shown, second.shown].map { $0.map(\.text).filter { !late.contains($0) } }
    guard plan.clockJumps == 0, one == other else { return }
    if let at = zip(orders[0], orders[1]).first(where: { $0 != $1 }) {
      world.fail(who + "one shows \"\(at.0)\" where the other shows \"\(at.1)\"")
    }
  }

  private func shown(of title: String, at person: Person) -> [Shown]? {
    var all: [Shown] = []
    var before: HexIdentifier?
    repeat {
      let call = ReadCall(group: title, limit: 1_000, sinceMs: nil, untilMs: nil, before: before)
      guard case .read(let page)? = answer(of: person, to: .read(call), "read") else { return nil }
      let older = page.messages.map { message in
        Shown(
          text: message.text ?? "(\(message.absence.map { "\($0)" } ?? "?"))",
          isLate: message.late)
      }
      all = older + all
      before = page.next
    } while before != nil
    return all
  }
}

/// A message as a node shows it.
struct Shown {
  let text: String
  let isLate: Bool
}

/// Somebody at a host.
final class Person {
  let name: String
  let host: Host
  var isBox = false
  /// What was sent and not answered: it may be there or not, and is sent again as the same.
  var unanswered: [Ledger.Message] = []

  init(name: String, host: Host) { (self.name, self.host) = (name, host) }
}

/// What can go wrong.
enum Mishap: CaseIterable {
  case powerCut, kill, stop, partition, sleep, clockJump, slowDisk, fullDisk, failedWrite
}

extension Plan {
  func often(_ mishap: Mishap) -> Int {
    switch mishap {
    case .powerCut: powerCuts
    case .kill: kills
    case .stop: stops
    case .partition: partitions
    case .sleep: sleeps
    case .clockJump: clockJumps
    case .slowDisk: slowDisks
    case .fullDisk: fullDisks
    case .failedWrite: failedWrites
    }
  }
}
