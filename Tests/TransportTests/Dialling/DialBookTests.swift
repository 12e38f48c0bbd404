import Format
import Platform
import Testing

@testable import Transport

/// The same byte over and over: 0 for the longest pauses, 255 for the shortest.
private struct FixedEntropy: Entropy {
  let byte: UInt8

  func fill(_ buffer: inout MutableSpan<UInt8>) {
    for index in buffer.indices { buffer[index] = byte }
  }
}

@Suite struct DialBookTests {
  let alice = NoiseIdentity(Bytes32([UInt8](repeating: 1, count: 32).raw, 0))
  let bob = NoiseIdentity(Bytes32([UInt8](repeating: 2, count: 32).raw, 0))

  func book(_ byte: UInt8 = 0) -> BookBox {
    BookBox(DialBook(entropy: FixedEntropy(byte: byte)))
  }

  func address(_ host: UInt32, _ port: UInt16 = 47_474) -> SocketAddress {
    SocketAddress(IPAddress(v4: 0x0a00_0000 + host), port: port)
  }

  func up(_ peer: NoiseIdentity, isInitiator: Bool = true, port: UInt16 = 47_474) -> LinkUp {
    LinkUp(
      isInitiator: isInitiator, mode: .member, office: Someone.office, remoteKey: peer,
      greeting: Greeting(
        certificate: EntryID(Bytes32()), bootNonce: BootNonce(Bytes16()), wallMilliseconds: 0,
        port: port),
      handshakeHash: HandshakeHash(Bytes32()))
  }

  func failed(
    _ address: SocketAddress, _ end: LinkEnd = .failed(.connectionRefused)
  ) -> LinkDown {
    LinkDown(id: LinkID(.max), end: end, wasUp: false, isInitiator: true, address: address)
  }

  func lost(_ id: UInt64, _ end: LinkEnd = .cut) -> LinkDown {
    LinkDown(id: LinkID(id), end: end, wasUp: true, isInitiator: true, address: address(0))
  }

  @Test func `a new address is dialled at once and once`() {
    let book = self.book()
    #expect(book.deadline == .distantFuture)
    book.learn(address(1), from: .seed, name: "anna", device: nil, at: .at(3))
    #expect(book.deadline == .at(3))
    #expect(book.due(at: .at(3)) == [address(1)])
    #expect(book.due(at: .at(100)).isEmpty)
    #expect(book.deadline == .distantFuture)
  }

  @Test(arguments: [(UInt8(0), 1.0), (255, 0.5)])
  func `pauses double up to ten seconds and chance takes off up to half`(
    byte: UInt8, part: Double
  ) {
    let book = self.book(byte)
    book.learn(address(1), from: .seed, name: nil, device: nil, at: .at(0))
    var now = Moment.at(0)
    for pause in [1.0, 2, 4, 8, 10, 10, 10] {
      #expect(book.next(at: now) == address(1))
      book.down(failed(address(1)), at: now)
      let earliest = max(1, pause * part)
      let waited = Double((book.deadline - now).wholeNanoseconds) / 1e9
      #expect(abs(waited - earliest) < 0.002, "after a pause of \(pause)")
      now = book.deadline
    }
  }

  @Test func `a peer with several addresses is tried at most once a second, and each of them`() {
    let book = self.book(128)
    for host in 1...4 {
      book.learn(address(UInt32(host)), from: .sighting, name: "x", device: nil, at: .at(0))
    }
    var attempts: [(Moment, SocketAddress)] = []
    var now = Moment.at(0)
    while now < .at(300) {
      while let next = book.next(at: now) {
        attempts.append((now, next))
        book.down(failed(next), at: now)
      }
      now = max(book.deadline, now + .milliseconds(1))
    }
    for (one, other) in zip(attempts.dropFirst(4), attempts.dropFirst(5)) {
      #expect(other.0 - one.0 >= .seconds(1))
    }
    for host in 1...4 {
      let own = attempts.filter { $0.1 == address(UInt32(host)) }.map(\.0)
      #expect(own.count > 30)
      #expect(zip(own, own.dropFirst()).allSatisfy { $1 - $0 <= .seconds(13) })
    }
  }

  @Test func `the addresses of one peer are begun a moment apart`() {
    let book = self.book()
    book.learn(address(1), from: .sighting, name: "x", device: nil, at: .at(0))
    book.learn(address(2), from: .sighting, name: "x", device: nil, at: .at(0))
    #expect(book.due(at: .at(0)) == [address(1)])
    #expect(book.deadline == .at(0.25))
    #expect(book.due(at: .at(0.25)) == [address(2)])
  }

  @Test func `different peers do not wait for each other`() {
    let book = self.book()
    for host in 1...10 {
      book.learn(address(UInt32(host)), from: .seed, name: nil, device: nil, at: .at(0))
    }
    #expect(book.due(at: .at(0)).count == 10)
  }

  @Test func `a linked device is not dialled and a lost one is, at once`() {
    let book = self.book()
    book.learn(address(1), from: .seed, name: "anna", device: nil, at: .at(0))
    #expect(book.due(at: .at(0)) == [address(1)])
    book.up(LinkID(1), up(alice), address(1), at: .at(0.1))
    #expect(book.due(at: .at(500)).isEmpty)
    book.down(lost(1), at: .at(600))
    #expect(book.due(at: .at(600)) == [address(1)])
  }

  @Test func `a link that does not last makes no storm`() {
    let book = self.book()
    book.learn(address(1), from: .seed, name: nil, device: nil, at: .at(0))
    var now = Moment.at(0)
    var count = 0
    for id in 0..<100 where now < .at(60) {
      #expect(book.next(at: now) == address(1))
      count += 1
      book.up(LinkID(UInt64(id)), up(alice), address(1), at: now)
      book.down(lost(UInt64(id)), at: now + .milliseconds(5))
      now = book.deadline
    }
    #expect(count <= 10, "pauses must grow: \(count) attempts in a minute")
  }

  @Test func `a device that was refused is not dialled again at once`() {
    let book = self.book()
    book.learn(address(1), from: .seed, name: nil, device: nil, at: .at(0))
    #expect(book.due(at: .at(0)).count == 1)
    book.up(LinkID(1), up(alice), address(1), at: .at(0))
    book.down(lost(1, .bye(.copied)), at: .at(100))
    #expect(book.deadline == .at(101))
  }

  @Test(arguments: [LinkEnd.bye(.removed), .closedHere(.removed)])
  func `where one of the two was removed neither knocks for an hour`(_ end: LinkEnd) {
    let book = self.book()
    book.learn(address(1), from: .sighting, name: "a", device: nil, at: .at(0))
    book.learn(address(2), from: .sighting, name: "a", device: nil, at: .at(0))
    #expect(book.due(at: .at(0)).count == 1)
    book.up(LinkID(1), up(alice), address(1), at: .at(0))
    book.down(lost(1, end), at: .at(0.1))
    #expect(book.due(at: .at(3_600)).isEmpty)
    #expect(!book.due(at: .at(3_601)).isEmpty)
    // A node that starts anew has a new name, and may be another one.
    book.up(LinkID(2), up(alice), address(1), at: .at(4_000))
    book.down(lost(2, end), at: .at(4_001))
    book.learn(address(1), from: .sighting, name: "b", device: nil, at: .at(4_010))
    #expect(book.due(at: .at(4_010)) == [address(1)])
  }

  @Test func `who is in the office again is dialled at once, and nobody else`() {
    let book = self.book()
    let carol = NoiseIdentity(Bytes32([UInt8](repeating: 3, count: 32).raw, 0))
    for (number, (peer, end)) in [
      (alice, LinkEnd.closedHere(.removed)), (bob, .closedHere(.removed)), (carol, .bye(.removed)),
    ].enumerated() {
      let (place, link) = (address(UInt32(number + 1)), UInt64(number + 1))
      book.learn(place, from: .sighting, name: "\(number)", device: nil, at: .at(0))
      #expect(book.due(at: .at(0)) == [place])
      book.up(LinkID(link), up(peer), place, at: .at(0))
      book.down(lost(link, end), at: .at(0.1))
    }
    let (alice, bob) = (alice, bob)
    book.readmit(ownIsBack: false, at: .at(60)) { _ in false }
    #expect(book.due(at: .at(60)).isEmpty)
    book.readmit(ownIsBack: false, at: .at(60)) { $0 == alice }
    #expect(book.due(at: .at(60)) == [address(1)])
    // Whoever said that this node's device was removed is asked once that is not so any more.
    book.readmit(ownIsBack: true, at: .at(61)) { $0 != bob }
    #expect(book.due(at: .at(61)) == [address(3)])
  }

  @Test(arguments: [AddressSource.seed, .ticket])
  func `a place is knocked at as ever when the device there was removed: another may come`(
    _ source: AddressSource
  ) {
    let book = self.book()
    book.learn(address(1), from: source, name: "a", device: nil, at: .at(0))
    var now = Moment.at(0)
    for id in 1...5 {
      #expect(book.due(at: now) == [address(1)])
      book.up(LinkID(UInt64(id)), up(alice), address(1), at: now)
      book.down(lost(UInt64(id), .closedHere(.removed)), at: now)
      #expect(book.deadline - now <= .seconds(Limits.dialBackoffSecondsMax))
      now = book.deadline
    }
    // Also where strangers say so too, and where it is remembered.
    book.learn(address(1), from: .sighting, name: "x", device: nil, at: now)
    #expect(book.due(at: now) == [address(1)])
    book.up(LinkID(6), up(bob), address(1), at: now)
    #expect(book.addresses(of: bob) == [address(1)])
  }

  @Test func `the loser of two links is not dialled again while the other stays`() {
    let book = self.book()
    book.learn(address(1), from: .seed, name: nil, device: nil, at: .at(0))
    #expect(book.due(at: .at(0)).count == 1)
    book.up(LinkID(1), up(alice), address(1), at: .at(0))
    book.up(LinkID(2), up(alice, isInitiator: false), address(1, 50_000), at: .at(0))
    book.down(lost(1, .closedHere(.otherLinkStays)), at: .at(0.1))
    #expect(book.due(at: .at(30)).isEmpty)
    book.down(lost(2), at: .at(40))
    #expect(book.due(at: .at(40)) == [address(1)])
  }

  @Test func `an address where another device answers does not hide the true one`() {
    let book = self.book()
    // Remembered for Alice, but Bob is there now; an announcement tells where Alice is.
    book.learn(address(1), from: .remembered, name: nil, device: alice, at: .at(0))
    book.learn(address(2), from: .sighting, name: "alice", device: nil, at: .at(0))
    #expect(book.due(at: .at(0)).sorted() == [address(1), address(2)])
    book.up(LinkID(1), up(bob), address(1), at: .at(0))
    book.down(failed(address(2), .unanswered), at: .at(5))
    #expect(book.addresses.first?.device == bob)
    #expect(book.addresses(of: alice).isEmpty && book.addresses(of: bob) == [address(1)])
    #expect(book.due(at: .at(6)) == [address(2)])
    book.up(LinkID(2), up(alice), address(2), at: .at(6))
    // Alice is lost: her address is dialled, Bob's is not.
    book.down(lost(2), at: .at(100))
    #expect(book.due(at: .at(100)) == [address(2)])
  }

  @Test func `an address that moved to another device is looked at again`() {
    let book = self.book()
    book.learn(address(1), from: .seed, name: nil, device: nil, at: .at(0))
    #expect(book.due(at: .at(0)).count == 1)
    book.up(LinkID(1), up(alice), address(1), at: .at(0))
    book.up(LinkID(2), up(alice, isInitiator: false), address(9, 50_000), at: .at(10))
    book.down(lost(1), at: .at(20))
    #expect(book.due(at: .at(21)).isEmpty, "Alice is linked from her new address")
    book.learn(address(1), from: .sighting, name: "bob", device: nil, at: .at(30))
    #expect(book.due(at: .at(30)) == [address(1)])
  }

  @Test func `the node's own address is remembered until addresses change`() {
    let book = self.book()
    book.learn(address(1), from: .sighting, name: "me", device: nil, at: .at(0))
    #expect(book.due(at: .at(0)).count == 1)
    book.down(failed(address(1), .ownNode), at: .at(0))
    #expect(book.addresses.first?.isOwn == true)
    #expect(book.due(at: .at(1_000)).isEmpty && book.deadline == .distantFuture)
    book.restart(at: .at(2_000))
    #expect(book.due(at: .at(2_000)) == [address(1)])
  }

  @Test func `after a change of addresses everything that is not linked is tried at once`() {
    let book = self.book()
    for host in 1...5 {
      book.learn(address(UInt32(host)), from: .seed, name: nil, device: nil, at: .at(0))
    }
    for next in book.due(at: .at(0)) {
      if next == address(5) {
        book.up(LinkID(1), up(alice), next, at: .at(0))
      } else {
        book.down(failed(next), at: .at(0))
      }
    }
    #expect(book.due(at: .at(0.5)).isEmpty)
    book.restart(at: .at(0.5))
    #expect(book.due(at: .at(0.5)) == (1...4).map { address($0) })
  }

  @Test func `a removed device is dialled no more`() {
    let book = self.book()
    book.learn(address(1), from: .remembered, name: nil, device: alice, at: .at(0))
    book.learn(address(2), from: .remembered, name: nil, device: bob, at: .at(0))
    book.forget(alice)
    #expect(book.due(at: .at(0)) == [address(2)])
  }

  @Test func `places that cannot be dialled are not learned`() {
    let book = self.book()
    #expect(!book.learn(address(1, 0), from: .seed, name: nil, device: nil, at: .at(0)))
    let any = SocketAddress(.anyV4, port: 1)
    #expect(!book.learn(any, from: .seed, name: nil, device: nil, at: .at(0)))
    let group = SocketAddress(IPAddress(v4: 0xe000_00fb), port: 1)
    #expect(!book.learn(group, from: .seed, name: nil, device: nil, at: .at(0)))
    #expect(book.deadline == .distantFuture)
  }
}
