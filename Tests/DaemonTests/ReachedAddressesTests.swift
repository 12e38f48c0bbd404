import Cryptography
import Format
import Platform
import Replication
import Testing

@testable import Daemon

/// What a node writes down of where others were reached.
@Suite struct ReachedAddressesTests {
  private let alice = NoiseIdentity(Bytes32(Random.bytes32()))
  private let bob = NoiseIdentity(Bytes32(Random.bytes32()))

  private func line(_ host: UInt32, _ device: NoiseIdentity) -> ReachedAddresses.Line {
    .init(
      address: SocketAddress(IPAddress(v4: 0x0a00_0000 + host), port: 47_474), device: device)
  }

  @Test func `the last addresses of each device stay, in the order in which they were met`() {
    var reached = ReachedAddresses()
    reached.note(answered: [line(1_000, bob)], said: [])
    for host in 1...300 as ClosedRange<UInt32> {
      reached.note(answered: [line(host, alice)], said: [])
    }
    #expect(reached.lines == [300, 299, 298, 297].map { line($0, alice) } + [line(1_000, bob)])
    #expect(ReachedAddresses(file: reached.file) == reached)
    let before = reached.file
    reached.note(answered: [line(300, alice)], said: [])
    reached.note(answered: [], said: [])
    #expect(reached.file == before)
    // Another device says that it listens there, and takes no place by it; then it answers there.
    reached.note(answered: [], said: [line(298, bob)])
    #expect(reached.lines.contains(line(298, alice)) && reached.lines.first == line(298, bob))
    reached.note(answered: [line(298, bob)], said: [])
    #expect(!reached.lines.contains(line(298, alice)))
    reached.keep { $0 == bob }
    #expect(reached.lines == [line(298, bob), line(1_000, bob)])
  }

  @Test func `of a whole office the newest are written down, and all of them can be read`() throws {
    var reached = ReachedAddresses()
    let long = try SocketAddress(
      parsing: "[2001:db8:1111:2222:3333:4444:5555:6666]:47474", defaultPort: 1)
    for _ in 0..<2 * ReachedAddresses.countMax {
      reached.note(
        answered: [.init(address: long, device: NoiseIdentity(Bytes32(Random.bytes32())))], said: []
      )
      reached.note(
        answered: [line(.random(in: 0..<1 << 24), NoiseIdentity(Bytes32(Random.bytes32())))],
        said: [])
    }
    reached.note(answered: [line(1, alice)], said: [])
    #expect(reached.lines.count == ReachedAddresses.countMax)
    #expect(reached.lines.first == line(1, alice))
    #expect(reached.file.count <= ReachedAddresses.bytesMax)
    #expect(ReachedAddresses(file: reached.file) == reached)
  }

  @Test
  func `what cannot be read is passed over, and addresses without a device are dialled once more`()
  {
    let text = "\n10.0.0.1:47474\nnonsense here\n10.0.0.2:47474 00ff\n\(line(3, bob).text)\n\u{ff}"
    var reached = ReachedAddresses(file: Array(text.utf8))
    #expect(reached.lines == [line(3, bob)])
    #expect(reached.unnamed == [line(1, bob).address])
    reached.note(answered: [line(3, bob)], said: [])
    #expect(reached.unnamed.isEmpty && reached.lines == [line(3, bob)])
  }
}
