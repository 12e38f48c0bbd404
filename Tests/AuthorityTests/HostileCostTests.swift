import Format
import Testing

@testable import Authority

/// What one member can make every node work, by entries that each have their right.
@Suite struct HostileCostTests {
  /// An office of 20 with a member who means harm, and a node that takes in all that it writes.
  private struct Harm {
    let world = World(seed: 9)
    let mole: TestDevice
    /// What the node has taken in.
    var seen: ViewID

    init() {
      mole = world.newDevice()
      // With a removal in its past nothing is right without being judged.
      let gone = world.newDevice()
      world.certify(gone, .member, by: world.founder)
      world.write(.remove(.member(gone.member), []), by: world.founder)
      for _ in 0..<20 { world.certify(world.newDevice(), .member, by: world.founder) }
      world.certify(mole, .member, by: world.founder)
      seen = world.founder.view
    }

    /// Lets the node take in what a device wrote, and ask who may write now, as it does for messages.
    mutating func take(_ device: TestDevice) {
      seen = world.views.union(seen, device.view)
      _ = world.authority.refusal(
        ofWriter: world.founder.key, certificate: world.founder.certificate, at: seen)
    }

    var steps: Int { world.authority.index.stepCount }
  }

  /// A device of its own after the other, each of which writes something and is removed by the first
  /// from a place that does not know of it.
  private func ownDevices(_ count: Int) -> Int {
    var harm = Harm()
    let world = harm.world
    for _ in 0..<count {
      let device = world.newDevice(of: harm.mole.member)
      world.certify(device, .member, by: harm.mole)
      harm.take(harm.mole)
      world.write(
        .suspend(device.place.feed, seq: 1, world.newEntryID(), world.newEntryID()), by: device)
      harm.take(device)
      world.write(.remove(.device(device.key), []), by: harm.mole)
      harm.take(harm.mole)
    }
    #expect(world.authority.roster(at: harm.seen).voids.count == count)
    let refused = world.refused.map { String(describing: $0.refusal) }.first
    #expect(refused == nil)
    return harm.steps
  }

  /// Owner lists beside each other, each before all that were heard of so far.
  private func ownerLists(_ count: Int) -> Int {
    var harm = Harm()
    let (world, founder) = (harm.world, harm.world.founder)
    for number in 0..<count {
      let feed = world.newFeed(of: founder)
      // Of two at one place the one with the smaller ID comes first.
      let name = UInt64.max - UInt64(number)
      let bytes = (0..<4).flatMap { _ in
        (0..<8).map { UInt8(truncatingIfNeeded: name >> (56 - 8 * $0)) }
      }
      let id = EntryID(Bytes32(bytes) ?? Bytes32())
      let list = world.owners(
        [harm.mole.member, MemberID(id.bytes.prefix)], previous: nil, signedBy: [founder.key])
      world.write(list, by: feed, id: id)
      harm.take(feed)
    }
    #expect(world.authority.roster(at: harm.seen).voids.count == count - 1)
    let refused = world.refused.map { String(describing: $0.refusal) }.first
    #expect(refused == nil)
    return harm.steps
  }

  /// Operations with the key of an open ticket, each with its revoke, of feeds that do not know of
  /// each other; people join by that ticket all the while.
  private func tickets(_ count: Int) -> Int {
    var harm = Harm()
    let (world, founder) = (harm.world, harm.world.founder)
    let open = world.newTicket(uses: .max)
    world.write(.ticket(open), by: founder)
    for number in 0..<count {
      let feed = world.newFeed(of: harm.mole)
      world.write(.ticket(world.newTicket(open.key, member: harm.mole.member, uses: 1)), by: feed)
      world.write(.ticketRevoke(open.key), by: feed)
      harm.take(feed)
      if number % 4 == 0 {
        world.sync(founder, from: feed)
        world.admit(world.newDevice(), by: founder, open)
        harm.take(founder)
        _ = world.authority.roster(at: harm.seen).ticket(open.key)
      }
    }
    let refused = world.refused.map { String(describing: $0.refusal) }.first
    #expect(refused == nil)
    return harm.steps
  }

  /// The rank of a member set by an admin over and over, in feeds that do not know of each other.
  private func ranks(_ count: Int) -> Int {
    var harm = Harm()
    let (world, founder) = (harm.world, harm.world.founder)
    let admin = world.newDevice()
    world.certify(admin, .admin, by: founder)
    world.sync(admin, from: founder)
    for _ in 0..<count {
      let feed = world.newFeed(of: admin)
      world.write(.rank(harm.mole.member, .member, []), by: feed)
      harm.take(feed)
      _ = world.authority.roster(at: harm.seen).rank(of: harm.mole.member)
    }
    let refused = world.refused.map { String(describing: $0.refusal) }.first
    #expect(refused == nil)
    return harm.steps
  }

  /// Entries at old places, of which each lacks more than the one before.
  private func oldPlaces(_ count: Int) -> Int {
    var harm = Harm()
    let (world, founder) = (harm.world, harm.world.founder)
    var places: [TestDevice] = []
    for _ in 0..<count {
      world.certify(world.newDevice(), .member, by: founder)
      world.sync(harm.mole, from: founder)
      places.append(world.newFeed(of: harm.mole))
    }
    harm.take(founder)
    for place in places.reversed() {
      world.write(
        .suspend(place.place.feed, seq: 1, world.newEntryID(), world.newEntryID()), by: place)
      harm.take(place)
    }
    let refused = world.refused.map { String(describing: $0.refusal) }.first
    #expect(refused == nil)
    return harm.steps
  }

  @Test(arguments: ["devices", "lists", "ranks", "places", "tickets"])
  func `four times what somebody writes is not much more than sixteen times the work`(
    _ name: String
  ) {
    func steps(_ count: Int) -> Int {
      switch name {
      case "devices": ownDevices(count)
      case "lists": ownerLists(count)
      case "ranks": ranks(count)
      case "places": oldPlaces(count)
      default: tickets(count)
      }
    }
    let (few, many) = (steps(100), steps(400))
    #expect(many < 20 * few)
  }

  /// How many additions are looked at for what is said of somebody whom a friend added so often, as if
  /// from before, whom the removed creator of the group made a manager so often.
  private func endings(_ count: Int) throws -> Int {
    let world = World(seed: 9)
    let (founder, names) = (world.founder, (0..<4).map { _ in world.newDevice() })
    for device in names { world.certify(device, .member, by: founder) }
    for device in names { world.sync(device, from: founder) }
    let (ben, friend, added, other) = (names[0], names[1], names[2], names[3])
    let group = TestGroup(world, .listed, by: ben)
    group.write(.groupAdd([other.member], .member), by: ben)
    group.sync(founder, from: ben)
    let end = try #require(group.write(.groupRemove(ben.member, []), by: founder))
    for _ in 0..<count { group.write(.groupAdd([friend.member], .manager), by: ben) }
    group.sync(friend, from: ben)
    for _ in 0..<count { group.write(.groupAdd([added.member], .member), by: friend) }
    #expect(group.refusals.isEmpty)
    let found = group.authority.searchEndings(
      of: added.member, groupView: group.everything, officeView: world.everything)
    #expect(found.endings.map(\.entry.id) == [end.id])
    #expect(found.endings.first?.loss?.adder == friend.member)
    return found.steps
  }

  @Test
  func `one entry that ended much is said once, and four times as much is four times the work`()
    throws
  {
    let (few, many) = (try endings(100), try endings(400))
    #expect(few > 0 && many < 5 * few)
  }
}
