import Format
import Testing

@testable import Authority

/// A group in which devices do at random what comes to mind, mostly out of touch with each other.
struct RandomGroup {
  let world: World
  let group: TestGroup
  private(set) var devices: [TestDevice]
  private var generator: SeededGenerator

  init(seed: UInt64, steps: Int) {
    world = World(seed: seed)
    generator = SeededGenerator(seed: seed &+ 3_000)
    devices = [world.founder]
    for rank in [Rank.admin, .admin, .member, .member, .member, .member] {
      let device = world.newDevice()
      world.certify(device, rank, by: world.founder)
      devices.append(device)
    }
    for device in devices { world.sync(device, from: world.founder) }
    group = TestGroup(world, .listed, by: devices[3], ownersDoNotOutrank: seed % 2 == 0)
    for _ in 0..<steps { step() }
  }

  private mutating func any() -> TestDevice {
    devices.randomElement(using: &generator) ?? world.founder
  }

  private mutating func cuts(_ target: TestDevice) -> [Cut] {
    let written = group.log.filter { $0.place == group.place(target) }
    guard let last = written.randomElement(using: &generator), Bool.random(using: &generator)
    else { return [] }
    return [Cut(feed: last.place.feed, seq: last.seq, entry: last.id)]
  }

  private mutating func step() {
    let (author, target) = (any(), any())
    switch Int.random(in: 0..<17, using: &generator) {
    case 0...3: group.sync(author, from: target)
    case 4: world.sync(author, from: target)
    case 5...7:
      let grade: Operation.Grade = Bool.random(using: &generator) ? .manager : .member
      group.write(.groupAdd([target.member], grade), by: author)
    case 8: group.write(.groupRemove(target.member, cuts(target)), by: author)
    case 9: group.write(.unknown(code: 50), by: author)
    case 10...11: group.say(by: author)
    case 12: world.write(.remove(.member(target.member), cuts(target)), by: author)
    case 13: world.write(.remove(.device(target.key), []), by: author)
    case 14:
      let rank = Rank(rawValue: UInt8.random(in: 1...2, using: &generator)) ?? .member
      world.write(.rank(target.member, rank, []), by: author)
    case 15:
      guard Int.random(in: 0..<4, using: &generator) == 0 else { return }
      let last = world.authority.roster(at: author.view).lastOwners
      let signers =
        Bool.random(using: &generator) ? [world.recovery] : Array(Set([author.key, target.key]))
      world.write(
        world.owners(
          Array(Set([author.member, target.member])), previous: last, signedBy: signers), by: any())
    default:
      // A removed device comes back with its keys.
      let old = target.certificate
      if world.certify(target, target.rank, by: author) == nil { target.certificate = old }
    }
  }
}

@Suite struct GroupOrderTests {
  @Test(arguments: 1...40)
  func `extending known views finds what starting anew finds`(seed: UInt64) {
    let random = RandomGroup(seed: seed, steps: 300)
    let (world, group) = (random.world, random.group)
    var everything = (office: ViewID.empty, group: ViewID.empty)
    for entry in group.log {
      let own = world.views.adding(entry.groupView, entry.place, entry.seq)
      everything.office = world.views.union(everything.office, entry.officeView)
      everything.group = world.views.union(everything.group, own)
      for (office, view) in [(entry.officeView, own), everything] {
        let known = group.authority.evaluation(view, office: office, at: nil)
        let anew = group.authority.evaluate(view, world.authority.evaluation(at: office))
        #expect(known.strata.voids == anew.strata.voids)
        #expect(known.strata.gathered == anew.strata.gathered)
      }
    }
  }

  @Test func `random groups do meet removals, voids, and witnesses of removals`() {
    var (removals, voids, witnesses, lowerings, lists, refused) = (0, 0, 0, 0, 0, 0)
    for seed in 1...40 {
      let random = RandomGroup(seed: UInt64(seed), steps: 300)
      let group = random.group
      removals += group.membership.removals.count
      voids += group.membership.voids.count
      let found = group.authority.evaluate(
        group.everything, random.world.authority.evaluation(at: random.world.everything))
      witnesses += found.witnesses.values.count { !$0.isEmpty }
      lowerings += found.lowerings.values.count { !$0.isEmpty }
      lists += found.witnesses.keys.count { end in
        guard case .office(let entry) = end else { return false }
        return random.world.authority.index.ownerList(entry) != nil
      }
      refused += group.refusals.count
    }
    #expect(removals > 20 && voids > 50)
    #expect(witnesses > 10 && lists > 2)
    #expect(lowerings > 5 && refused > 100)
  }

  /// The work of a group in an office that somebody left, with a flood of operations of one member.
  func work(_ count: Int, feeds: Int) -> Int {
    let world = World(seed: 7)
    let devices = (0..<feeds).map { _ in world.newDevice() }
    for device in devices { world.certify(device, .member, by: world.founder) }
    world.write(.remove(.member(devices[0].member), []), by: world.founder)
    for device in devices { world.sync(device, from: world.founder) }
    let group = TestGroup(world, .listed, by: devices[1])
    group.write(.groupAdd(devices[2...].map(\.member).sorted(), .manager), by: devices[1])
    for device in devices[2...] { group.sync(device, from: devices[1]) }
    let office = world.everything
    var everything = ViewID.empty
    for step in 0..<count {
      let author = devices[1 + step % (feeds - 1)]
      if step % 7 == 0 { group.sync(author, from: devices[1 + (step + 1) % (feeds - 1)]) }
      // The creator raises and lowers somebody over and over.
      let operation: Operation =
        author === devices[1]
        ? .groupAdd([world.founder.member], step / (feeds - 1) % 2 == 0 ? .manager : .member)
        : .unknown(code: 50)
      if group.write(operation, by: author) == nil { Issue.record("an operation was refused") }
      everything = world.views.union(everything, group.view(author))
      _ = group.authority.membership(groupView: everything, officeView: office)
    }
    return group.authority.workCount
  }

  @Test(arguments: [3, 10])
  func `four times the entries of a group are about four times the work`(feeds: Int) {
    let small = work(1_000, feeds: feeds)
    let large = work(4_000, feeds: feeds)
    #expect(small > 0)
    #expect(large < small * 6)
  }
}
