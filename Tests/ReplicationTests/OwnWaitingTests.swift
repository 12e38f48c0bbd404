import Authority
import Format
import Replication
import Testing

/// A part of a log is lost on a disk, and own entries wait for what they cite until it is here again.
@Suite struct OwnWaitingTests {
  private let cleo: MemoryNode
  private let dora: MemoryNode
  private let group: GroupID
  /// Ben's device, which made the group and has lost what Cleo wrote there, in touch with nobody.
  private let ben: MemoryNode

  init() throws {
    let anna = MemoryNode.founder()
    let before = try admit(by: anna, name: "Ben")
    (cleo, dora) = (try admit(by: anna, name: "Cleo"), try admit(by: anna, name: "Dora"))
    let nodes = [anna, before, cleo, dora]
    let wires = [before, cleo, dora].map { Wire(anna, $0) } + [Wire(before, cleo)]
    settle(nodes, wires)
    group = try before.replica.foundGroup(
      .listed, pair: nil,
      [.groupAdd([cleo.replica.member, dora.replica.member].sorted(), .member)], wall: before.wall
    ).group
    before.drain()
    settle(nodes, wires)
    try cleo.say("hello", in: group)
    settle(nodes, wires)
    try before.say("hello, Cleo", in: group)
    settle(nodes, wires)
    for wire in wires { wire.cut() }
    let lost = try #require(before.feed(of: cleo, in: group))
    ben = before.restarted(secrets: try before.copyOfSecrets(), without: lost)
    let device = ben.replica.secrets.device
    let own = ben.replica.standings(of: group).filter { $0.device == device }
    #expect(own.map(\.waitsFor) == [lost])
  }

  /// Ben removes somebody from the group, or leaves it.
  private func remove(_ member: MemberID) throws {
    let removal = Operation.groupRemove(member, ben.replica.cuts(of: member, in: group))
    _ = try ben.replica.compose(group, [.control(removal)], wall: ben.wall)
    ben.drain()
  }

  /// The devices that were given the key of the last epoch that Ben made.
  private func readers() throws -> [DeviceKey] {
    for batch in ben.log.reversed() where batch.group == group {
      for entry in batch.entries.reversed() where entry.kind == EntryKind.epoch.rawValue {
        return try EpochBody(decoding: try #require(batch.body(entry))).copies.map(\.device)
      }
    }
    return []
  }

  @Test func `whom its author removed meanwhile gets no key of what follows`() throws {
    try remove(dora.replica.member)
    try ben.say("Dora is gone", in: group)
    let readers = try readers()
    #expect(readers.contains(cleo.replica.secrets.device))
    #expect(!readers.contains(dora.replica.secrets.device))
    settle([ben, cleo], [Wire(ben, cleo)])
    #expect(cleo.texts(group).contains("Dora is gone"))
    #expect(ben.replica.digest(of: group) == cleo.replica.digest(of: group))
  }

  @Test func `who left meanwhile writes nothing there any more`() throws {
    try remove(ben.replica.member)
    #expect(throws: ComposeRefusal.self) { try ben.say("still here", in: group) }
    settle([ben, cleo], [Wire(ben, cleo)])
    #expect(cleo.replica.departure(of: ben.replica.member, from: group) != nil)
  }
}
