import Platform
import Testing

@testable import Discovery

private let publication = Publication(port: 47_474, announcement: announcement(1))
/// The first name that counting entropy gives.
private let ownName = name(0x0100_0000_0000_0000)
private let nextName = name(0x0200_0000_0000_0000)

struct DiscoveryMachineTests {
  @Test func `it browses before it announces, and does not wait for either`() {
    let driven = Driven()
    #expect(driven.hear(.announce(publication)) == [.openClient])
    let effects = driven.hear(.client(.running))
    #expect(
      effects == [.browse, .tell(.state(.running)), .announce(ownName, publication)])
    #expect(resolvers(driven.hear(appeared(5))).count == 1)
  }

  @Test func `what is seen is resolved and told, with whose it is`() throws {
    let driven = Driven()
    driven.run()
    let ours = told(try driven.see(5, office: 1))
    let theirs = told(try driven.see(6, office: 2))
    guard case .sighted(let first) = try #require(ours.first),
      case .sighted(let second) = try #require(theirs.first)
    else {
      Issue.record("nothing was sighted")
      return
    }
    #expect(first.isRecognised && !second.isRecognised)
    #expect(first.address.description == "10.0.0.9:47000")
    #expect(first.place == place(5))
    #expect(told(driven.hear(vanished(5))) == [.lost(place(5))])
    #expect(told(driven.hear(vanished(5))).isEmpty)
    #expect(driven.machine.status.sightings == 1)
  }

  @Test func `a finished resolver is freed at once`() throws {
    let driven = Driven()
    driven.run()
    let id = try #require(resolvers(driven.hear(appeared(5))).first)
    let effects = driven.hear(.resolved(id, resolved()))
    #expect(effects.first == .freeResolver(id))
    #expect(driven.hear(.resolved(id, resolved())).isEmpty)
  }

  @Test func `one that vanishes while it is resolved is let go`() throws {
    let driven = Driven()
    driven.run()
    let id = try #require(resolvers(driven.hear(appeared(5))).first)
    #expect(driven.hear(vanished(5)) == [.freeResolver(id)])
    #expect(driven.hear(.resolved(id, resolved())).isEmpty)
  }

  @Test(
    arguments: [
      resolved(port: 0), resolved(address: []), resolved(address: [1, 2, 3]),
      resolved(address: [127, 0, 0, 1]), resolved(address: [0, 0, 0, 0]),
      resolved(address: [224, 0, 0, 251]), resolved(address: [255, 255, 255, 255]),
      resolved(address: [UInt8](repeating: 0, count: 16)),
      resolved(address: [UInt8](repeating: 0, count: 15) + [1]),
      resolved(address: [0xff, 2] + [UInt8](repeating: 0, count: 13) + [0xfb]),
      resolved(address: [UInt8](repeating: 0, count: 10) + [0xff, 0xff, 127, 0, 0, 1]),
      resolved(text: []), resolved(text: [200, 0x76]),
      resolved(text: [UInt8](repeating: 0, count: DiscoveryLimits.textBytesMax + 1)),
    ])
  private func `what cannot be a node is ignored and counted`(
    _ odd: DiscoveryInput.Resolved
  ) throws {
    let driven = Driven()
    driven.run()
    let id = try #require(resolvers(driven.hear(appeared(5))).first)
    #expect(driven.hear(.resolved(id, odd)) == [.freeResolver(id)])
    #expect(driven.machine.status.ignored == 1)
    #expect(driven.machine.status.sightings == 0)
  }

  @Test(
    arguments: ["", "lo", "docker0", "virbr0", "veth12ab", "tun0", "br-0123456789ab", "wg0"])
  func `interfaces that lead to no other computer are skipped`(interfaceName: String) {
    let driven = Driven()
    driven.run()
    #expect(driven.hear(appeared(5, interfaceName: interfaceName)).isEmpty)
    #expect(driven.hear(appeared(6, interface: -1)).isEmpty)
    #expect(resolvers(driven.hear(appeared(7, interfaceName: "enp3s0"))).count == 1)
  }

  @Test func `names of another form are counted and never resolved`() {
    let driven = Driven()
    driven.run()
    for text in ["a.b", "<script>", "\u{202e}", "", String(repeating: "x", count: 64)] {
      let input = DiscoveryInput.browsing(
        .appeared(
          name: Array(text.utf8), interface: 2, interfaceName: "eth0", overIPv6: false))
      #expect(driven.hear(input).isEmpty)
    }
    #expect(driven.machine.status.ignored == 5)
  }

  @Test func `our own announcement is not a sighting, under its former name either`() {
    let driven = Driven()
    driven.run()
    driven.hear(.announce(publication))
    #expect(driven.hear(appeared(0x0100_0000_0000_0000)).isEmpty)
    driven.hear(.announcing(.collision))
    #expect(driven.hear(appeared(0x0100_0000_0000_0000)).isEmpty)
    #expect(driven.hear(appeared(0x0200_0000_0000_0000)).isEmpty)
  }

  @Test func `a collision brings another random name, at once and then more slowly`() throws {
    let driven = Driven()
    driven.run()
    driven.hear(.announce(publication), .announcing(.registering))
    let effects = driven.hear(.announcing(.collision))
    #expect(effects.prefix(2) == [.withdraw, .announce(nextName, publication)])
    driven.hear(.announcing(.collision))
    #expect(driven.hear(.announcing(.collision)).contains(.withdraw))
    var pauses: [Duration] = []
    for _ in 0..<4 {
      let before = driven.now
      let next = try driven.sleep()
      #expect(next.count { if case .announce = $0 { true } else { false } } == 1)
      pauses.append(driven.now - before)
      driven.hear(.announcing(.collision))
    }
    #expect(pauses == [.milliseconds(500), .seconds(2), .seconds(2), .seconds(2)])
  }

  @Test func `refused announcing is told and tried again, while browsing goes on`() throws {
    let driven = Driven()
    driven.run()
    driven.hear(.announce(publication))
    let refusal = AvahiError(-50)
    let effects = driven.hear(.announcing(.failed(refusal)))
    #expect(effects.first == .withdraw)
    #expect(told(effects) == [.publication(.refused("\(refusal)"))])
    #expect(resolvers(driven.hear(appeared(5))).count == 1)
    #expect(driven.machine.status.state == .running)
    let before = driven.now
    #expect(try driven.sleep().contains(.announce(ownName, publication)))
    #expect(driven.now - before == DiscoveryLimits.refusedPause)
  }

  @Test func `another hint changes the text, another port the announcement`() {
    let driven = Driven()
    driven.run()
    driven.hear(.announce(publication), .announcing(.established))
    let other = Publication(port: 47_474, announcement: announcement(2))
    #expect(driven.hear(.announce(other)) == [.updateText(ownName, announcement(2))])
    #expect(driven.hear(.announce(other)).isEmpty)
    let moved = Publication(port: 47_475, announcement: announcement(2))
    #expect(driven.hear(.announce(moved)) == [.withdraw, .announce(ownName, moved)])
    #expect(
      driven.hear(.announce(nil)) == [.withdraw, .tell(.publication(.none))])
  }

  @Test func `without a bus it tries again, ever more slowly but within two seconds`() throws {
    let driven = Driven()
    driven.hear(.announce(publication))
    var pauses: [Duration] = []
    for _ in 0..<8 {
      let effects = driven.hear(.noClient(.noDaemon, busReached: false))
      #expect(effects.first == .closeClient)
      let before = driven.now
      #expect(try driven.sleep() == [.openClient])
      pauses.append(driven.now - before)
    }
    #expect(pauses == pauses.sorted() && pauses.first == .milliseconds(100))
    #expect(pauses.last == .seconds(2))
    #expect(driven.machine.status.state.text.hasPrefix("the system bus cannot be reached"))
    let effects = driven.hear(.client(.running))
    #expect(effects.contains(.browse) && effects.contains(.announce(ownName, publication)))
  }

  @Test func `while Avahi is absent it waits for D-Bus to tell, and looks once a minute`() throws {
    let driven = Driven()
    driven.hear(.announce(publication))
    #expect(told(driven.hear(.client(.awaitingAvahi))) == [.state(.avahiAbsent)])
    let before = driven.now
    #expect(try driven.sleep() == [.closeClient, .openClient])
    #expect(driven.now - before == DiscoveryLimits.absentPause)
    #expect(driven.hear(.client(.awaitingAvahi)).isEmpty)
    let effects = driven.hear(.client(.running))
    #expect(effects.contains(.browse) && effects.contains(.announce(ownName, publication)))
  }

  @Test func `when the connection breaks everything begins anew under the same name`() throws {
    let driven = Driven()
    driven.run()
    driven.hear(.announce(publication), .announcing(.established))
    for number in 1...3 as ClosedRange<UInt64> { _ = try driven.see(number) }
    let pending = try #require(resolvers(driven.hear(appeared(4))).first)
    let broken = driven.hear(.client(.failed(.disconnected)))
    #expect(broken.first == .closeClient)
    #expect(driven.machine.status.publication == .none)
    // Stragglers of the old client say nothing.
    #expect(driven.hear(.resolved(pending, resolved()), vanished(1), appeared(9)).isEmpty)
    #expect(try driven.sleep() == [.openClient])
    let again = driven.hear(.client(.running))
    #expect(again.contains(.announce(ownName, publication)))
    driven.hear(appeared(2))
    #expect(told(driven.hear(.browsing(.allForNow))) == [.lost(place(1)), .lost(place(3))])
  }

  @Test func `while Avahi settles its host name one can browse but not announce`() {
    let driven = Driven()
    driven.hear(.announce(publication))
    let settling = driven.hear(.client(.settling))
    #expect(settling == [.browse, .tell(.state(.running))])
    #expect(driven.hear(.client(.running)) == [.announce(ownName, publication)])
    driven.hear(.announcing(.established))
    #expect(
      driven.hear(.client(.settling)) == [.withdraw, .tell(.publication(.none))])
    #expect(driven.hear(.client(.running)) == [.announce(ownName, publication)])
  }

  @Test func `healthy and idle it wakes only to ask whether Avahi answers`() throws {
    let driven = Driven()
    driven.run()
    driven.hear(.announce(publication), .announcing(.established))
    for _ in 0..<5 {
      let before = driven.now
      #expect(try driven.sleep() == [.ask])
      #expect(driven.now - before == DiscoveryLimits.heartbeatPause)
    }
    let effects = driven.hear(.notAnswered(.timeout))
    #expect(effects.first == .closeClient)
  }

  @Test func `a resolver that ends because Avahi has no room is let go like any other`() throws {
    let driven = Driven()
    driven.run()
    let first = try #require(resolvers(driven.hear(appeared(1))).first)
    #expect(driven.hear(.resolveFailed(first, .tooManyObjects)) == [.freeResolver(first)])
    // Once: it runs no more.
    #expect(driven.hear(.resolveFailed(first, .tooManyObjects)).isEmpty)
    #expect(resolvers(try driven.sleep()).count == 1)
  }

  @Test func `a refresh resolves everything again, at most once a second`() throws {
    let driven = Driven()
    driven.run()
    for number in 1...5 as ClosedRange<UInt64> { _ = try driven.see(number) }
    let ids = resolvers(driven.hear(.refresh))
    #expect(ids.count == 5)
    #expect(driven.hear(.refresh).isEmpty)
    #expect(told(driven.hear(.resolveFailed(ids[0], .timeout))).count == 1)
    for id in ids.dropFirst() { driven.hear(.resolved(id, resolved())) }
    driven.now = driven.now + DiscoveryLimits.refreshPause
    #expect(resolvers(driven.hear(.refresh)).count == 5)
  }

  @Test func `whoever was of our office and does not answer is looked for at each refresh`() throws
  {
    let driven = Driven()
    driven.run()
    for number in 1...2 as ClosedRange<UInt64> {
      _ = try driven.see(number, office: UInt8(number))
    }
    func places(_ effects: [DiscoveryEffect]) -> [(id: ResolveQueue.ID, place: SightingPlace)] {
      effects.compactMap { if case .resolve(let id, let place) = $0 { (id, place) } else { nil } }
    }
    func asked() -> [(id: ResolveQueue.ID, place: SightingPlace)] {
      driven.now = driven.now + .seconds(30)
      return places(driven.hear(.refresh))
    }
    // Asleep: it is announced still, and nobody answers.
    for round in 1...10 {
      var open = asked()
      #expect(open.contains { $0.place == place(1) }, "in round \(round)")
      while let one = open.popLast() {
        open += places(driven.hear(.resolveFailed(one.id, .timeout)))
      }
    }
    // Back with another address.
    let back = try #require(asked().first { $0.place == place(1) })
    let events = told(driven.hear(.resolved(back.id, resolved(host: 77))))
    guard case .sighted(let sighting)? = events.first else {
      Issue.record("nothing was sighted")
      return
    }
    #expect(sighting.address.description == "10.0.0.77:47000")
    // Gone for good, it is asked for no more.
    driven.hear(vanished(1))
    #expect(!asked().contains { $0.place == place(1) })
  }

  @Test func `a refresh that comes too soon is put off and not dropped`() throws {
    let driven = Driven()
    driven.run()
    for number in 1...3 as ClosedRange<UInt64> { _ = try driven.see(number) }
    for id in resolvers(driven.hear(.refresh)) { driven.hear(.resolved(id, resolved())) }
    #expect(driven.hear(.refresh).isEmpty)
    #expect(driven.machine.deadline(at: driven.now) == driven.now + DiscoveryLimits.refreshPause)
    driven.now = driven.now + DiscoveryLimits.refreshPause
    #expect(resolvers(driven.hear(.tick)).count == 3)
    // Once, however often it was asked for.
    driven.now = driven.now + DiscoveryLimits.refreshPause
    #expect(resolvers(driven.hear(.tick)).isEmpty)
  }

  @Test func `an interface that is named counts whatever it looks like, and others do not`() {
    let filter = InterfaceFilter.physical(and: ["docker0"])
    #expect(filter.admits("docker0") && filter.admits("eth0"))
    #expect(!filter.admits("docker1") && !filter.admits("lo") && !filter.admits(""))
  }

  @Test func `thousands of strangers take no more than their share`() throws {
    let driven = Driven()
    driven.run()
    _ = try driven.see(1, host: 1, office: 1)
    var open: Set<ResolveQueue.ID> = []
    func account(_ effects: [DiscoveryEffect]) {
      for effect in effects {
        if case .resolve(let id, _) = effect { open.insert(id) }
        if case .freeResolver(let id) = effect { open.remove(id) }
      }
    }
    for number in 100..<6_100 as Range<UInt64> { account(driven.hear(appeared(number))) }
    #expect(open.count <= DiscoveryLimits.resolversMax)
    #expect(driven.machine.status.waiting <= DiscoveryLimits.waitingMax)
    #expect(driven.machine.status.crowdedOut > 0)
    for _ in 0..<3_000 {
      for id in open.sorted(by: { $0.number < $1.number }) {
        account(driven.hear(.resolved(id, resolved(host: 66, office: 2))))
      }
      guard driven.machine.status.waiting > 0 else { break }
      account(try driven.sleep())
      #expect(open.count <= DiscoveryLimits.resolversMax)
    }
    #expect(driven.machine.status.waiting == 0)
    #expect(driven.machine.status.sightings == DiscoveryLimits.sightingsMax)
    #expect(told(driven.hear(vanished(1))) == [.lost(place(1))])
  }
}
