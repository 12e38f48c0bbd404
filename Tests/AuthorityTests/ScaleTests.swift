import Format
import Testing

@testable import Authority

@Suite struct ScaleTests {
  /// The work of an office in which admins certify members and sometimes remove one, each entry
  /// judged at its place and the newest evaluation kept up.
  func work(_ count: Int, partitions: Int) -> (judged: Int, unions: Int, views: Int, world: World) {
    let world = World(seed: 5)
    var admins: [TestDevice] = []
    for _ in 0..<partitions {
      let admin = world.newDevice()
      world.certify(admin, .admin, by: world.founder)
      admins.append(admin)
    }
    for admin in admins { world.sync(admin, from: world.founder) }
    var last: [TestDevice] = admins
    for step in 0..<count {
      let turn = step % partitions
      if step % 20 == 19 {
        world.write(.remove(.device(last[turn].key), []), by: admins[turn])
      } else {
        let device = world.newDevice()
        world.certify(device, .member, by: admins[turn])
        last[turn] = device
      }
      if step % 50 == 0 {
        for admin in admins { world.sync(admins[turn], from: admin) }
        // Who decides on messages asks with the newest view.
        _ = world.authority.refusal(
          ofWriter: admins[turn].key, certificate: admins[turn].certificate,
          at: admins[turn].view)
      }
    }
    return (
      world.authority.workCount, world.views.workCount, world.views.count, world
    )
  }

  @Test(arguments: [1, 3])
  func `four times the entries are about four times the work`(partitions: Int) {
    let small = work(1_000, partitions: partitions)
    let large = work(4_000, partitions: partitions)
    #expect(large.judged < small.judged * 5)
    #expect(large.unions <= small.unions * 5)
    #expect(large.views <= small.views * 5)
  }

  @Test func `ten thousand control entries are judged and shown`() {
    let world = work(10_000, partitions: 4).world
    #expect(world.log.count > 10_000)
    let roster = world.roster
    #expect(roster.members.count > 9_000)
    #expect(roster.removals.count == 500)
    #expect(roster.voids.isEmpty)
  }
}
