import Cryptography
import Format
import Testing

@testable import Replication

@Suite struct ForgedBranchTests {
  @Test func `a fork inside a signed run of 256 entries is found and kept`() throws {
    let office = try ForkOffice()
    let (cleo, dora) = (try office.member("Cleo"), try office.member("Dora"))
    let forger = try Forger(office.ben, office.group)
    let common = (0..<100).map { UInt8($0) }
    let first = forger.run(common + (0..<156).map { UInt8($0) })
    let second = forger.run(common + (0..<156).map { UInt8(200 - $0) })
    #expect(first.entries.count == 256 && second.entries.count == 256)
    LoosePeer(office.anna, as: dora).say(try forger.message(first))
    LoosePeer(cleo, as: dora).say(try forger.message(second))
    try meet(office.anna, cleo)
    try meet(cleo, dora)
    try meet(office.anna, dora)
    expectAlike([office.anna, cleo, dora], office.group)
    #expect(dora.hasFoundFork)
    for node in [office.anna, cleo, dora] {
      let again = node.restarted(secrets: try node.copyOfSecrets())
      expectAlike([node, again], office.group)
    }
  }

  @Test func `entries under the name of a branch that they do not begin are a violation`() throws {
    let office = try ForkOffice()
    let cleo = try office.member("Cleo")
    let forger = try Forger(office.ben, office.group)
    let batch = forger.run([1, 2])
    let liar = LoosePeer(office.anna, as: cleo)
    let name = Bytes16(7, 7)
    liar.announce(batch, of: forger, as: name)
    #expect(liar.wants().map(\.branch) == [BranchID(name)])
    let before = office.anna.storedCount
    liar.say(try forger.message(batch, branch: BranchID(name)))
    #expect(office.anna.brokenRules == ["R-13"])
    #expect(office.anna.storedCount == before)
  }

  @Test func `entries of a branch that nobody asked for are dropped`() throws {
    let office = try ForkOffice()
    let cleo = try office.member("Cleo")
    let forger = try Forger(office.ben, office.group)
    let batch = forger.run([1, 2])
    let liar = LoosePeer(office.anna, as: cleo)
    let before = office.anna.storedCount
    liar.say(try forger.message(batch, branch: BranchID(batch.entries[0].id.prefix)))
    #expect(office.anna.storedCount == before && !liar.isClosed())
  }

  @Test func `who sends a wrong signature and shows no branch holds up nobody`() throws {
    let office = try ForkOffice()
    let (cleo, dora) = (try office.member("Cleo"), try office.member("Dora"))
    let forger = try Forger(office.ben, office.group)
    let (first, second) = (forger.run([1, 2]), forger.run([3, 4]))
    let wrong = forger.signedWrongly(first, as: second)
    let liar = LoosePeer(office.anna, as: cleo)
    liar.say(try forger.message(wrong))
    #expect(liar.wants().count == 1)
    // It goes on saying things of no use, and never shows what it was asked for.
    for _ in 0..<Limits.wantSeconds {
      #expect(!liar.isClosed())
      liar.say(.have(office.group, []))
      office.anna.advance(.seconds(1))
    }
    #expect(liar.isClosed() && office.anna.brokenRules == ["F-2"])
    office.anna.closed = []
    LoosePeer(office.anna, as: dora).say(try forger.message(first))
    LoosePeer(dora, as: cleo).say(try forger.message(second))
    try meet(office.anna, dora)
    #expect(office.anna.hasFoundFork)
    expectAlike([office.anna, dora], office.group)
  }

  @Test func `a fork that nobody signed is no fork`() throws {
    let office = try ForkOffice()
    let cleo = try office.member("Cleo")
    let forger = try Forger(office.ben, office.group)
    var batch = forger.run([1, 2])
    batch.signature = SignatureBytes([UInt8](repeating: 3, count: 64))!
    let liar = LoosePeer(office.anna, as: cleo)
    let before = (office.anna.storedCount, office.anna.replica.digest(of: office.group))
    // Under a name of its own it leads nowhere; as the feed's next entries it is a violation.
    let name = batch.entries[0].id.prefix
    liar.announce(batch, of: forger, as: name)
    liar.say(try forger.message(batch, branch: BranchID(name)))
    #expect(!liar.isClosed() && !office.anna.hasFoundFork)
    liar.say(try forger.message(batch))
    for _ in 0..<20 {
      for want in liar.wants() where want.branch.isZero {
        // Whatever is asked for, it sends the same.
        liar.say(try forger.misplaced(batch, from: want.from))
      }
    }
    #expect(office.anna.brokenRules == ["F-2"])
    #expect(office.anna.storedCount == before.0)
    #expect(office.anna.replica.digest(of: office.group) == before.1)
    #expect(!office.anna.hasFoundFork)
  }

  @Test func `a want for an unknown branch and heads without entries change nothing`() throws {
    let office = try ForkOffice()
    let cleo = try office.member("Cleo")
    let forger = try Forger(office.ben, office.group)
    let liar = LoosePeer(office.anna, as: cleo)
    _ = liar.wants()
    liar.say(
      .want(
        office.group,
        [.init(feed: forger.feed.place.feed, branch: BranchID(Bytes16(5, 5)), from: 0)]))
    #expect(office.anna.nextEntries(liar.link) == nil)
    // Names without end: as many are asked for as a feed can have, and the rest is not searched for.
    var items: [FrontierItem] = []
    for number in 1...200 {
      items.append(
        FrontierItem(
          feed: forger.feed.place.feed, branch: BranchID(Bytes16(UInt64(number), 1)), seq: 9,
          prefix: Bytes16(1, 1)))
    }
    liar.say(.frontier(office.group, items))
    #expect(liar.wants().count <= 2 * Limits.branchesMax && !liar.isClosed())
    #expect(!office.anna.hasFoundFork)
    try office.anna.say("unmoved", in: office.group)
    try meet(office.anna, cleo)
    #expect(cleo.texts(office.group).contains("unmoved"))
  }
}
