import Format
import Replication
import Testing

/// While it cannot be written down that own feeds are closed, what another copy wrote on them is left
/// out, so that it stands in nobody's way.
struct OwnLeftOutTests {
  @Test func `it is left out, all else comes, and it is asked for once that is over`() throws {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let ben = try admit(by: anna, name: "Ben")
    let first = Wire(anna, ben)
    settle([anna, ben], [first])
    try anna.say("before", in: group)
    settle([anna, ben], [first])
    // Another copy of Anna's computer writes, and Ben gets it.
    let copy = anna.restored(from: anna.backup(), secrets: try anna.copyOfSecrets())
    first.cut()
    try copy.say("by the copy", in: group)
    let second = Wire(copy, ben)
    settle([copy, ben], [second])
    second.cut()
    #expect(ben.texts(group).contains("by the copy"))
    let own = Set(anna.replica.ownHeads.map(\.feed))
    anna.replica.leaveOutOwn(true)
    anna.storesAtOnce = false
    try ben.say("by Ben", in: group)
    let third = Wire(anna, ben)
    settle([anna, ben], [third], rounds: 4)
    #expect(anna.unstored.allSatisfy { !own.contains($0.0.feed) || $0.isOwn })
    anna.storeAll()
    // It cites what is left out, and so is shown with it.
    let bens = Set(ben.replica.ownHeads.filter { $0.group == group }.map(\.feed))
    #expect(anna.log.contains { bens.contains($0.feed) })
    #expect(!anna.texts(group).contains("by the copy"))
    anna.storesAtOnce = true
    anna.replica.leaveOutOwn(false)
    anna.drain()
    settle([anna, ben], [third], rounds: 4)
    #expect(Set(anna.texts(group)) == ["before", "by the copy", "by Ben"])
    #expect(anna.replica.digest(of: group) == ben.replica.digest(of: group))
  }

  @Test func `a branch of it is left out, too, and is taken in once that is over`() throws {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let ben = try admit(by: anna, name: "Ben")
    try meet(anna, ben)
    try anna.say("before", in: group)
    try meet(anna, ben)
    let copy = anna.restored(from: anna.backup(), secrets: try anna.copyOfSecrets())
    try copy.say("by the copy", in: group)
    try meet(copy, ben)
    try anna.say("by Anna", in: group)
    anna.replica.leaveOutOwn(true)
    let wire = Wire(anna, ben)
    settle([anna, ben], [wire], rounds: 6)
    #expect(Set(anna.texts(group)) == ["before", "by Anna"] && !anna.hasFoundFork)
    #expect(anna.hasClosedOwnFeed)
    anna.replica.leaveOutOwn(false)
    anna.drain()
    settle([anna, ben], [wire], rounds: 6)
    #expect(Set(anna.texts(group)) == ["before", "by Anna", "by the copy"] && anna.hasFoundFork)
  }

  @Test func `where nothing of one's own stands nothing is asked for when that is over`() throws {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let ben = try admit(by: anna, name: "Ben")
    try anna.say("before", in: group)
    try meet(anna, ben)
    let peer = LoosePeer(ben, as: anna)
    peer.agreeOnOffice()
    ben.replica.leaveOutOwn(true)
    ben.replica.leaveOutOwn(false)
    ben.advance(.seconds(1))
    #expect(peer.wants().isEmpty && ben.texts(group) == ["before"])
  }
}
