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
}
