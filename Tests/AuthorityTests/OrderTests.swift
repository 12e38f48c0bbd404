import Format
import Testing

@testable import Authority

/// Everything a roster says, as text in a fixed order.
func describe(_ roster: Roster) -> [String] {
  var out = ["owners \(roster.owners) \(roster.lastOwners)"]
  out += roster.members.map {
    "member \($0.id) \($0.rank) \($0.isRemoved) \($0.certifier) \($0.devices.map(\.key))"
  }
  out += roster.devices.map { "device \($0)" }
  out += roster.tickets.map {
    "ticket \($0.grant.key) \($0.issuer) \($0.used) \($0.isRevoked) \($0.hasEnded)"
  }
  out += roster.removals.map { "removal \($0)" }
  out += roster.suspensions.map { "suspension \($0)" }
  out += roster.voids.map { "void \($0)" }
  return out + ["newer \(roster.needsNewerVersion)"]
}

/// The same office, heard of in another order.
struct Replay {
  let views = ViewTable()
  let authority: OfficeAuthority
  private var entries: [ControlEntry] = []

  init(of world: World) {
    authority = OfficeAuthority(
      office: world.authority.office, verifier: TestSignatures(), views: views)
  }

  /// The view of the same entries in this table.
  func view(_ view: ViewID, of world: World) -> ViewID {
    world.views.places(view).reduce(ViewID.empty) { views.adding($0, $1.place, $1.seq) }
  }

  /// Takes in an entry of the world; returns why it is refused here.
  @discardableResult
  func take(_ old: ControlEntry, of world: World) -> Refusal? {
    let entry = ControlEntry(
      id: old.id, place: old.place, seq: old.seq, lamport: old.lamport, author: old.author,
      certificate: old.certificate, content: old.content,
      officeView: view(old.officeView, of: world), groupView: .empty)
    defer { authority.insert(entry) }
    return authority.refusal(of: entry)
  }

  /// Takes in everything in a random order that keeps causes before effects; with `eager`, asks for
  /// the roster in between. Returns entries that were right in the world and are refused here.
  func run(_ world: World, using generator: inout SeededGenerator, eager: Bool) -> [Refusal] {
    var waiting = world.log
    var seen = ViewID.empty
    var refusals: [Refusal] = []
    while !waiting.isEmpty {
      let ready = waiting.indices.filter { index in
        let past = view(waiting[index].officeView, of: world)
        return views.union(seen, past) == seen
      }
      guard let next = ready.randomElement(using: &generator) else { break }
      let entry = waiting.remove(at: next)
      if let refusal = take(entry, of: world) { refusals.append(refusal) }
      seen = views.adding(seen, entry.place, entry.seq)
      if eager, Int.random(in: 0..<4, using: &generator) == 0 { _ = authority.roster(at: seen) }
    }
    return refusals
  }
}

/// A world in which devices do at random what comes to mind, mostly out of touch with each other.
struct RandomOffice {
  let world: World
  private(set) var devices: [TestDevice]
  private var generator: SeededGenerator

  init(seed: UInt64, steps: Int) {
    world = World(seed: seed)
    generator = SeededGenerator(seed: seed &+ 1_000)
    devices = [world.founder]
    for rank in [Rank.admin, .admin, .member, .member] {
      let device = world.newDevice()
      world.certify(device, rank, by: world.founder)
      devices.append(device)
    }
    for device in devices { world.sync(device, from: world.founder) }
    for _ in 0..<steps { step() }
  }

  private mutating func any() -> TestDevice {
    devices.randomElement(using: &generator) ?? world.founder
  }

  private mutating func cuts(_ target: TestDevice) -> [Cut] {
    guard target.nextSeq > 1, Bool.random(using: &generator) else { return [] }
    return [world.cut(target, at: UInt32.random(in: 0..<target.nextSeq, using: &generator))]
  }

  private mutating func step() {
    let (author, target) = (any(), any())
    switch Int.random(in: 0..<19, using: &generator) {
    case 0...3: world.sync(author, from: target)
    case 4, 5:
      let device = world.newDevice(
        of: Int.random(in: 0..<3, using: &generator) == 0 ? author.member : nil)
      let rank = Rank(rawValue: UInt8.random(in: 0...3, using: &generator)) ?? .member
      if world.certify(device, rank, by: author) != nil { devices.append(device) }
    case 6: world.write(.remove(.member(target.member), cuts(target)), by: author)
    case 7: world.write(.remove(.device(target.key), cuts(target)), by: author)
    case 8, 9:
      let rank = Rank(rawValue: UInt8.random(in: 1...3, using: &generator)) ?? .member
      world.write(.rank(target.member, rank, cuts(target)), by: author)
    case 10:
      let grant = world.newTicket(uses: 2)
      guard world.write(.ticket(grant), by: author) != nil else { return }
      world.sync(target, from: author)
      let device = world.newDevice()
      if world.admit(device, by: target, grant) != nil { devices.append(device) }
      if Bool.random(using: &generator) { world.write(.ticketRevoke(grant.key), by: any()) }
    case 11:
      let last = world.authority.roster(at: author.view).lastOwners
      let members = Set([author.member, target.member])
      let recovers = Int.random(in: 0..<4, using: &generator) == 0
      world.write(
        world.owners(
          Array(members), previous: last,
          signedBy: recovers ? [world.recovery] : Array(Set([author.key, target.key]))),
        by: author)
    case 12:
      // A removed device comes back with its keys.
      let old = target.certificate
      if world.certify(target, target.rank, by: author) == nil { target.certificate = old }
    case 13, 14:
      // From here on somebody has a place that lacks what comes.
      devices.append(world.newFeed(of: target))
    case 15, 16:
      // What was signed once stands in the log for everybody.
      let list = world.log.last { if case .operation(.owners) = $0.content { true } else { false } }
      guard case .operation(let operation) = list?.content else { return }
      world.write(operation, by: author)
    case 17:
      let device = world.newDevice(sharing: target, of: author.member)
      if world.certify(device, .member, by: author) != nil { devices.append(device) }
    default:
      world.write(
        .suspend(target.place.feed, seq: 1, world.newEntryID(), world.newEntryID()), by: author)
    }
  }
}

@Suite struct OrderTests {
  @Test(arguments: 1...40)
  func `the order of arrival changes nothing`(seed: UInt64) {
    let world = RandomOffice(seed: seed, steps: 150).world
    let expected = describe(world.roster)
    var generator = SeededGenerator(seed: seed &+ 77)
    for round in 0..<4 {
      let replay = Replay(of: world)
      let refusals = replay.run(world, using: &generator, eager: round % 2 == 0)
      #expect(refusals.isEmpty)
      let view = replay.view(world.everything, of: world)
      #expect(describe(replay.authority.roster(at: view)) == expected)
    }
  }

  @Test(arguments: 1...40)
  func `extending a known view finds what starting anew finds`(seed: UInt64) {
    let world = RandomOffice(seed: seed, steps: 150).world
    for entry in world.log {
      let view = world.views.adding(entry.officeView, entry.place, entry.seq)
      let known = world.authority.evaluation(at: view)
      let anew = world.authority.index.evaluate(view)
      #expect(known.strata.voids == anew.strata.voids)
      #expect(known.strata.gathered == anew.strata.gathered)
      #expect(known.owners.members == anew.owners.members)
    }
  }

  @Test(arguments: 1...40)
  func `what is found in a view does not hang on what else is here`(seed: UInt64) {
    let world = RandomOffice(seed: seed, steps: 150).world
    for entry in world.log.suffix(12) {
      let alone = Replay(of: world)
      for past in world.log
      where world.views.contains(entry.officeView, past.place, past.seq) {
        alone.take(past, of: world)
      }
      let view = alone.view(entry.officeView, of: world)
      #expect(
        describe(alone.authority.roster(at: view))
          == describe(world.authority.roster(at: entry.officeView)))
    }
  }

  @Test func `random offices do meet removals, void entries and owner lists`() {
    var (removals, voids, lists, refused) = (0, 0, 0, 0)
    for seed in 1...40 {
      let world = RandomOffice(seed: UInt64(seed), steps: 150).world
      removals += world.roster.removals.count
      voids += world.roster.voids.count
      lists += world.roster.lastOwners.isZero ? 0 : 1
      refused += world.refused.count
    }
    #expect(removals > 100 && voids > 100 && lists > 10 && refused > 100)
  }

  @Test(arguments: 1...40)
  func `no live effect comes from who was not entitled`(seed: UInt64) {
    let world = RandomOffice(seed: seed, steps: 150).world
    let roster = world.roster
    for owner in roster.owners {
      #expect(roster.rank(of: owner) == .owner || roster.rank(of: owner) == nil)
    }
    for member in roster.members where !member.isRemoved && !roster.owners.contains(member.id) {
      #expect(member.rank > .owner)
    }
    for device in roster.devices where device.isLive {
      // Removal wins: whatever ends this device is in its certificate's past.
      guard let entry = world.log.first(where: { $0.id == device.certificate }) else {
        Issue.record("a certificate is an entry")
        continue
      }
      for removal in roster.removals(of: device) {
        #expect(world.views.contains(entry.officeView, removal.entry.place, removal.entry.seq))
      }
    }
  }
}
