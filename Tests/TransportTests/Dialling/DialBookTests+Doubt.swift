import Format
import Platform
import Testing

@testable import Transport

/// What others say, what was met before, and what neither may do to the rest.
extension DialBookTests {
  @Test func `a lie about a linked device's address is found out within a minute`() {
    let book = self.book()
    // Someone announces under one name both their own address and another's.
    book.learn(address(1), from: .sighting, name: "x", device: nil, at: .at(0))
    #expect(book.due(at: .at(0)) == [address(1)])
    book.up(LinkID(1), up(bob), address(1), at: .at(0))
    book.learn(address(2), from: .sighting, name: "x", device: nil, at: .at(1))
    #expect(book.due(at: .at(59)).isEmpty)
    #expect(book.due(at: .at(61)) == [address(2)])
    book.up(LinkID(2), up(alice), address(2), at: .at(61))
    #expect(book.addresses(of: alice) == [address(2)])
    // Named by anybody else, it is tried at once.
    book.learn(address(3), from: .sighting, name: "x", device: nil, at: .at(62))
    book.learn(address(3), from: .sighting, name: "y", device: nil, at: .at(62))
    #expect(book.due(at: .at(63)) == [address(3)])
  }

  @Test func `an incoming link teaches an address that is dialled when the link is lost`() {
    let book = self.book()
    book.up(LinkID(1), up(alice, isInitiator: false, port: 7_000), address(1, 51_000), at: .at(0))
    #expect(book.due(at: .at(30)).isEmpty)
    // Her announcement says nothing new, so it is looked at once, and not in a hurry.
    book.learn(address(1, 7_000), from: .sighting, name: "a", device: nil, at: .at(30))
    #expect(book.due(at: .at(59)).isEmpty)
    #expect(book.due(at: .at(60)) == [address(1, 7_000)])
    book.up(LinkID(2), up(alice), address(1, 7_000), at: .at(60))
    book.down(lost(2, .closedHere(.otherLinkStays)), at: .at(60))
    #expect(book.due(at: .at(500)).isEmpty)
    book.down(lost(1), at: .at(501))
    #expect(book.due(at: .at(501)) == [address(1, 7_000)])
    #expect(book.addresses.first?.sources == [.sighting, .incoming, .remembered])
  }

  @Test func `whoever calls with the port of another behind one address does not hide that one`() {
    let book = self.book()
    // Two of one computer, or behind one router: Bob greets with the port at which Alice listens.
    book.learn(address(1), from: .sighting, name: "alice", device: nil, at: .at(0))
    book.up(LinkID(1), up(bob, isInitiator: false), address(1, 51_000), at: .at(0))
    #expect(book.due(at: .at(Double(Limits.dialDoubtSeconds))) == [address(1)])
    book.up(LinkID(2), up(alice), address(1), at: .at(61))
    #expect(book.addresses(of: alice) == [address(1)])
    // What she is known by since then is not his again.
    book.down(lost(2), at: .at(100))
    book.up(LinkID(3), up(bob, isInitiator: false), address(1, 52_000), at: .at(100))
    #expect(book.due(at: .at(101)) == [address(1)])
  }

  @Test func `who knows the office's secret and is of no device teaches nothing, however often`() {
    let book = self.book()
    book.learn(address(1), from: .remembered, name: nil, device: alice, at: .at(0))
    for call in 1...1_000 as ClosedRange<UInt64> {
      let key = (0..<32).map { UInt8(truncatingIfNeeded: call >> (8 * ($0 & 1))) }
      let someone = NoiseIdentity(Bytes32(key.raw, 0))
      book.up(
        LinkID(call), up(someone, isInitiator: false, port: UInt16(call)), address(2, 51_000),
        isProven: false, at: .at(0))
      book.down(lost(call), at: .at(20))
    }
    #expect(book.addresses.map(\.address) == [address(1)])
    #expect(book.due(at: .at(20)) == [address(1)])
  }

  @Test func `a peer that does not listen teaches nothing`() {
    let book = self.book()
    book.up(LinkID(1), up(alice, isInitiator: false, port: 0), address(1, 51_000), at: .at(0))
    book.down(lost(1), at: .at(100))
    #expect(book.addresses.isEmpty && book.deadline == .distantFuture)
  }

  @Test func `a sighting that is taken back is forgotten unless somebody answered there`() {
    let book = self.book()
    book.learn(address(1), from: .sighting, name: "a", device: nil, at: .at(0))
    book.learn(address(2), from: .sighting, name: "b", device: nil, at: .at(0))
    #expect(book.due(at: .at(0)).count == 2)
    book.up(LinkID(1), up(alice), address(1), at: .at(0))
    book.down(failed(address(2)), at: .at(0))
    book.forget(.sighting, name: "a")
    book.forget(.sighting, name: "b")
    #expect(book.addresses.map(\.address) == [address(1)])
    #expect(book.addresses.first?.sources == [.remembered])
    book.down(lost(1), at: .at(100))
    #expect(book.due(at: .at(100)) == [address(1)])
  }

  @Test func `false sightings by the hundred do not delay a seed`() {
    let book = self.book()
    for host in 0..<2_000 {
      book.learn(
        address(UInt32(1_000 + host)), from: .sighting, name: "evil \(host)", device: nil,
        at: .at(0))
    }
    #expect(book.addresses.count == Limits.sightingsMax)
    #expect(book.due(at: .at(0)).count == Limits.doubtfulDiallingMax)
    #expect(book.learn(address(1), from: .seed, name: nil, device: nil, at: .at(1)))
    #expect(book.due(at: .at(1)) == [address(1)])
  }

  /// How long a new sighting waits behind as many false ones as the book takes, each of which hangs for
  /// that many seconds.
  private func wait(behind falseOnes: (UInt32) -> SocketAddress, hangFor seconds: Int) -> Duration {
    let book = self.book(128)
    for index in 0..<UInt32(Limits.sightingsMax) - 1 {
      book.learn(
        falseOnes(index), from: .sighting, name: "evil \(index)", device: nil, at: .at(0))
    }
    var now = Moment.at(0)
    var hanging: [(address: SocketAddress, until: Moment)] = []
    var announcedAt: Moment?
    while now < .at(1_000) {
      while let next = book.next(at: now) {
        if next == address(1) { return now - (announcedAt ?? now) }
        hanging.append((next, now + .seconds(seconds)))
      }
      // Long after all of them have been tried for the first time.
      if announcedAt == nil, now >= .at(600) {
        announcedAt = now
        book.learn(address(1), from: .sighting, name: "anna", device: nil, at: now)
        continue
      }
      let end = hanging.map(\.until).min() ?? .distantFuture
      now = max(now + .milliseconds(1), min(end, book.deadline, now + .seconds(1)))
      for one in hanging where one.until <= now {
        book.down(failed(one.address, .unanswered), at: now)
      }
      hanging.removeAll { $0.until <= now }
    }
    return .seconds(1_000)
  }

  @Test func `whoever is announced behind hundreds of one host that hang is dialled at once`() {
    let evil = { [self] (index: UInt32) in address(2, UInt16(1_000 + index)) }
    #expect(wait(behind: evil, hangFor: 10) == .zero)
  }

  @Test(arguments: [3, 5, 10])
  func `whoever is announced behind hundreds of hosts that hang is dialled before the next of them`(
    seconds: Int
  ) {
    let evil = { [self] (index: UInt32) in address(1_000 + index) }
    #expect(wait(behind: evil, hangFor: seconds) <= .seconds(seconds))
  }

  @Test func `sightings that failed give way to new ones`() {
    let book = self.book()
    for host in 0..<Limits.sightingsMax {
      book.learn(
        address(UInt32(1_000 + host)), from: .sighting, name: nil, device: nil, at: .at(0))
    }
    #expect(!book.learn(address(1), from: .sighting, name: nil, device: nil, at: .at(0)))
    for next in book.due(at: .at(0)) { book.down(failed(next), at: .at(0)) }
    #expect(book.learn(address(1), from: .sighting, name: nil, device: nil, at: .at(0)))
    #expect(book.addresses.count == Limits.sightingsMax)
  }

  @Test func `addresses where nobody is any more delay neither a seed nor who is announced`() {
    let book = self.book()
    for host in 0..<400 as Range<UInt32> {
      book.learn(address(1_000 + host), from: .remembered, name: nil, device: nil, at: .at(0))
    }
    #expect(book.due(at: .at(0)).count == Limits.rememberedDiallingMax)
    book.learn(address(1), from: .sighting, name: "x", device: nil, at: .at(1))
    book.learn(address(2), from: .seed, name: "s", device: nil, at: .at(1))
    #expect(book.due(at: .at(1)) == [address(2), address(1)])
  }

  @Test func `what is merely remembered is tried seldom after a minute, and at once if announced`()
  {
    let book = self.book()
    book.learn(address(1), from: .remembered, name: nil, device: alice, at: .at(0))
    var now = Moment.at(0)
    for _ in 0...Limits.dialRememberedTries {
      #expect(book.next(at: now) == address(1))
      book.down(failed(address(1), .unanswered), at: now)
      #expect(book.deadline > now)
      now = book.deadline
    }
    #expect(book.next(at: now) == address(1))
    book.down(failed(address(1), .unanswered), at: now)
    #expect(book.deadline == now + .seconds(Limits.dialRememberedSeconds))
    book.learn(address(1), from: .sighting, name: "x", device: nil, at: now + .seconds(2))
    #expect(book.due(at: now + .seconds(2)) == [address(1)])
  }

  /// The last thing that is known of a device is that it called, as the computers of an office call the
  /// one that is always on.
  @Test func `where a device called from is tried seldom a minute after it has gone`() {
    let book = self.book()
    book.up(LinkID(1), up(alice, isInitiator: false), address(1, 51_000), at: .at(0))
    book.down(lost(1), at: .at(500))
    var now = Moment.at(500)
    for _ in 0...Limits.dialRememberedTries {
      #expect(book.next(at: now) == address(1))
      book.down(failed(address(1), .unanswered), at: now)
      now = book.deadline
    }
    #expect(book.next(at: now) == address(1))
    book.down(failed(address(1), .unanswered), at: now)
    #expect(book.deadline == now + .seconds(Limits.dialRememberedSeconds))
    // She calls from elsewhere: nobody is looked for where she was before.
    book.up(LinkID(2), up(alice, isInitiator: false), address(2, 51_000), at: now)
    #expect(book.deadline == .distantFuture)
  }

  @Test func `where devices called from that are switched off delays nobody who is announced`() {
    let book = self.book()
    for host in 0..<400 as Range<UInt32> {
      let someone = NoiseIdentity(Bytes32([UInt8](repeating: UInt8(host & 0xff), count: 32).raw, 0))
      book.up(
        LinkID(UInt64(host)), up(someone, isInitiator: false), address(1_000 + host, 51_000),
        at: .at(0))
      book.down(lost(UInt64(host)), at: .at(20))
    }
    #expect(book.due(at: .at(20)).count == Limits.rememberedDiallingMax)
    book.learn(address(1), from: .sighting, name: "x", device: nil, at: .at(21))
    #expect(book.due(at: .at(21)) == [address(1)])
  }

  @Test func `where a linked device was met before nobody is looked for until it is lost`() {
    let book = self.book()
    book.learn(address(2), from: .seed, name: "s", device: nil, at: .at(0))
    #expect(book.due(at: .at(0)) == [address(2)])
    book.up(LinkID(1), up(alice), address(2), at: .at(0))
    book.learn(address(1), from: .remembered, name: nil, device: alice, at: .at(0))
    #expect(book.deadline == .distantFuture)
    book.down(lost(1), at: .at(5_000))
    #expect(book.due(at: .at(5_000)) == [address(2)])
    #expect(book.due(at: .at(5_001)) == [address(1)])
  }

  @Test func `what is remembered says whose it was until somebody else answers there`() {
    let book = self.book()
    book.learn(address(1), from: .remembered, name: nil, device: alice, at: .at(0))
    #expect(book.addresses.map(\.device) == [alice])
    book.learn(address(2), from: .incoming, name: nil, device: alice, at: .at(0))
    #expect(book.addresses.last?.device == nil)
  }

  @Test func `of the addresses a device was met at the last ones are remembered`() {
    let book = self.book()
    for host in 1...300 as ClosedRange<UInt32> {
      book.up(
        LinkID(UInt64(host)), up(alice, isInitiator: false), address(host, 50_000), at: .at(0))
      book.down(lost(UInt64(host)), at: .at(100))
    }
    #expect(book.addresses.map(\.address) == (297...300).map { address($0) })
    // Met at an old one again, that is the last.
    book.up(LinkID(301), up(alice, isInitiator: false), address(297, 50_000), at: .at(200))
    book.up(LinkID(302), up(alice, isInitiator: false), address(301, 50_000), at: .at(200))
    #expect(book.addresses.map(\.address) == [297, 299, 300, 301].map { address($0) })
  }

  @Test func `an announcement that ends in one place goes on in others`() {
    let book = self.book()
    book.learn(address(1), from: .sighting, name: "x", place: "eth0 4", device: nil, at: .at(0))
    book.learn(address(2), from: .sighting, name: "x", place: "eth0 6", device: nil, at: .at(0))
    book.forget(.sighting, name: "x", place: "eth0 6")
    #expect(book.addresses.map(\.address) == [address(1)])
    // A place says one address at a time.
    book.learn(address(3), from: .sighting, name: "x", place: "eth0 4", device: nil, at: .at(0))
    #expect(book.addresses.map(\.address) == [address(3)])
    book.forget(.sighting, name: "x", place: "eth0 4")
    #expect(book.addresses.isEmpty)
  }

  @Test func `an announcement that comes and goes begins no attempt beside one under way`() {
    let book = self.book()
    book.learn(address(1), from: .sighting, name: "x", place: "p", device: nil, at: .at(0))
    #expect(book.due(at: .at(0)) == [address(1)])
    for second in 1...4 {
      book.forget(.sighting, name: "x", place: "p")
      #expect(book.due(at: .at(Double(second))).isEmpty)
      book.learn(
        address(1), from: .sighting, name: "x", place: "p", device: nil, at: .at(Double(second)))
      #expect(book.due(at: .at(Double(second))).isEmpty)
    }
    book.forget(.sighting, name: "x", place: "p")
    book.down(failed(address(1), .unanswered), at: .at(5))
    #expect(book.addresses.isEmpty && book.deadline == .distantFuture)
  }

  @Test func `a seed whose name means another address now is not looked for at the former`() {
    let book = self.book()
    book.learn(address(1), from: .seed, name: "s", device: nil, at: .at(0))
    book.learn(address(2), from: .seed, name: "s", device: nil, at: .at(0))
    book.keep([address(2), address(3)], from: .seed, name: "s")
    book.learn(address(3), from: .seed, name: "s", device: nil, at: .at(0))
    #expect(book.addresses.map(\.address) == [address(2), address(3)])
  }
}
