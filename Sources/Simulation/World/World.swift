internal import Control
import Daemon
internal import Discovery
internal import Format
package import Platform
import TestSupport

/// A world grown from one number: hosts with disks and clocks, wires between them, and what goes wrong
/// with all of these. Nothing in it asks the computer it runs on for time, chance or order.
package final class World {
  package let seed: UInt64
  let time = WorldTime()
  /// All chance comes from here.
  var chance: SeededGenerator
  package private(set) var trace: Trace
  /// The host whose node is at work, and may write into its log.
  var acting: Int?
  /// When an entry last came to a disk that did not hold it.
  private(set) var newsAt = Moment(nanoseconds: 0)
  /// How many removals of all kinds the trace tells of.
  private var removalsTold = 0
  package private(set) var hosts: [Host] = []
  /// When each of them wants to run; all are looked at before each step.
  private var wakes: [Moment] = []
  private var agenda = Agenda()
  /// How many turns each of them took since `turnsSince`, for a second at most.
  private var turns: [Int: Int] = [:]
  private var turnsSince = Moment(nanoseconds: 0)
  /// Where hosts stand in the network.
  var segments = Segments()
  /// From which host to which nothing passes.
  var blocked: Set<Path> = []
  /// How long a byte takes at least and at most, in microseconds.
  var latency = 50...2_000
  /// How many of ten thousand pieces that are sent arrive with a wrong bit, and what draws them.
  var spoils = 0
  var spoiling: SeededGenerator
  /// Whether what happens is no part of the trace any more.
  var isUntold = false
  /// How often what a node knew before it stopped was compared with what it knew behind the next start.
  var comparedStarts = 0
  /// How many of a hundred announcements are not heard, and half as many twice; and what draws them.
  var lostAnnouncements = 0
  private var announcing: SeededGenerator
  /// Numbers for what the kernel would number.
  private var numbers: Int32 = 1_000_000
  /// What must hold of the logs.
  let audit = Audit()
  /// What must never be and was; the run ends with the first.
  package private(set) var faults: [String] = []

  /// One direction between two hosts.
  struct Path: Hashable {
    let from: Int
    let to: Int
  }

  package init(seed: UInt64, keepsTrace: Bool) {
    self.seed = seed
    chance = SeededGenerator(seed: seed)
    spoiling = SeededGenerator(seed: seed &+ 0x5b01)
    announcing = SeededGenerator(seed: seed &+ 0xa110)
    trace = Trace(isKept: keepsTrace)
  }

  package var now: Moment { time.now }

  func addHost() -> Host {
    let host = Host(hosts.count, in: self)
    hosts.append(host)
    wakes.append(.distantFuture)
    segments.addHost()
    return host
  }

  /// A host wants to run then.
  func wake(_ host: Int, at moment: Moment) { wakes[host] = moment }

  func host(at address: IPAddress) -> Host? { segments.owner(of: address).map { hosts[$0] } }

  func nextNumber() -> Int32 {
    numbers += 1
    return numbers
  }

  func note(_ host: Int?, _ text: String, _ sign: Trace.Sign = .happens) {
    if !isUntold { trace.note(now, host, sign, text) { hosts.map(\.column) } }
  }

  /// Another part of the run begins.
  func begin(_ text: String) { note(nil, text, .begins) }

  /// Hands the lines of the trace on as they grow.
  package func tellTrace(to listener: @escaping (String) -> Void) { trace.tell = listener }

  /// Something that must never be.
  func fail(_ text: String) {
    isUntold = false
    note(nil, "FAULT: " + text)
    faults.append(text)
  }

  func after(_ duration: Duration, host: Int, _ action: @escaping () -> Void) {
    agenda.add(at: now + duration, host: host, action)
  }

  /// Nothing happens any more: what was to happen holds whoever wanted it, who holds this world.
  func forgetAgenda() { agenda = Agenda() }

  /// How long the next byte takes.
  func delay() -> Duration { .microseconds(chance.number(latency)) }

  /// How often an announcement is heard that gets through.
  func hearings() -> Int {
    if lostAnnouncements == 0 { return 1 }
    let fate = announcing.number(0...99)
    return fate < lostAnnouncements ? 0 : fate < lostAnnouncements * 3 / 2 ? 2 : 1
  }

  /// How long it takes until one is heard again.
  func echo() -> Duration { .milliseconds(announcing.number(1...5_000)) }

  func isBlocked(from: Int, to: Int) -> Bool { blocked.contains(Path(from: from, to: to)) }

  // MARK: Running

  /// So many turns no node takes in a second, however much it is flooded: one that takes more never sleeps.
  private static let turnsMax = 50_000

  /// Counts a turn; false where a host has taken too many in this second.
  private func countTurn(_ number: Int) -> Bool {
    if now >= turnsSince + .seconds(1) { (turns, turnsSince) = ([:], now) }
    turns[number, default: 0] += 1
    return turns[number, default: 0] <= Self.turnsMax
  }

  /// Lets so much time pass, or less where a fault was found.
  package func run(for duration: Duration) {
    let end = now + duration
    while faults.isEmpty {
      let next = wakes.reduce(agenda.next ?? .distantFuture) { min($0, $1) }
      guard next <= end else { break }
      time.advance(to: next)
      var hasActed = false
      while let item = agenda.take(until: now) {
        item.action()
        hasActed = true
      }
      if hasActed { lookAtLogs() }
      for number in wakes.indices where wakes[number] <= now {
        guard countTurn(number) else { return fail("host \(number) takes turns without end") }
        hosts[number].takeTurn()
        if hosts[number].hasNewLog { look(at: hosts[number]) }
      }
    }
    if faults.isEmpty { time.advance(to: end) }
  }

  /// Looks at every log that changed since the last step.
  private func lookAtLogs() {
    for host in hosts where host.hasNewLog { look(at: host) }
  }

  /// Looks at what is durable at a host.
  func look(at host: Host) {
    host.noteLook()
    let (count, device) = (audit.count(at: host.number), audit.device(of: host.number))
    if let fault = audit.look(at: host) { fail(fault) }
    if audit.count(at: host.number) > count { newsAt = now }
    if let own = audit.device(of: host.number), own != device {
      note(host.number, "writes as device \(own.first.text)")
    }
    tellForks(at: host)
  }

  /// Tells when a node first says that somebody wrote two things at one place.
  private func tellForks(at host: Host) {
    for removal in audit.book.removals[removalsTold...] {
      guard case .suspend(let feed) = removal.target else { continue }
      let author = removal.author.first.text
      note(host.number, "device \(author) tells that feed \(feed.text) is forked")
    }
    removalsTold = audit.book.removals.count
  }

  /// Lets the sum of the trace depend on what lies on every disk, whatever the order.
  func countLogs() {
    for host in hosts {
      var sum: [UInt64] = [0, 0, 0, 0]
      for entry in audit.held(at: host.number) {
        let words = [entry.first.high, entry.first.low, entry.last.high, entry.last.low]
        for index in sum.indices { sum[index] ^= words[index] }
      }
      for word in sum { trace.count(word) }
    }
  }

  /// Whether an entry is durable at a host.
  func isHeld(_ entry: HexIdentifier, at host: Host) -> Bool {
    Long(entry.bytes).map { audit.isHeld($0, at: host.number) } ?? false
  }

  /// Lets time pass until something is so; whether it became so within the time.
  package func run(atMost duration: Duration, until isSo: () -> Bool) -> Bool {
    let end = now + duration
    while faults.isEmpty, now < end {
      if isSo() { return true }
      run(for: .milliseconds(250))
    }
    return isSo()
  }
}
