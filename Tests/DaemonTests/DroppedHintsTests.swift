import Format
import Platform
import Testing

@testable import Daemon
@testable import Discovery
@testable import Transport

/// What a node believes of the network when more was announced than it could take in.
@Suite(.serialized) struct DroppedHintsTests {
  private let node = TurnedNode()

  @Test func `when a goodbye may have been dropped nobody is believed who is not announced anew`()
    throws
  {
    let loop = try node.start()
    let now = loop.clock.now()
    let (announced, seed) = (
      SocketAddress(IPAddress(v4: 0x0a00_0001), port: 1),
      SocketAddress(IPAddress(v4: 0x0a00_0002), port: 1)
    )
    let instance = try #require(InstanceName(bytes: Array("00000000000000aa".utf8)))
    let place = SightingPlace(instance: instance, interface: 1, overIPv6: false)
    loop.dialBook.learn(
      announced, from: .sighting, name: "00000000000000aa", place: place.description, device: nil,
      at: now)
    loop.dialBook.learn(seed, from: .seed, name: "s", device: nil, at: now)
    _ = loop.doorsSeen.note(
      Sighting(
        place: place, interfaceName: "eth0", address: announced,
        announcement: Announcement(
          salt: [UInt8](repeating: 1, count: 8), hint: [UInt8](repeating: 2, count: 8),
          isDoorOpen: true), isRecognised: false), at: now)
    // A box with room for hints drops none, and all is believed as before.
    let isTaken = loop.mailbox.send(.discovery(.state(.running)), filling: 2)
    loop.takeLetters(now)
    #expect(isTaken && loop.dialBook.addresses.map(\.address) == [announced, seed])
    // One without room.
    _ = loop.mailbox.send(.resolved("", []))
    let isLost = !loop.mailbox.send(.discovery(.lost(place)), filling: 16_384)
    loop.takeLetters(now)
    #expect(isLost && loop.dialBook.addresses.map(\.address) == [seed])
    #expect(loop.doorsSeen.places.isEmpty)
    loop.stop()
  }

  @Test func `beside hints there is room for all that must not be lost`() {
    // A name may be handed over while as many are looked up.
    #expect(NodeLoop.lettersMax / 2 >= Limits.storeQueueBatchesMax + 2 * NodeLoop.namesMax)
  }
}
