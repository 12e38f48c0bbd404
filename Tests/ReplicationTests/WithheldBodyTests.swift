import Cryptography
import Format
import Testing

@testable import Replication

/// What somebody brings about who sends entries without their bodies.
@Suite struct WithheldBodyTests {
  private let office: ForkOffice
  private let forger: Forger
  private let (liar, other): (LoosePeer, LoosePeer)
  private var anna: MemoryNode { office.anna }

  init() throws {
    office = try ForkOffice()
    forger = try Forger(office.ben, office.group)
    let (cleo, dora) = (try office.member("Cleo"), try office.member("Dora"))
    (liar, other) = (LoosePeer(office.anna, as: cleo), LoosePeer(office.anna, as: dora))
  }

  /// The liar was asked, and is barred for what it answers; then the other one is asked for the same.
  private func expectBarred(_ answer: Message, for place: FeedPlace, rule: String = "R-16") {
    #expect(liar.wants().contains { $0.place == place } && other.wants().isEmpty)
    liar.say(answer)
    #expect(liar.isClosed() && !other.isClosed())
    #expect(anna.brokenRules == [rule])
    anna.advance(.milliseconds(500))
    #expect(other.wants().contains { $0.place == place })
  }

  private func expectWhole() {
    #expect(anna.log.allSatisfy { $0.entries.allSatisfy { $0.bodyState == .present } })
  }

  @Test func `what comes without its body is not taken, and is asked of another`() throws {
    let batch = forger.run([1, 2])
    liar.announce(batch, of: forger, as: Bytes16())
    other.announce(batch, of: forger, as: Bytes16())
    let stored = anna.storedCount
    expectBarred(
      try forger.message(batch, hasBodies: false), for: FeedPlace(feed: forger.feed.place.feed))
    #expect(anna.storedCount == stored)
    other.say(try forger.message(batch))
    #expect(anna.storedCount == stored + 1)
    expectWhole()
  }

  /// `broken`: with its bodies, and something behind the last entry.
  @Test(arguments: [false, true])
  func `a branch whose beginning comes without bodies, or broken, is asked of another`(
    broken: Bool
  ) throws {
    LoosePeer(anna, as: office.ben).say(try forger.message(forger.run([1, 2])))
    let second = forger.run([3, 4])
    let name = BranchID(second.entries[0].id.prefix)
    liar.announce(second, of: forger, as: name.bytes)
    other.announce(second, of: forger, as: name.bytes)
    var answer = try forger.message(second, branch: name, hasBodies: broken)
    if broken, case .entries(let whole) = answer {
      answer = .entries(try EntriesMessage(decoding: whole.bytes + [0]))
    }
    expectBarred(
      answer, for: FeedPlace(feed: second.feed, branch: name), rule: broken ? "F-13" : "R-16")
    other.say(try forger.message(second, branch: name))
    #expect(anna.hasFoundFork)
    expectWhole()
  }

  @Test func `who is asked where a feed parts is barred for an answer without bodies`() throws {
    LoosePeer(anna, as: office.ben).say(try forger.message(forger.run([1, 2])))
    let second = forger.run([3, 4])
    liar.say(.have(forger.group, [forger.item(second, branch: Bytes16())]))
    let asked = try #require(liar.wants().last)
    #expect(asked.from > 0)
    // Where it does not follow what is here, too: a body is missing wherever it stands.
    liar.say(try forger.misplaced(second, from: asked.from, hasBodies: false))
    #expect(liar.isClosed() && anna.brokenRules == ["R-16"])
    #expect(anna.replica.groups[office.group]?.probes.isEmpty == true)
    expectWhole()
  }
}
