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
  var people: [Person] = []
  /// Who is believed to be in which group, by the group's title.
  var groups: [String: Set<String>] = [:]
  /// Which groups were founded, as the node of whoever did it said, by the group's title.
  var founded: [String: HexIdentifier] = [:]
  /// Who decides for others once everything heals; nil: the founder.
  var chosenHead: Person?
  /// The line of the recovery key, written down when the office was founded.
  var recoveryLine = ""
  /// Whoever stands at doors, and how often one was opened.
  var stranger: Host?
  var openings = 0
  /// The devices of those who flood the others.
  var flooders: Set<Long> = []
  /// The disks that were made small for that, by the host.
  var floodedRooms: [Int: MemoryDisk] = [:]
  /// Hosts whose disk is full for a while, whoever filled it.
  var fullDisks: Set<Int> = []
  /// How much came of a flood while everybody was to be heard.
  var pouredWhileHeard = 0
  /// Whether somebody who lies was left alone in the end.
  var hasTolerated = false
  /// What draws each kind of mishap, and how often it was.
  var chances: [Mishap: SeededGenerator] = [:]
  var happened: [Mishap: Int] = [:]
  /// Draws who says what when.
  var talk: SeededGenerator
  /// Draws who stands where in the network.
  var placing: SeededGenerator
  /// Who stands in all segments of the network, or goes from each to the next: a box, if there is one.
  var bridge: Person?
  /// Whether everybody stays where they are.
  var isSettled = false
  /// Groups whose holders no way joins, as they stand in the end.
  var apart: Set<HexIdentifier> = []

  /// How many nodes were compared with others by the time at which all must hold the same, and in the end; and how
  /// many messages that one shows with what another one shows.
  var comparedSoon = 0
  var comparedNodes = 0
  var comparedMessages = 0
  /// Of how many devices a node had to say that they hold a last word.
  var comparedTicks = 0
  /// What was acknowledged and somebody does not show in the end, for it may have been cut off.
  var letGo: Set<Long> = []

  /// When everything healed, when the last entry came to a disk in the minutes after that in which nobody
  /// does anything, and when all were compared.
  var healedAt: Moment?
  var caughtUpAt: Moment?
  var comparedAt: Moment?

  /// The hosts that an office may come to have.
  static let hostsMax = 12

  package init(seed: UInt64, plan: Plan? = nil, keepsTrace: Bool) {
    world = World(seed: seed, keepsTrace: keepsTrace)
    self.plan = plan ?? Plan(seed: seed)
    talk = SeededGenerator(seed: seed &+ 0x7a1c)
    placing = SeededGenerator(seed: seed &+ 0x91ac)
    for (number, mishap) in Mishap.allCases.enumerated() {
      chances[mishap] = SeededGenerator(seed: seed &* 0x9e37_79b9 &+ UInt64(number))
    }
  }

  /// Whether nobody is left who can decide anything: then the office ends, and what is on the disks was
  /// judged at each step.
  var isOver = false

  /// Runs to the end, with everything that is random grown from the seed.
  package func run() { run { misbehave() } }

  /// Founds an office, lets something happen in it, heals it, and compares.
  func run(_ happening: () -> Void) {
    SeededRandomness.from(world.seed) {
      world.hearingLogs {
        if plan.slowNetwork { world.latency = 20_000...300_000 }
        found()
        if world.faults.isEmpty { spread() }
        if world.faults.isEmpty { happening() }
        if world.faults.isEmpty { heal() }
        for step in [
          mend, sendStrangersAway, sayFarewell, compare, checkHealth, comeTogether, startOnceMore,
        ]
        where world.faults.isEmpty && !isOver { step() }
        world.countLogs()
        // Whoever lies or stands at doors is there until then where something is wrong.
        for host in world.hosts { host.end() }
        world.forgetAgenda()
      }
    }
  }

  // MARK: Founding

  private func found() {
    world.begin("an office is founded, and others join")
    for number in 0..<plan.hosts {
      let isBox = number >= plan.hosts - plan.keepers
      let person = Person(name: "P\(number)", host: world.addHost(), isBox: isBox)
      people.append(person)
      person.host.start()
    }
    let office = OfficeNewCall(office: "Simulated", name: "P0", device: "pc-0")
    _ = answer(of: people[0], to: .officeNew(office), "found an office")
    people[0].rank = .owner
    noteLetIn(people[0])
    for person in people.dropFirst() {
      guard let ticket = ticket(for: person, as: nil) else { return }
      let join = JoinCall(
        ticket: ticket, name: nil, account: nil, device: "pc-\(person.host.number)")
      _ = answer(of: person, to: .join(join), "join")
      noteLetIn(person)
    }
    guard world.faults.isEmpty else { return }
    let members = people.filter { !$0.isBox }
    groups["everyone"] = Set(members.map(\.name))
    founded["everyone"] = world.audit.book.everyone.flatMap { HexIdentifier(bytes: $0.bytes) }
    for title in ["Werkstatt", "Büro"] {
      let some = members.filter { $0.isFounder || world.chance.oneIn(2) }
      let call = GroupNewCall(
        title: title, purpose: nil, members: some.dropFirst().map { "@" + $0.name })
      if case .groupNew(let made)? = answer(of: people[0], to: .groupNew(call), "a group") {
        founded[title] = made.group.id
      }
      groups[title] = Set(some.map(\.name))
    }
    writeRecoveryDown()
    world.run(for: .seconds(20))
    noteGroups()
  }

  /// Somebody's node said that it is in the office.
  func noteLetIn(_ person: Person) {
    person.isIn = true
    person.host.isLetIn = true
  }

  /// A ticket of who decides: for a new member, or for another device of one who is there or was.
  func ticket(for person: Person, as known: MemberInfo?) -> String? {
    let call = TicketNewCall(
      kind: person.isBox ? .box : .member, keeper: person.isBox ? true : nil,
      name: known == nil ? person.name : nil, member: known.map { "id:\($0.id)" }, groups: [],
      uses: nil, validSeconds: nil, again: known?.removed == true ? true : nil)
    guard case .ticketNew(let made)? = answer(of: head, to: .ticketNew(call), "a ticket")
    else { return nil }
    return made.text
  }

  // MARK: Asking

  /// Asks and waits; where nothing fails an answer must come.
  func answer(
    of person: Person, to request: ControlRequest, _ what: String
  ) -> ControlResult? {
    switch outcome(of: person, request) {
    case .success(let result)?: return result
    case .failure(let error)?:
      world.fail("\(person.name) is refused: \(what): \(error.message)")
      return nil
    case nil:
      world.fail("\(person.name) waits in vain: \(what)")
      return nil
    }
  }

  /// Asks and waits, for two minutes at most.
  func outcome(
    of person: Person, _ request: ControlRequest
  ) -> Result<ControlResult, ControlError>? {
    var outcome: Result<ControlResult, ControlError>?
    person.host.ask(request) { outcome = $0 }
    _ = world.run(atMost: .seconds(120), until: { outcome != nil })
    if case .failure(let error)? = outcome { person.hear(error) }
    return outcome
  }

  func standing(of person: Person) -> StandingWord? {
    guard
      case .success(.officeStatus(let status))? = outcome(
        of: person, .officeStatus(OfficeStatusCall()))
    else { return nil }
    return status.standing
  }

  // MARK: Talking

  /// Somebody writes in a group that they are believed to be in.
  func say() {
    let titles = groups.keys.sorted()
    let title = titles[talk.number(0...titles.count - 1)]
    let members = groups[title, default: []]
    let some = people.filter { members.contains($0.name) && !$0.host.isOver }
    guard !some.isEmpty else { return }
    let person = some[talk.number(0...some.count - 1)]
    guard person.host.isRunning else { return }
    let again = person.unanswered.first.flatMap { talk.oneIn(2) ? $0 : nil }
    say(again ?? ledger.begin(title), by: person, isNew: again == nil)
  }

  func say(_ message: Ledger.Message, by person: Person, isNew: Bool) {
    if isNew { person.unanswered.append(message) }
    ledger.say(message, at: person.host.number)
    let call = SendCall(
      to: message.group, text: message.text, id: HexIdentifier(bytes: message.id))
    person.host.ask(.send(call)) { [self] outcome in
      switch outcome {
      case .success(.send(let sent)):
        person.unanswered.removeAll { $0.text == message.text }
        acknowledged(message, as: sent.entry, by: person)
      case .success: world.fail("a send was answered as something else")
      case .failure(let error):
        // Whoever is out of the group or stopped for good need not try again.
        if [.notAllowed, .noSuchGroup, .removed, .stopped].contains(error.name) {
          person.unanswered.removeAll { $0.text == message.text }
        }
      }
    }
  }

  /// What is said to be durable lies on the disk at this very moment.
  func acknowledged(_ message: Ledger.Message, as name: HexIdentifier, by person: Person) {
    guard let entry = Long(name.bytes) else {
      return world.fail("a send was answered by no entry")
    }
    ledger.say(message, at: person.host.number)
    ledger.acknowledge(message, as: entry)
    watchTicks(of: name, by: person)
    world.look(at: person.host)
    noteSent(message, as: entry, by: person)
    if !world.audit.isHeld(entry, at: person.host.number) {
      world.fail(
        "host \(person.host.number): \"\(message.text)\" was acknowledged before it was durable")
    }
  }
}
