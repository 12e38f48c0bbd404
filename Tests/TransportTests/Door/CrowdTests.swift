import Cryptography
import Format
import Platform
import Testing

@testable import Transport

/// Many strangers at one door, on real loopback sockets.
@Suite struct CrowdTests {
  private let key = DoorKey(NoiseKey())

  private func visitors(_ node: TestNode) -> [LinkID] {
    node.ups.filter { $0.up.mode == .digits && !$0.up.isInitiator }.map(\.id)
  }

  @Test func `of many strangers from one address a few are heard, and the oldest gives way`() throws
  {
    let sponsor = try TestNode.listening(2)
    sponsor.open(key)
    let stranger = try TestNode(1)
    var knocks: [LinkID] = []
    for number in 1...(3 * Limits.doorLinksPerAddressMax) {
      knocks.append(stranger.knock(sponsor))
      try #require(run(stranger, sponsor) { visitors(sponsor).count == number })
    }
    #expect(
      run(stranger, sponsor) { sponsor.infos.count == Limits.doorLinksPerAddressMax })
    #expect(sponsor.downs.allSatisfy { $0.end == .closedHere(.notNow) })
    #expect(Set(sponsor.downs.map(\.id)) == Set(visitors(sponsor).prefix(sponsor.downs.count)))
  }

  @Test func `whoever is compared with is not pushed out, and others are turned away`() throws {
    let sponsor = try TestNode.listening(2)
    sponsor.open(key)
    let stranger = try TestNode(1)
    for number in 1...Limits.doorLinksPerAddressMax {
      stranger.knock(sponsor)
      try #require(run(stranger, sponsor) { visitors(sponsor).count == number })
    }
    for link in visitors(sponsor) { sponsor.hold(link, until: .at(600)) }
    for number in 1...20 {
      stranger.knock(sponsor)
      try #require(run(stranger, sponsor) { sponsor.downs.count == number })
    }
    #expect(sponsor.downs.allSatisfy { $0.end == .full && !$0.wasUp })
    #expect(visitors(sponsor).count == Limits.doorLinksPerAddressMax)
  }

  @Test func `strangers at the door take no place from those who know the office`() throws {
    let sponsor = try TestNode.listening(2)
    sponsor.open(key)
    let stranger = try TestNode(1)
    for number in 1...Limits.doorLinksPerAddressMax {
      stranger.knock(sponsor)
      try #require(run(stranger, sponsor) { visitors(sponsor).count == number })
    }
    let joiner = try TestNode(3)
    let link = joiner.dial(SocketAddress(.loopbackV4, port: sponsor.port), mode: .ticket)
    #expect(run(joiner, sponsor) { joiner.ups.contains { $0.id == link } })
    #expect(sponsor.downs.isEmpty)
  }

  @Test func `once the door is closed nobody new is answered`() throws {
    let sponsor = try TestNode.listening(2)
    sponsor.open(key)
    sponsor.open(nil)
    let stranger = try TestNode(1)
    stranger.knock(sponsor)
    #expect(run(stranger, sponsor) { !stranger.downs.isEmpty })
    #expect(stranger.downs.map(\.end) == [.cut] && stranger.ups.isEmpty)
    #expect(sponsor.downs.map(\.end) == [.modeRefused])
  }
}
