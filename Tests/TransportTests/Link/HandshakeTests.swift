import Cryptography
import Format
import Platform
import Testing

@testable import Transport

@Suite struct HandshakeTests {
  /// What the initiator sends first, what the responder answers, and what ends the handshake.
  private struct Recording {
    var first: [UInt8] = []
    var second: [UInt8] = []
    var third: [UInt8] = []
  }

  private func record() throws -> Recording {
    let pair = try LinkPair()
    var recording = Recording()
    recording.first = pair.a.takeOutput()
    pair.b.received(recording.first, at: .at(0))
    recording.second = pair.b.takeOutput()
    pair.a.received(recording.second, at: .at(0))
    recording.third = pair.a.takeOutput()
    return recording
  }

  @Test func `both sides learn who the other is and agree on the hash`() throws {
    var pair = try LinkPair()
    pair.settle()
    pair.takeEvents()
    let a = try #require(pair.aEvents.ups.first)
    let b = try #require(pair.bEvents.ups.first)
    #expect(a.handshakeHash == b.handshakeHash)
    #expect(!a.handshakeHash.isZero)
    #expect(a.remoteKey == (try Someone.keys(2).identity))
    #expect(b.remoteKey == (try Someone.keys(1).identity))
    #expect((a.isInitiator, b.isInitiator) == (true, false))
    #expect(a.office == Someone.office && b.office == Someone.office)
    #expect(a.greeting.port == 22 && b.greeting.port == 11)
    #expect(a.greeting.certificate == (try Someone.identity(2).certificate))
    #expect(b.greeting.bootNonce == Someone.hello(1).bootNonce)
    #expect(pair.aEvents.count == 1 && pair.bEvents.count == 1)
  }

  @Test func `the messages have the lengths the chapter gives`() throws {
    let recording = try record()
    #expect(recording.first.count == Preface.size + 2 + 48)
    #expect(recording.second.count == 2 + 160)
    #expect(recording.third.count == 2 + 128)
  }

  @Test func `a joiner shows no certificate and the mode is told`() throws {
    var pair = LinkPair(
      a: try Someone.identity(1), b: [try Someone.identity(2)], mode: .ticket)
    pair.settle()
    pair.takeEvents()
    let b = try #require(pair.bEvents.ups.first)
    #expect(b.mode == .ticket)
    #expect(b.greeting.certificate.isZero)
    #expect(try #require(pair.aEvents.ups.first).greeting.certificate.isZero == false)
  }

  @Test func `a responder finds the office among several`() throws {
    var pair = LinkPair(
      a: try Someone.identity(1, office: Someone.otherOffice, secret: 9),
      b: [
        try Someone.identity(2), try Someone.identity(3, office: Someone.otherOffice, secret: 9),
      ])
    pair.settle()
    pair.takeEvents()
    #expect(pair.bEvents.ups.first?.office == Someone.otherOffice)
    #expect(pair.aEvents.ups.first?.remoteKey == (try Someone.keys(3).identity))
  }

  @Test func `bytes one at a time make the same link`() throws {
    var pair = try LinkPair()
    for _ in 0..<4 {
      for byte in pair.a.takeOutput() { pair.b.received([byte], at: .at(0)) }
      for byte in pair.b.takeOutput() { pair.a.received([byte], at: .at(0)) }
    }
    pair.takeEvents()
    #expect(pair.aEvents.ups.count == 1 && pair.bEvents.ups.count == 1)
    #expect(pair.aEvents.ends.isEmpty && pair.bEvents.ends.isEmpty)
  }

  @Test func `a handshake cut anywhere waits, and is over when the time is up`() throws {
    let recording = try record()
    for count in 0..<recording.first.count {
      var pair = try LinkPair()
      pair.b.received(Array(recording.first[..<count]), at: .at(0))
      #expect(!pair.b.hasOutput, "nothing may be answered to \(count) bytes")
      pair.b.tick(at: .at(9.9))
      #expect(pair.b.isHalfOpen)
      #expect(pair.b.deadline == .at(10))
      pair.b.tick(at: .at(10))
      pair.takeEvents()
      #expect(pair.bEvents.ends == [.late])
      #expect(pair.b.isFinished && !pair.b.hasOutput)
    }
    for count in 0..<(2 + HandshakeSize.message3) {
      var pair = try LinkPair()
      pair.b.received(pair.a.takeOutput(), at: .at(0))
      pair.a.received(pair.b.takeOutput(), at: .at(0))
      pair.b.received(Array(pair.a.takeOutput()[..<count]), at: .at(0))
      pair.b.connectionEnded(.cut)
      pair.takeEvents()
      #expect(pair.bEvents.ups.isEmpty && pair.bEvents.ends == [.cut])
    }
  }

  @Test func `every flipped bit of the first bytes is refused without an answer`() throws {
    let recording = try record()
    for bit in 0..<recording.first.count * 8 {
      // The mode's lowest bit makes a joiner of a member, which message 1 then does not prove.
      var pair = try LinkPair()
      pair.b.received(flip(recording.first, bit), at: .at(0))
      pair.takeEvents()
      #expect(pair.bEvents.ends.count == 1, "bit \(bit) was not refused")
      #expect(pair.bEvents.ups.isEmpty && !pair.b.hasOutput && pair.b.isFinished)
    }
  }

  @Test func `every flipped bit of message 2 is refused without an answer`() throws {
    for bit in 0..<(2 + HandshakeSize.message2) * 8 {
      var pair = try LinkPair()
      pair.b.received(pair.a.takeOutput(), at: .at(0))
      pair.a.received(flip(pair.b.takeOutput(), bit), at: .at(0))
      pair.takeEvents()
      #expect(pair.aEvents.ends == [.violation(.h2)], "bit \(bit) was not refused")
      #expect(pair.aEvents.ups.isEmpty && !pair.a.hasOutput && pair.a.isFinished)
    }
  }

  @Test func `every flipped bit of message 3 is refused without an answer`() throws {
    for bit in 0..<(2 + HandshakeSize.message3) * 8 {
      var pair = try LinkPair()
      pair.b.received(pair.a.takeOutput(), at: .at(0))
      pair.a.received(pair.b.takeOutput(), at: .at(0))
      pair.b.received(flip(pair.a.takeOutput(), bit), at: .at(0))
      pair.takeEvents()
      #expect(pair.bEvents.ends == [.violation(.h2)], "bit \(bit) was not refused")
      #expect(pair.bEvents.ups.isEmpty && !pair.b.hasOutput && pair.b.isFinished)
    }
  }

  private func flip(_ bytes: [UInt8], _ bit: Int) -> [UInt8] {
    var bytes = bytes
    bytes[bit / 8] ^= 1 << UInt8(bit % 8)
    return bytes
  }

  @Test func `another secret is a stranger`() throws {
    var pair = LinkPair(a: try Someone.identity(1, secret: 5), b: [try Someone.identity(2)])
    pair.settle()
    pair.takeEvents()
    #expect(pair.bEvents.ends == [.stranger])
    #expect(pair.aEvents.isEmpty)
  }

  @Test func `another office with the same secret is a stranger`() throws {
    var pair = LinkPair(
      a: try Someone.identity(1, office: Someone.otherOffice), b: [try Someone.identity(2)])
    pair.settle()
    pair.takeEvents()
    #expect(pair.bEvents.ends == [.stranger])
  }

  @Test func `a node without an office answers nobody`() throws {
    var pair = LinkPair(a: try Someone.identity(1), b: [])
    pair.settle()
    pair.takeEvents()
    #expect(pair.bEvents.ends == [.stranger])
  }

  @Test func `replayed messages make no link`() throws {
    let old = try record()
    var pair = try LinkPair()
    pair.b.received(old.first, at: .at(0))
    #expect(pair.b.hasOutput, "message 1 alone proves the office's secret, old or new")
    pair.b.received(old.third, at: .at(0))
    pair.takeEvents()
    #expect(pair.bEvents.ups.isEmpty && pair.bEvents.ends == [.violation(.h2)])

    var other = try LinkPair()
    _ = other.a.takeOutput()
    other.a.received(old.second, at: .at(0))
    other.takeEvents()
    #expect(other.aEvents.ups.isEmpty && other.aEvents.ends == [.violation(.h2)])
  }

  @Test(arguments: [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ])
  func `a key of low order is refused`(key: String) throws {
    // Message 1 of someone who knows the secret but sends such a key as ephemeral: made by the
    // pattern itself, with the tag over the bad key.
    let bad = try #require(bytes(hex: key))
    var pair = try LinkPair()
    pair.b.received(try Forger.message1(ephemeral: bad), at: .at(0))
    pair.takeEvents()
    #expect(pair.bEvents.ups.isEmpty && pair.bEvents.ends == [.violation(.h2)])
    #expect(!pair.b.hasOutput)
  }

  @Test func `another version is told apart from a wrong port`() throws {
    var pair = try LinkPair()
    pair.b.received(Array("ZRF1".utf8) + [2, 0], at: .at(0))
    pair.takeEvents()
    #expect(pair.bEvents.ends == [.anotherVersion(2)])

    var stray = try LinkPair()
    stray.b.received(Array("GET / HTTP/1.1\r\n\r\n".utf8), at: .at(0))
    stray.takeEvents()
    #expect(stray.bEvents.ends == [.violation(.h1)])
    #expect(!stray.b.hasOutput)
  }

  @Test func `joining by digits and unknown modes are refused`() throws {
    var digits = try LinkPair()
    digits.b.received(Array("ZRF1".utf8) + [1, 2], at: .at(0))
    digits.takeEvents()
    #expect(digits.bEvents.ends == [.modeRefused])

    var unknown = try LinkPair()
    unknown.b.received(Array("ZRF1".utf8) + [1, 3], at: .at(0))
    unknown.takeEvents()
    #expect(unknown.bEvents.ends == [.violation(.h1)])
  }

  @Test func `a node that meets itself ends the link`() throws {
    var pair = LinkPair(
      a: try Someone.identity(1), b: [try Someone.identity(1)], aNonce: 3, bNonce: 3)
    pair.settle()
    pair.takeEvents()
    #expect(pair.aEvents.ends == [.ownNode] && pair.aEvents.ups.isEmpty)
    #expect(pair.bEvents.ends == [.ownNode] && pair.bEvents.ups.isEmpty)
  }

  @Test func `a computer with the same keys is noticed on both sides`() throws {
    var pair = LinkPair(
      a: try Someone.identity(1), b: [try Someone.identity(1)], aNonce: 3, bNonce: 4)
    pair.settle()
    pair.takeEvents()
    #expect(pair.aEvents.ends == [.copied] && pair.aEvents.ups.isEmpty)
    #expect(pair.bEvents.ends == [.copied] && pair.bEvents.ups.isEmpty)
  }
}
