import Format
import Platform
import Testing

@testable import Daemon
@testable import Transport

/// What the names of seeds stand for, which changes.
@Suite(.serialized) struct SeedNamesTests {
  private let node = TurnedNode()

  /// Lets the loop think that a device is linked.
  private func link(_ loop: NodeLoop, _ number: UInt64, to address: SocketAddress) {
    let up = LinkUp(
      isInitiator: true, mode: .member, office: GroupID(Bytes32()),
      remoteKey: NoiseIdentity(Bytes32()),
      greeting: Greeting(
        certificate: EntryID(Bytes32()), bootNonce: BootNonce(Bytes16()), wallMilliseconds: 0,
        port: 0),
      handshakeHash: HandshakeHash(Bytes32()))
    loop.up[Transport.LinkID(number)] = .init(
      up: up, address: address, device: DeviceKey(Bytes32()), since: 0,
      began: loop.clock.now(), officeAtBegin: nil)
  }

  @Test func `a name is looked up again while no link leads to it, whoever else is linked`() throws
  {
    let name = "localhost:9"
    let loop = try node.start(seeds: [name, "10.0.0.9"])
    loop.addSeeds()
    var events: [PollEvent] = []
    func known() throws -> [SocketAddress] {
      // After so long it is a failure, and not a busy machine.
      let end = loop.clock.now() + .seconds(120)
      while loop.dialBook.addresses(from: .seed, name: name).isEmpty, loop.clock.now() < end {
        try loop.turn(&events)
      }
      return loop.dialBook.addresses(from: .seed, name: name)
    }
    let address = try #require(try known().first)
    // A computer of the own site is linked, and the other site has another address now.
    link(loop, 1, to: SocketAddress(IPAddress(v4: 0x0a00_0007), port: 47_474))
    #expect(loop.unlinkedSeedNames == [name])
    loop.dialBook.keep([], from: .seed, name: name)
    let now = loop.clock.now()
    loop.seedsResolvedAt = now + .seconds(1 - Limits.seedLookupSeconds)
    loop.resolveSeedsAgain(now)
    #expect(loop.seedsResolvedAt != now, "it is looked up once in that time")
    loop.seedsResolvedAt = now + .seconds(-Limits.seedLookupSeconds)
    loop.resolveSeedsAgain(now)
    try #require(loop.seedsResolvedAt == now)
    #expect(try known().contains(address))
    link(loop, 2, to: address)
    #expect(loop.unlinkedSeedNames.isEmpty)
    loop.up = [:]
    loop.stop()
  }
}
