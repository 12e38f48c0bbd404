import Authority
import Cryptography
import Format
import Testing

@testable import Replication

/// Whom a start tells of a group by what it read and could not make durable (S-16).
@Suite struct UnsettledRightTests {
  private let anna = MemoryNode.founder()

  /// Anna as a start finds her whose disk takes nothing: what she wrote last in a log may be taken back, or
  /// all of it.
  private func unsettled(_ count: Int? = 1, in group: GroupID) throws -> MemoryNode {
    let node = anna.restarted(secrets: try anna.copyOfSecrets())
    let feed = try #require(node.replica.groups[group]?.feedList.first { $0.isOwn })
    node.replica.holdBack(
      group, feed.place, from: UInt32(feed.storedCount - (count ?? feed.storedCount)))
    return node
  }

  /// What of a group comes to a node from one whose disk takes nothing, and then from one that is sound.
  private func comes(
    of group: GroupID, to node: MemoryNode, from unsettled: MemoryNode
  ) throws -> (first: Int, then: Int) {
    func held() -> Int { node.entries(group).values.reduce(0) { $0 + $1.count } }
    let said = Wire(unsettled, node)
    var named = false
    said.tamper = { message in
      switch message {
      case .digests(let list):
        named = named || list.contains { $0.group == group && !$0.digest.bytes.isZero }
      case .frontier(group, let items), .have(group, let items): named = named || !items.isEmpty
      default: break
      }
      return message
    }
    settle([unsettled, node], [said], rounds: 6)
    said.cut()
    let first = held()
    #expect(named == (first > 0))
    try meet(anna, node)
    return (first, held())
  }

  /// Two nodes say and give each other the office log alone.
  private func meetInOffice(_ a: MemoryNode, _ b: MemoryNode) {
    let office = anna.replica.office
    let wire = Wire(a, b)
    wire.tamper = { message in
      switch message {
      case .digests(let list): .digests(list.filter { $0.group == office })
      case .frontier(let group, _), .have(let group, _), .want(let group, _):
        group == office ? message : nil
      default: message
      }
    }
    settle([a, b], [wire], rounds: 6)
    wire.cut()
  }

  @Test func `who was added by what may not last hears nothing of the group, and others do`() throws
  {
    let (ben, cleo) = (try admit(by: anna, name: "Ben"), try admit(by: anna, name: "Cleo"))
    let group = try anna.replica.foundGroup(
      .listed, pair: nil, [.groupAdd([ben.replica.member], .member)], wall: anna.wall
    ).group
    anna.drain()
    try anna.say("before her", in: group)
    for node in [ben, cleo] { try meet(anna, node) }
    try anna.say("still before her", in: group)
    try anna.add(cleo, to: group)
    let again = try unsettled(in: group)
    // It is shown here.
    #expect(again.replica.membershipNow(group)?.grade(of: cleo.replica.member) == .member)
    let hers = try comes(of: group, to: cleo, from: again)
    #expect(hers.first == 0 && hers.then > 0)
    let wire = Wire(again, ben)
    settle([again, ben], [wire], rounds: 6)
    #expect(ben.texts(group) == ["before her", "still before her"])
  }

  @Test(arguments: [false, true])
  func `who was let in by what may not last hears nothing of a group`(isKeeper: Bool) throws {
    let group = try everyone(anna)
    try anna.say("before Ben", in: group)
    let ben = try admit(by: anna, name: "Ben", isKeeper: isKeeper)
    meetInOffice(anna, ben)
    // The certificate, and the name behind it.
    let again = try unsettled(2, in: anna.replica.office)
    #expect(again.replica.rosterNow().isLive(ben.replica.secrets.device))
    let his = try comes(of: group, to: ben, from: again)
    #expect(his.first == 0 && his.then > 0)
  }

  /// The logs are flushed apart, and feeds lie in a log as they come.
  @Test func `nor who was let in by somebody whose own right to do so may not last`() throws {
    let group = try everyone(anna)
    let ben = try admin(by: anna, name: "Ben")
    meetInOffice(anna, ben)
    let cleo = try admit(by: ben, name: "Cleo")
    meetInOffice(ben, anna)
    meetInOffice(anna, cleo)
    let again = try unsettled(in: anna.replica.office)
    #expect(again.replica.rosterNow().isLive(cleo.replica.secrets.device))
    let hers = try comes(of: group, to: cleo, from: again)
    #expect(hers.first == 0 && hers.then > 0)
  }

  /// What rotted and came anew lies at the end of a log, behind what is certain to last.
  @Test func `nor anybody of a group whose founding may not last`() throws {
    let group = try everyone(anna)
    let (ben, cleo) = (try admit(by: anna, name: "Ben"), try admit(by: anna, name: "Cleo"))
    try meet(anna, ben)
    try ben.say("from Ben", in: group)
    try meet(anna, ben)
    meetInOffice(anna, cleo)
    let again = try unsettled(nil, in: group)
    #expect(again.replica.groups[group]?.feedList.contains { $0.storedCount > 0 } ?? false)
    let hers = try comes(of: group, to: cleo, from: again)
    #expect(hers.first == 0 && hers.then > 0)
  }
}
