import Authority
import Control
import Format
import Platform
import Replication
import Storage
import TestSupport

@testable import Daemon
@testable import Simulation

/// The life of two computers in one office, one of which has its disks written down: it founds the
/// office or joins it, people write, read and are named, nodes are stopped and killed, and one computer
/// is removed, sets its office aside and comes back.
final class NodeStory {
  /// Who is looked at.
  enum Part: String, CaseIterable, Sendable { case founder, joiner }

  /// Where a node stands from a place of the tape on; nil while that changes.
  struct Standing {
    let place: Int
    let word: StandingWord?
  }

  /// An entry that must be there from a place of the tape on.
  struct Kept {
    let entry: Long
    let place: Int
  }

  struct Said {
    let text: String
    let entry: Long
    let place: Int
  }

  let world: World
  let part: Part
  let recorder: NodeRecorder
  private(set) var standings: [Standing] = []
  private(set) var kept: [Kept] = []
  /// Messages in "everyone" that the node which is looked at wrote and called durable.
  private(set) var said: [Said] = []
  /// Since when what was here of the office is set aside.
  private(set) var aside: Int?
  /// Which calls of each kind its disks saw while one was set aside.
  private(set) var asideCalls: [NodeRecorder.Place: [DiskError.Operation: Range<Int>]] = [:]
  /// What was refused, or not answered; nothing is where nothing fails.
  private(set) var refusals: [String] = []
  /// After how many starts the founder's log had somebody who was not let in, for that may not last
  /// (S-16).
  private(set) var withheld = 0
  private var slots: Set<Long> = []
  private var devices: Set<Long> = []
  /// The device whose office was set aside.
  private var former: Long?
  /// Whether the one who was removed is to set aside what is left, and has not done it.
  private var isLeaving = false
  private let hosts: [Host]
  private var texts = 0

  init(seed: UInt64, _ part: Part) {
    world = World(seed: seed, keepsTrace: false)
    self.part = part
    hosts = [world.addHost(), world.addHost()]
    recorder = NodeRecorder(hosts[part == .founder ? 0 : 1])
  }

  var host: Host { hosts[part == .founder ? 0 : 1] }
  private var other: Host { hosts[part == .founder ? 1 : 0] }

  /// Tells it to its end.
  func run() {
    SeededRandomness.from(world.seed) {
      world.hearingLogs {
        for host in hosts { host.start() }
        begin()
        talk()
        restart()
        leave()
        pass(.seconds(12))
        for host in hosts { host.kill() }
      }
    }
  }

  /// Nothing fails any more: the node is started anew, and must be as it was; says what is wrong.
  func heal() -> String? {
    recorder.mend()
    return goOn(world.seed &+ 1) { healed() }
  }

  /// And the one who was removed comes back, whatever became of setting aside; says what is wrong.
  func comeBack() -> String? { goOn(world.seed &+ 2) { cameBack() } }

  private func goOn(_ seed: UInt64, _ body: () -> String?) -> String? {
    SeededRandomness.from(seed) {
      var wrong: String?
      world.hearingLogs {
        for host in hosts { host.start() }
        noteAside()
        wrong = body()
      }
      for host in hosts { host.kill() }
      // What was to happen holds the world.
      world.forgetAgenda()
      return world.faults.first ?? wrong
    }
  }

  private func healed() -> String? {
    guard host.isRunning else { return "it does not start: \(host.refusal ?? "")" }
    pass(.seconds(30))
    let place = recorder.tape.count
    let lost = mustHold(at: place).subtracting(world.audit.held(at: host.number))
    if let entry = lost.sorted().first, let known = world.audit.book.entries[entry]?.entry {
      return "\(known.feed.text):\(known.seq) was durable and is lost"
    }
    let who = part == .founder ? 0 : 1
    guard let standing = standing(of: who) else { return "it does not say where it stands" }
    if let expected = standings.last?.word, standing != expected {
      return "it is \(standing.rawValue), and was \(expected.rawValue)"
    }
    guard standing == .ready else { return nil }
    say(who, to: "everyone")
    let call = ReadCall(group: "everyone", limit: 1_000, sinceMs: nil, untilMs: nil, before: nil)
    guard case .read(let page)? = ask(who, .read(call)) else { return refusals.last }
    let shown = page.messages.compactMap(\.text)
    for text in mustShow(at: recorder.tape.count).map(\.text)
    where shown.count(where: { $0 == text }) != 1 {
      return "\"\(text.prefix(20))\" is shown \(shown.count { $0 == text }) times"
    }
    return said.last?.place ?? 0 > place ? nil : refusals.last ?? "it writes nothing"
  }

  private func cameBack() -> String? {
    pass(.seconds(30))
    if standing(of: 1) == .removed { _ = ask(1, .officeAside(OfficeAsideCall())) }
    if standing(of: 1) == .noOffice { join(device: "b3", isAgain: true) }
    pass(.seconds(30))
    guard standing(of: 1) == .ready else {
      return "it does not come back: \(refusals.last ?? "")"
    }
    // Which device it is shows in what it writes.
    say(1, to: "everyone")
    let isFormer = former != nil && world.audit.device(of: 1) == former
    return isFormer ? "it is the device that was removed" : nil
  }

  private func standing(of who: Int) -> StandingWord? {
    guard case .officeStatus(let status)? = ask(who, .officeStatus(OfficeStatusCall())) else {
      return nil
    }
    return status.standing
  }

  // MARK: Chapters

  private func begin() {
    standsNow(part == .founder ? nil : .noOffice)
    let founded = ask(0, .officeNew(.init(office: "Werk", name: "Anna", device: "a")))
    if part == .founder, founded != nil { standsNow(.ready) }
    join(device: "b", isAgain: false)
    pass(.seconds(5))
    _ = ask(0, .groupNew(.init(title: "Plan", purpose: "what is next", members: ["@Ben"])))
    pass(.seconds(2))
  }

  private func talk() {
    for round in 0..<5 {
      for who in 0...1 {
        say(who, to: "everyone")
        say(who, to: "Plan")
      }
      if round % 2 == 0 {
        _ = ask(0, .groupSeen(.init(group: "everyone", cursor: nil)))
        _ = ask(1, .groupSeen(.init(group: "Plan", cursor: nil)))
      }
      pass(.milliseconds(300))
    }
    say(0, to: "@Ben")
    say(1, to: "@Anna")
    say(0, to: "everyone", size: 40_000)
    say(1, to: "everyone", size: 40_000)
    _ = ask(0, .memberRank(.init(member: "@Ben", rank: .admin)))
    _ = ask(1, .nameSet(.init(name: "Benno", device: nil)))
    pass(.seconds(12))
    for who in 0...1 { _ = ask(who, .status(StatusCall(seen: true))) }
  }

  private func restart() {
    host.stop()
    host.start()
    pass(.seconds(6))
    noteWithheld()
    for who in 0...1 { say(who, to: "everyone") }
    host.kill()
    host.start()
    pass(.seconds(6))
    noteWithheld()
    for who in 0...1 { say(who, to: "everyone") }
    pass(.seconds(12))
    noteWithheld()
  }

  /// The one who joined is removed, sets aside what is left, and comes back.
  private func leave() {
    if part == .joiner { standsNow(nil) }
    _ = ask(0, .memberRemove(.init(member: "@Benno", look: nil)))
    pass(.seconds(10))
    let place = recorder.tape.count
    let calls = recorder.places.map { ($0, recorder.calls(of: $0)) }
    isLeaving = true
    if part == .joiner { (aside, former) = (place, world.audit.device(of: 1)) }
    let isOut = ask(1, .officeAside(OfficeAsideCall())) != nil
    for (place, before) in calls {
      for (operation, count) in recorder.calls(of: place) {
        asideCalls[place, default: [:]][operation] = before[operation, default: 0]..<count
      }
    }
    if part == .joiner, isOut { standsNow(.noOffice) }
    join(device: "b2", isAgain: true)
    pass(.seconds(6))
    for who in 0...1 { say(who, to: "everyone") }
  }

  private func join(device: String, isAgain: Bool) {
    let call = TicketNewCall(
      kind: .member, keeper: nil, name: isAgain ? nil : "Ben", member: isAgain ? "@Benno" : nil,
      groups: [], uses: nil, validSeconds: nil, again: isAgain ? true : nil)
    guard case .ticketNew(let ticket)? = ask(0, .ticketNew(call)) else { return }
    if part == .joiner { standsNow(nil) }
    let join = JoinCall(ticket: ticket.text, name: nil, account: nil, device: device)
    let isIn = ask(1, .join(join)) != nil
    if part == .joiner, isIn { standsNow(.ready) }
  }

  // MARK: What people do

  private func say(_ who: Int, to group: String, size: Int = 0) {
    texts += 1
    let text = "\(texts) " + String(repeating: "x", count: size)
    let id = HexIdentifier(bytes: SeededRandomness.bytes(16))
    guard case .send(let sent)? = ask(who, .send(.init(to: group, text: text, id: id))),
      let entry = Long(sent.entry.bytes)
    else { return }
    if hosts[who] === host, group == "everyone" {
      said.append(Said(text: text, entry: entry, place: recorder.tape.count))
    }
    if !world.isHeld(sent.entry, at: hosts[who]) {
      world.fail("\"\(texts)\" was called durable and is not")
    }
  }

  /// Asks and waits; nil where it is refused or not answered.
  private func ask(_ who: Int, _ request: ControlRequest) -> ControlResult? {
    var outcome: Result<ControlResult, ControlError>?
    hosts[who].ask(request) { outcome = $0 }
    let end = world.now + .seconds(30)
    while outcome == nil, world.now < end, world.faults.isEmpty, hosts[who].isRunning {
      pass(.milliseconds(10))
    }
    switch outcome {
    case .success(let result)?: return result
    case .failure(let error)?: refusals.append("\(request.method): \(error.message)")
    case nil: refusals.append("\(request.method): no answer")
    }
    return nil
  }

  /// Lets time pass, and notes what becomes durable and known meanwhile.
  private func pass(_ duration: Duration) {
    let end = world.now + duration
    while world.now < end, world.faults.isEmpty {
      world.run(for: min(.milliseconds(10), end - world.now))
      noteAside()
      noteKept()
    }
  }

  /// Once what one had of the office lies aside it owes nothing of it.
  private func noteAside() {
    guard isLeaving, let names = try? hosts[1].disk.list(.root).map(\.name.text),
      names.contains(where: { $0.hasPrefix("removed-") })
    else { return }
    isLeaving = false
    world.audit.forgive(1)
    guard let aside else { return }
    kept.removeAll { $0.place > aside }
    (slots, devices) = ([], [])
  }

  private func noteKept() {
    let place = recorder.tape.count
    let audit = world.audit
    if let device = audit.device(of: host.number), device != former { devices.insert(device) }
    let held = audit.held(at: host.number)
    if held.count != slots.count {
      for entry in held.sorted() where slots.insert(entry).inserted {
        kept.append(Kept(entry: entry, place: place))
      }
    }
    for entry in audit.held(at: other.number) {
      guard let known = audit.book.entries[entry], devices.contains(known.device) else { continue }
      guard slots.contains(entry) else {
        return world.fail("\(known.entry.feed.text):\(known.entry.seq) was told and is not durable")
      }
    }
  }

  /// Whether the founder's log has somebody by an entry that may not last, who must not be told so.
  private func noteWithheld() {
    guard part == .founder, let office = host.node?.office,
      !office.store.unsettled(in: office.office).isEmpty
    else { return }
    let others = office.replica.rosterNow().devices.filter {
      $0.isLive && $0.key != office.replica.secrets.device
    }
    guard !others.isEmpty, let joining = other.node?.joining else { return }
    withheld += 1
    if joining.isAdmitted { world.fail("somebody is told to be in by what may not last") }
  }

  private func standsNow(_ word: StandingWord?) {
    standings.append(Standing(place: recorder.tape.count, word: word))
  }

  // MARK: What is known at a place of the tape

  func standing(at place: Int) -> StandingWord? {
    standings.last { $0.place <= place }?.word
  }

  /// What must be on the disk.
  func mustHold(at place: Int) -> Set<Long> {
    Set(kept.filter { $0.place <= place && !isAside($0.place, at: place) }.map(\.entry))
  }

  /// What the messages in "everyone" must be among, as this node shows them.
  func mustShow(at place: Int) -> [Said] {
    said.filter { $0.place <= place && !isAside($0.place, at: place) }
  }

  private func isAside(_ since: Int, at place: Int) -> Bool {
    guard let aside else { return false }
    return since <= aside && place > aside
  }

  /// Entries that anybody knew at a place, in an order in which causes come first.
  func known(at place: Int) -> [PlainEntry] {
    kept.filter { $0.place <= place }.compactMap { world.audit.book.entries[$0.entry]?.entry }
      .sorted { ($0.lamport, $0.id) < ($1.lamport, $1.id) }
  }
}
