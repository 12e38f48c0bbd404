import Control
import Cryptography
import Format
import Platform
import Replication
import Storage
import TestSupport
import Testing

@testable import Daemon

/// What a node knows that no log says stays known when the logs are read anew.
@Suite struct InheritTests {
  private let node = MemoryTurnedNode()

  private func everyone(_ office: OfficeNode) throws -> GroupID {
    try #require(office.replica.groupIDs.first { $0 != office.office })
  }

  private func ownFeed(_ office: OfficeNode) throws -> FeedPlace {
    let group = try everyone(office)
    let head = try #require(office.replica.ownHeads.last { $0.group == group })
    return FeedPlace(feed: head.feed)
  }

  private func lockedFeeds() throws -> [FeedID] {
    try HeadLockFiles(state: node.state, runtime: nil).read().lock?.heads.map(\.feed) ?? []
  }

  @Test func `the lock bears the start of the kernel again once the time to ask others is over`()
    throws
  {
    do {
      let loop = try node.start()
      try node.found(loop)
      loop.stop()
    }
    var next = node
    next.boot = 2
    func boot() throws -> Bytes16? {
      try HeadLockFiles(state: node.state, runtime: nil).read().lock?.surroundings.boot
    }
    let loop = try next.start()
    let office = try #require(loop.office)
    let until = try #require(office.asksFirstUntil)
    #expect(loop.dueAt <= until)
    #expect(try boot()?.isZero == true)
    office.asksFirstUntil = loop.clock.now()
    loop.settle(loop.clock.now())
    #expect(office.asksFirstUntil == nil)
    #expect(try boot() == Bytes16(1, 2))
    loop.stop()
    #expect(try next.start().office?.asksFirstUntil == nil)
  }

  /// The next entry of an own feed, as a copy of this computer writes it.
  private func byCopy(_ group: GroupID, _ place: FeedPlace) throws -> EntriesMessage {
    let copy = node.copied()
    let other = try copy.start()
    defer { other.stop() }
    let next = try #require(other.office?.store.index(group)?[place]?.next)
    #expect(try copy.send(other, "by the copy") == nil)
    let found = try other.office?.store.packed(group, place, from: next, bytesMax: .max)
    return try EntriesMessage(decoding: try #require(found))
  }

  /// A peer links and shows something.
  private func show(_ entries: EntriesMessage, to office: OfficeNode) {
    let link = Replication.LinkID(1)
    office.handle(
      .linkUp(
        link, office.replica.secrets.device, noise: office.replica.secrets.noiseIdentity,
        named: office.replica.certificate))
    office.handle(.received(link, .entries(entries)))
  }

  @Test(arguments: [true, false])
  func `an own feed that another copy wrote on stays closed, whatever the lock still says`(
    isLockWritable: Bool
  ) throws {
    let loop = try node.start()
    try node.found(loop)
    #expect(try node.send(loop, "one") == nil)
    let old = try #require(loop.office)
    let group = try everyone(old)
    let place = try ownFeed(old)
    let entries = try byCopy(group, place)
    for disk in [node.disk, node.state] { disk.setReadOnly(true) }
    // It is noticed in the office log: in this feed nothing is on its way.
    let draft = Draft.message(
      .name(old.request(), .device(old.replica.secrets.device), try Name("laptop")))
    let refused = try node.answer(loop) { reply in
      old.write(old.office, [draft]) { result in
        if case .failure(let error) = result { reply(.failure(error)) }
      }
    }
    guard case .failure(let error) = refused, error.name == .readOnly else {
      Issue.record("it was written")
      return
    }
    show(entries, to: old)
    #expect(old.unclosed == [place.feed] && old.lockFault != nil)
    #expect(try lockedFeeds().contains(place.feed))
    node.disk.setReadOnly(false)
    node.state.setReadOnly(!isLockWritable)
    loop.remember(loop.clock.now())
    #expect(loop.office !== old && (loop.office?.lockFault == nil) == isLockWritable)
    node.state.setReadOnly(false)
    loop.remember(loop.clock.now())
    #expect(loop.office?.lockFault == nil && loop.office?.unclosed == [])
    #expect(try !lockedFeeds().contains(place.feed))
    #expect(try node.send(loop, "three") == nil)
    #expect(try ownFeed(try #require(loop.office)) != place)
    #expect(loop.office?.store.index(group)?[place]?.next == entries.head.first)
    loop.stop()
  }

  @Test func `who claimed once without showing anything is not believed once more`() throws {
    let loop = try node.start()
    try node.found(loop)
    let group = try everyone(try #require(loop.office))
    var feeds: [FeedPlace] = []
    for _ in 0..<2 {
      let office = try #require(loop.office)
      #expect(try node.send(loop, "one") == nil)
      feeds.append(try ownFeed(office))
      let link = Replication.LinkID(1)
      office.handle(
        .linkUp(
          link, office.replica.secrets.device, noise: office.replica.secrets.noiseIdentity,
          named: office.replica.certificate))
      let item = FrontierItem(
        feed: feeds[0].feed, branch: BranchID(Bytes16()), seq: 900, prefix: Bytes16(7, 7))
      office.handle(.received(link, .have(group, [item])))
      office.readFault = "it is owed"
      loop.resumeStore()
      #expect(loop.office !== office)
    }
    #expect(try node.send(loop, "two") == nil)
    let last = try ownFeed(try #require(loop.office))
    #expect(feeds[0] != feeds[1] && feeds[1] == last)
    loop.stop()
  }

  private func delivered(_ office: OfficeNode) -> [DeviceKey: UInt32] {
    var found: [DeviceKey: UInt32] = [:]
    office.replica.deliveredItems { _, device, _, seq in found[device] = seq }
    return found
  }

  @Test func `what others hold is known when the logs are read anew, and written once that can be`()
    throws
  {
    let loop = try node.start()
    try node.found(loop)
    loop.remember(loop.clock.now())
    let before = node.disk.files[DeliveredFile.path]
    let old = try #require(loop.office)
    let (group, place) = (try everyone(old), try ownFeed(old))
    let ben = DeviceKey(Bytes32(Random.bytes32()))
    old.replica.rememberDelivered(group, place, 1, to: ben)
    node.disk.exhaust(.tooManyFiles)
    loop.keep(loop.clock.now())
    #expect(node.disk.files[DeliveredFile.path] == before)
    node.disk.exhaust(nil)
    old.readFault = "it is owed"
    loop.resumeStore()
    let office = try #require(loop.office)
    #expect(office !== old && delivered(office)[ben] == 1)
    // No second change asks for it.
    loop.keep(loop.clock.now())
    let bytes = try #require(node.disk.files[DeliveredFile.path])
    #expect(DeliveredFile.items(bytes).contains { $0.device == ben && $0.seq == 1 })
    loop.stop()
  }

  @Test func `where others were reached is written once that can be`() throws {
    let loop = try node.start()
    try node.found(loop)
    let office = try #require(loop.office)
    let line = ReachedAddresses.Line(
      address: try SocketAddress(parsing: "10.0.0.7:7", defaultPort: 1),
      device: office.replica.secrets.noiseIdentity)
    office.reached.note(answered: [line], said: [])
    node.disk.exhaust(.tooManyFiles)
    loop.keep(loop.clock.now())
    #expect(node.disk.files[Home.addresses] == nil)
    node.disk.exhaust(nil)
    office.readFault = "it is owed"
    loop.resumeStore()
    loop.keep(loop.clock.now())
    #expect(loop.office !== office && loop.office?.reached.lines == [line])
    #expect(node.disk.files[Home.addresses] == Array("\(line.text)\n".utf8))
    loop.stop()
  }

  /// What is taken over, and what an office that is read anew begins with: each property is one of them.
  private let inherited: Set<String> = [
    "isProvenCopied", "unknownWith", "copyWords", "unclosed", "lostOwn", "removalTellers",
    "troubles", "barred",
    "agreedLead", "fullGroups", "isUnproven", "isLikelyCopy", "asksFirstUntil", "seenMarks",
    "toldOwn", "toldUnopened", "waitingNews", "toldNames", "seen", "reached", "writtenDelivered",
    "writtenReached", "wasRemoved",
  ]
  private let begun: Set<String> = [
    // Its parts, and what they are made of.
    "number", "replica", "store", "home", "clock", "office", "queue", "origin", "stream",
    "requestIDs", "continuity",
    // What the reading finds, or the next try.
    "damages", "lockFault", "readFault", "isOutOfStep", "hasStoredOthers",
    "writtenDeliveredChanges",
    // What was for links that are closed, or for somebody who was told that it came to nothing.
    "outbox", "closings", "heldBatches", "held", "vouchesAt", "happenings", "afterStored",
    "waiting", "committing", "inFlight", "admitting", "awaitedDeliveries", "titlesUnderway",
    // Others may know more of a group when its log is read anew.
    "foundedNow",
    // Worked out of the logs when it is asked for.
    "notices", "isKeyNew", "titles", "lastTexts", "entitlements", "knownDirectory", "knownNames",
    "judgedBy",
    "knownGroups", "suspension", "requests", "lastOwn", "unreadRequests",
    // Another store may find another fault.
    "toldFaults",
  ]

  @Test func `nothing that a node knows is left out unseen`() throws {
    let loop = try node.start()
    try node.found(loop)
    let office = try #require(loop.office)
    let names = Mirror(reflecting: office).children.compactMap(\.label)
    #expect(Set(names).union(["replica"]) == inherited.union(begun))
    #expect(inherited.isDisjoint(with: begun))
    loop.stop()
  }

  @Test func `followers are told on, and what stopped or barred somebody goes on doing so`() throws
  {
    let loop = try node.start()
    try node.found(loop)
    #expect(try node.send(loop, "one") == nil)
    let old = try #require(loop.office)
    let group = try everyone(old)
    let ben = DeviceKey(Bytes32(Random.bytes32()))
    let arrival = old.replica.arrival(group, 0)
    let place = try #require(arrival)
    let told = ToldMessage(
      group: group, place: place, entry: identifier([7]), epoch: nil,
      state: DeliveryInfo(word: .here, devices: 1, of: 3))
    (old.toldOwn, old.toldUnopened) = ([told], [told])
    old.waitingNews = [
      OfficeNews(
        group: group, operation: .groupAdd([old.replica.member], .member),
        author: old.replica.member,
        place: EntryPlace(place: place.place, seq: place.seq))
    ]
    old.toldNames = ToldNames()
    old.asksFirstUntil = loop.clock.now() + .seconds(600)
    old.barred = [ben: loop.clock.now()]
    old.troubles = [ben: "it broke a rule"]
    (old.removalTellers, old.wasRemoved) = ([ben], true)
    old.seen = [ben: 7]
    old.agreedLead = 7
    old.fullGroups = [group]
    old.readFault = "it is owed"
    loop.resumeStore()
    let office = try #require(loop.office)
    #expect(office !== old)
    #expect(office.toldOwn.map(\.entry) == [told.entry])
    #expect(office.toldUnopened.map(\.entry) == [told.entry])
    #expect(office.waitingNews.count == 1 && office.toldNames != nil)
    #expect(office.asksFirstUntil == old.asksFirstUntil && office.barred == old.barred)
    #expect(office.troubles == old.troubles && office.removalTellers == old.removalTellers)
    #expect(office.wasRemoved)
    #expect(office.seen == old.seen && office.agreedLead == 7 && office.fullGroups == [group])
    loop.stop()
  }
}
