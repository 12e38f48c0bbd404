import Authority
import Format
import Testing

@testable import Replication

/// What a log holds that does not continue what was read of it before.
@Suite struct RestoringTests {
  @Test func `it is passed over, and what continues it is taken in`() throws {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    try anna.say("first", in: group)
    try anna.say("second", in: group)
    let batches = anna.log.filter { $0.group == group }
    #expect(batches.map(\.first).sorted() == batches.map(\.first) && batches.count >= 3)
    var stray = batches[1]
    stray.branch = BranchID(Bytes16(7, 7))
    var replica = Replica(
      office: anna.replica.office, secrets: try anna.copyOfSecrets(), member: anna.replica.member,
      certificate: anna.replica.certificate)
    // A feed without its beginning, a branch without its trunk, a gap, and the same once more.
    let order = [
      batches[1], stray, batches[0], batches[2], batches[1], batches[1], stray, batches[2],
    ]
    for batch in order { replica.restore(batch, arrivalMilliseconds: 5) }
    replica.finishRestoring()
    let standings = replica.standings(of: group)
    #expect(standings.map(\.storedCount) == [Int(batches[2].last.seq) + 1])
    #expect(standings.map(\.place.branch) == [BranchID(Bytes16())])
  }

  @Test func `a branch is taken in that begins before it leaves, behind the others of its feed`()
    throws
  {
    let office = try GroupRemovalTests.Office()
    let (anna, ben, group) = (office.anna, office.ben, office.group)
    try meet(anna, ben)
    try anna.say("first", in: group)
    try meet(anna, ben)
    let feed = try Forger(anna, group).feed
    func tail(_ words: UInt8) -> Batch {
      let head = feed.head
      var builder = CommitBuilder(
        group: group, feed: feed.place.feed, prev: head.id, nextSeq: head.seq + 1,
        lamport: head.lamport)
      for word in [1, words] {
        _ = builder.append(
          .message, body: [UInt8](repeating: word, count: 168), epoch: EpochID(Bytes16(1, 2)),
          wall: head.wallMilliseconds)
      }
      return builder.sign(anna.replica.secrets)
    }
    // As the store hands them over: the last one was kept out by a gap when it was read.
    let first = tail(2)
    var (second, late) = (tail(3), tail(4))
    let names = [first, second, late].map { BranchID($0.last.id.prefix) }
    (second.branch, late.branch) = (names[1], names[2])
    var replica = Replica(
      office: ben.replica.office, secrets: try ben.copyOfSecrets(), member: ben.replica.member,
      certificate: ben.replica.certificate)
    for batch in ben.log + [first, second, late] { replica.restore(batch, arrivalMilliseconds: 5) }
    replica.finishRestoring()
    let branches = replica.standings(of: group).filter { $0.place.feed == feed.place.feed }
    let ends = Dictionary(uniqueKeysWithValues: branches.map { ($0.place.branch, $0.storedCount) })
    let count = Int(first.last.seq) + 1
    let branch = BranchID(Bytes16())
    #expect(ends == [branch: count - 1, names[0]: count, names[1]: count, names[2]: count])
  }

  @Test func `no own message is late for one that came before and was shown behind it`()
    throws
  {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let (ben, cleo) = (try admit(by: anna, name: "Ben"), try admit(by: anna, name: "Cleo"))
    let wires = [Wire(anna, ben), Wire(anna, cleo)]
    settle([anna, ben, cleo], wires)
    for wire in wires { wire.cut() }
    let logs = [(ben, ben.log, false), (cleo, cleo.log, true)]
    // One clock is five minutes ahead. What Anna wrote lay on Ben's disk and waited for the office log
    // when he wrote: nothing in his log tells that.
    let start = ben.wall
    anna.wall += 300_000
    ben.wall += 100_000
    try anna.say("ahead", in: group)
    try ben.say("own", in: group)
    let (annas, bens) = (try #require(anna.log.last), try #require(ben.log.last))
    for (node, log, isLate) in logs {
      var replica = Replica(
        office: node.replica.office, secrets: try node.copyOfSecrets(),
        member: node.replica.member, certificate: node.replica.certificate)
      for batch in log + [annas] { replica.restore(batch, arrivalMilliseconds: start) }
      replica.restore(bens, arrivalMilliseconds: start + 100_000)
      replica.finishRestoring()
      let shown = replica.newest(group, limit: 9, before: nil, since: nil, until: nil).messages
      #expect(shown.map(\.device) == [ben, anna].map { $0.replica.secrets.device })
      #expect(shown.map(\.isLate) == [isLate, false])
    }
  }

  @Test func `a feed ends at an operation that cannot be read, and what is before counts`() throws {
    let office = try GroupRemovalTests.Office()
    let (anna, ben, cleo, group) = (office.anna, office.ben, office.cleo, office.group)
    try meet(anna, ben)
    try anna.say("first", in: group)
    try meet(anna, ben)
    let forger = try Forger(anna, group)
    let (feed, head) = (forger.feed, forger.feed.head)
    var builder = CommitBuilder(
      group: group, feed: feed.place.feed, prev: head.id, nextSeq: head.seq + 1,
      lamport: head.lamport)
    // As a version would have stored it that took it.
    let removal = Operation.groupRemove(cleo.replica.member, []).encode()
    _ = builder.append(.control, body: Array(removal.dropLast()), wall: head.wallMilliseconds)
    _ = builder.append(
      .message, body: [UInt8](repeating: 1, count: 168), epoch: EpochID(Bytes16(1, 2)),
      wall: head.wallMilliseconds)
    let behind = builder.sign(anna.replica.secrets)
    var replica = Replica(
      office: ben.replica.office, secrets: try ben.copyOfSecrets(), member: ben.replica.member,
      certificate: ben.replica.certificate)
    for batch in ben.log + [behind] { replica.restore(batch, arrivalMilliseconds: 5) }
    replica.finishRestoring()
    let grade = replica.membershipNow(group)?.grade(of: cleo.replica.member)
    #expect(grade == .member)
    let standing = replica.standings(of: group).first { $0.place == feed.place }
    #expect(standing?.storedCount == Int(behind.last.seq) + 1)
    #expect(standing?.admittedCount == Int(head.seq) + 1)
    #expect(standing?.ended?.seq == head.seq + 1 && standing?.ended?.rule == "A-1")
  }
}
