import Authority
import Cryptography
import Format
import Replication
import Testing

/// One commit for what several callers want written.
@Suite struct CommitTests {
  private func text(_ words: String) -> [Draft] {
    [.message(.text(RequestID(Bytes16(Random.bytes16())), Array(words.utf8)))]
  }

  /// Anna with everyone's group, whose first message has made the epoch.
  private func anna() throws -> (MemoryNode, GroupID) {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    try anna.say("first", in: group)
    return (anna, group)
  }

  @Test func `what several callers write goes out as one batch with one signature`() throws {
    let (anna, group) = try anna()
    let before = anna.log.count
    let outcomes = anna.replica.compose(
      group, together: (0..<64).map { text("\($0)") }, wall: anna.wall)
    anna.drain()
    let composed = try outcomes.map { try $0.get() }
    #expect(composed.count == 64 && Set(composed.map(\.token)).count == 1)
    #expect(anna.log.count == before + 1)
    let batch = try #require(anna.log.last)
    #expect(batch.entries.map(\.id) == composed.flatMap(\.entries))
    #expect(batch.entries.map(\.seq) == composed.flatMap(\.seqs))
    #expect(
      EntryHashes.isSigned(batch.last.id, by: anna.replica.secrets.device, batch.signature))
    #expect(anna.texts(group) == ["first"] + (0..<64).map { "\($0)" })
  }

  @Test func `a part that is refused leaves the others as they are`() throws {
    let (anna, group) = try anna()
    let long = text(String(repeating: "x", count: Limits.paddedBytesMax + 1))
    let outcomes = anna.replica.compose(
      group, together: [text("a"), text("b") + long, long, text("c")], wall: anna.wall)
    anna.drain()
    #expect(outcomes.map { (try? $0.get()) != nil } == [true, false, false, true])
    for index in [1, 2] {
      #expect(throws: ComposeRefusal.tooLong) { try outcomes[index].get() }
    }
    #expect(anna.texts(group) == ["first", "a", "c"])
    try anna.say("after", in: group)
    #expect(anna.texts(group) == ["first", "a", "c", "after"])
  }

  @Test func `an epoch that only a refused part asked for is given up with it`() throws {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let before = anna.log.count
    let long = text(String(repeating: "x", count: Limits.paddedBytesMax + 1))
    let outcomes = anna.replica.compose(group, together: [long], wall: anna.wall)
    anna.drain()
    #expect(throws: ComposeRefusal.tooLong) { try outcomes[0].get() }
    #expect(anna.log.count == before)
    #expect(try anna.replica.lacksEpoch(group))
    try anna.say("after", in: group)
    #expect(anna.texts(group) == ["after"])
  }

  @Test func `what does not fit into one run is left to the next commit`() throws {
    let (anna, group) = try anna()
    let outcomes = anna.replica.compose(
      group, together: (0..<300).map { text("\($0)") }, wall: anna.wall)
    #expect(outcomes.count == Limits.runEntriesMax)
    let large = text(String(repeating: "x", count: 60_000))
    let bytes = anna.replica.compose(
      group, together: [large, large, large, large, large], wall: anna.wall)
    anna.drain()
    #expect(bytes.count == 3 && bytes.allSatisfy { (try? $0.get()) != nil })
    #expect(anna.log.suffix(2).allSatisfy { $0.records.count <= RecordLayout.groupSizeMax })
  }

  @Test func `control entries go alone`() throws {
    let (anna, _) = try anna()
    func name(_ word: String) throws -> [Draft] {
      [.message(.name(RequestID(Bytes16(Random.bytes16())), .office, try Name(word)))]
    }
    let ticket = TicketKey(Bytes32(Random.bytes32()))
    let control: [Draft] = [.control(.ticketRevoke(ticket))]
    let office = anna.replica.office
    let first = anna.replica.compose(
      office, together: [try name("a"), control, try name("b")], wall: anna.wall)
    anna.drain()
    #expect(first.count == 1)
    let second = anna.replica.compose(office, together: [control, try name("b")], wall: anna.wall)
    anna.drain()
    #expect(second.count == 1)
  }
}
