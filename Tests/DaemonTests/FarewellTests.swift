import Format
import Platform
import Testing
import Transport

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
      guard book.allows(device, of: [], at: now) else { continue }
      book.begin(device, of: [], lacking: 1_600, at: now)
      book.wrote(1_600, to: device)
      written += 1_600
    }
    #expect(written == 1_600 * Limits.farewellTimesMax)
    #expect(book.allows(other, of: [], at: now))
    let later = start + .seconds(10 + Limits.farewellForgetSeconds)
    #expect(book.allows(device, of: [], at: later))
    book.begin(device, of: [], lacking: 1_600, at: later)
    #expect(book.allows(device, of: [], at: later + .seconds(1)))
  }

  @Test func `links that break in the midst do not use it up`() {
    var book = FarewellBook()
    for link in 0..<8 {
      let now = Moment(nanoseconds: 0) + .seconds(link)
      #expect(book.allows(device, of: [], at: now))
      book.begin(device, of: [], lacking: 100 - link, at: now)
      book.wrote(20, to: device)
    }
  }

  @Test func `who links and takes nothing does not have it worked out each time`() {
    var book = FarewellBook()
    var begun = 0
    for link in 0..<1_000 {
      let now = Moment(nanoseconds: 0) + .seconds(link)
      guard book.allows(device, of: [], at: now) else { continue }
      book.begin(device, of: [], lacking: 1_600, at: now)
      begun += 1
    }
    #expect(begun <= 16 * Limits.farewellTimesMax)
  }

  @Test func `who makes device after device has a few of them shown it, and others theirs`() {
    var book = FarewellBook()
    let (maker, giver, somebody) = (
      MemberID(Bytes16(1, 1)), MemberID(Bytes16(2, 2)), MemberID(Bytes16(3, 3))
    )
    let start = Moment(nanoseconds: 0)
    func made(_ number: UInt64) -> DeviceKey {
      DeviceKey(Bytes32([UInt8](repeating: UInt8(100 + number), count: 32))!)
    }
    var begun: [DeviceKey] = []
    for number in 0..<100 as Range<UInt64> {
      let now = start + .seconds(Int(number))
      // Another one's ticket does not make it another one's device alone.
      let blamed: Set = number.isMultiple(of: 2) ? [maker] : [maker, giver]
      guard book.allows(made(number), of: blamed, at: now) else { continue }
      book.begin(made(number), of: blamed, lacking: 1_600, at: now)
      begun.append(made(number))
    }
    #expect(begun.count == Limits.farewellDevicesMax)
    let now = start + .seconds(200)
    // Those that were begun have what is theirs, and so have other members' devices.
    #expect(begun.allSatisfy { book.allows($0, of: [maker], at: now) })
    #expect(book.allows(device, of: [giver], at: now))
    #expect(book.allows(other, of: [somebody], at: now))
    #expect(!book.allows(other, of: [somebody, maker], at: now))
    let later = start + .seconds(Limits.farewellForgetSeconds)
    #expect(book.allows(made(99), of: [maker], at: later))
  }

  @Test func `a device that is put back within the hour has what it lacks then`() {
    var book = FarewellBook()
    let start = Moment(nanoseconds: 0)
    book.begin(device, of: [], lacking: 2, at: start)
    book.wrote(2, to: device)
    let now = start + .seconds(60)
    book.begin(device, of: [], lacking: 1_600, at: now)
    book.wrote(1_600, to: device)
    #expect(book.allows(device, of: [], at: now))
    // It may lack less by and by, as others tell of it.
    for lacking in [1_600, 1_600, 10, 10] {
      book.begin(device, of: [], lacking: lacking, at: now)
      book.wrote(1_600, to: device)
    }
    #expect(!book.allows(device, of: [], at: now))
  }

  @Test(arguments: [true, false])
  func `on the newer of two links alone a device is shown it`(isRemoved: Bool) throws {
    let node = TurnedNode()
    let loop = try node.start()
    let parts = [(place: FeedPlace(feed: FeedID(Bytes16())), seqs: 0...(9 as UInt32))]
    let until = Moment(nanoseconds: 0) + .seconds(9)
    for number in 1...3 as ClosedRange<UInt64> {
      let farewell = Farewell(
        device: device, parts: parts, until: until, isRemoved: isRemoved)
      loop.begin(farewell, for: device, of: [], Moment(nanoseconds: 0))
      loop.leaving[Transport.LinkID(number)] = farewell
    }
    #expect(loop.leaving.sorted { $0.key < $1.key }.map(\.value.entryCount) == [0, 0, 10])
  }

  @Test func `a branch that is asked for again and again is shown so many times an hour`() throws {
    let node = TurnedNode()
    let loop = try node.start()
    try node.found(loop)
    let office = try #require(loop.office?.office)
    let branch = FeedPlace(feed: FeedID(Bytes16(1, 1)), branch: BranchID(Bytes16(2, 2)))
    let (link, now) = (Transport.LinkID(1), Moment(nanoseconds: 0))
    let farewell = Farewell(
      device: device, parts: [(branch, 0...99)], until: now + .seconds(9), isAsked: true)
    loop.begin(farewell, for: device, of: [], now)
    loop.leaving[link] = farewell
    let want = Message.Want(feed: branch.feed, branch: branch.branch, from: 0)
    var written = 0
    for _ in 0..<100 {
      loop.received(.want(office, [want]), link, now)
      let count = try #require(loop.leaving[link]?.entryCount)
      loop.farewells.wrote(count, to: device)
      loop.leaving[link]?.drop(through: 99)
      written += count
    }
    #expect(written >= Limits.farewellTimesMax * 100)
    #expect(written <= Limits.farewellTimesMax * (100 + 16) + 100)
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
    farewell.hear(lacking: [(trunk, 0...3)])
    farewell.ask(branch, from: 0)
    #expect(farewell.next == nil && farewell.unheard.isEmpty && farewell.entryCount == 0)
  }

  @Test func `what a device says that it lacks is shown too, but for what is on its way`() {
    let places = (1...4).map { FeedPlace(feed: FeedID(Bytes16(UInt64($0), 0))) }
    let branch = FeedPlace(feed: places[3].feed, branch: BranchID(Bytes16(5, 5)))
    var farewell = Farewell(
      device: device, parts: [(places[0], 5...9), (places[1], 5...9), (places[2], 5...9)],
      until: Moment(nanoseconds: 0), isAsked: true)
    farewell.drop(through: 9)
    farewell.drop(through: 9)
    farewell.hear(lacking: [
      (places[0], 6...9), (places[1], 2...9), (places[2], 4...9), (branch, 7...7),
    ])
    #expect(!farewell.isAsked && farewell.unheard == [branch])
    // What came first follows on what it holds; what came then leaves a gap, and is shown anew.
    #expect(farewell.entryCount == 6 + 8 + 1)
    #expect(farewell.next?.place == places[2] && farewell.next?.seqs == 4...9)
    farewell.drop(through: 9)
    #expect(farewell.next?.place == places[1] && farewell.next?.seqs == 2...9)
    farewell.drop(through: 9)
    #expect(farewell.next?.place == branch)
    farewell.drop(through: 7)
    #expect(farewell.next == nil && farewell.entryCount == 0)
  }
}
