import Format
import Platform
import Testing

@testable import Daemon

/// How often a removed device is shown what led to its removal (H-5).
@Suite struct FarewellTests {
  private let device = DeviceKey(Bytes32([UInt8](repeating: 7, count: 32))!)
  private let other = DeviceKey(Bytes32([UInt8](repeating: 8, count: 32))!)

  @Test func `a device that never says what it holds gets all of it so many times an hour`() {
    var book = FarewellBook()
    let start = Moment(nanoseconds: 0)
    var written = 0
    var now = start
    for _ in 0..<100 {
      now = now + .seconds(10)
      guard book.allows(device, at: now) else { continue }
      book.begin(device, lacking: 1_600, at: now)
      book.wrote(1_600, to: device)
      written += 1_600
    }
    #expect(written == 1_600 * Limits.farewellTimesMax)
    #expect(book.allows(other, at: now))
    let later = start + .seconds(10 + Limits.farewellForgetSeconds)
    #expect(book.allows(device, at: later))
    book.begin(device, lacking: 1_600, at: later)
    #expect(book.allows(device, at: later + .seconds(1)))
  }

  @Test func `links that break in the midst do not use it up`() {
    var book = FarewellBook()
    for link in 0..<8 {
      let now = Moment(nanoseconds: 0) + .seconds(link)
      #expect(book.allows(device, at: now))
      book.begin(device, lacking: 100 - link, at: now)
      book.wrote(20, to: device)
    }
  }

  @Test func `who links and takes nothing does not have it worked out each time`() {
    var book = FarewellBook()
    var begun = 0
    for link in 0..<1_000 {
      let now = Moment(nanoseconds: 0) + .seconds(link)
      guard book.allows(device, at: now) else { continue }
      book.begin(device, lacking: 1_600, at: now)
      begun += 1
    }
    #expect(begun <= 16 * Limits.farewellTimesMax)
  }

  @Test func `a farewell counts what is left of it`() {
    let place = FeedPlace(feed: FeedID(Bytes16()))
    var farewell = Farewell(
      device: device, parts: [(place, 3...7), (place, 9...9)], until: Moment(nanoseconds: 0))
    #expect(farewell.entryCount == 6)
    farewell.drop(through: 4)
    #expect(farewell.entryCount == 4)
    farewell.drop(through: 7)
    #expect(farewell.entryCount == 1 && farewell.next?.seqs == 9...9)
    farewell.drop(through: 9)
    #expect(farewell.entryCount == 0 && farewell.next == nil)
  }

  @Test func `of the branches it is shown a device gets what it asks for, and of nothing else`() {
    let feed = FeedID(Bytes16(1, 1))
    let (trunk, branch) = (
      FeedPlace(feed: feed), FeedPlace(feed: feed, branch: BranchID(Bytes16(2, 2)))
    )
    var farewell = Farewell(
      device: device, parts: [(trunk, 0...3), (branch, 4...9)], until: Moment(nanoseconds: 0))
    // It says that it holds the branches before the link is closed; the rest follows what it holds.
    #expect(farewell.unheard == [branch])
    // What is on its way already comes once.
    farewell.ask(branch, from: 0)
    #expect(farewell.entryCount == 10 && farewell.next?.place == trunk)
    farewell.drop(through: 3)
    farewell.drop(through: 9)
    #expect(farewell.next == nil)
    farewell.ask(FeedPlace(feed: FeedID(Bytes16(3, 3))), from: 0)
    farewell.ask(branch, from: 10)
    farewell.ask(trunk, from: 2)
    #expect(farewell.next == nil && farewell.entryCount == 0)
    // Who asks for a branch does not know where it begins, and asks anew for what is on its way.
    farewell.ask(branch, from: 0)
    farewell.ask(branch, from: 7)
    #expect(farewell.next?.place == branch && farewell.next?.seqs == 7...9)
    #expect(farewell.entryCount == 3)
    farewell.end()
    farewell.ask(branch, from: 0)
    #expect(farewell.next == nil && farewell.unheard.isEmpty && farewell.entryCount == 0)
  }
}
