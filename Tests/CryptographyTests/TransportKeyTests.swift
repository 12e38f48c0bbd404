import TestSupport
import Testing

@testable import Cryptography

/// What passes over a link after its handshake.
@Suite struct TransportKeyTests {
  static let text = Array("over the link".utf8)

  static func seal(_ text: [UInt8], with key: inout TransportKey) throws -> [UInt8] {
    var message = text + [UInt8](repeating: 0, count: TransportKey.tagCount)
    let count = try key.seal(in: &message, at: 0, count: text.count)
    #expect(count == message.count)
    return message
  }

  static func open(_ message: [UInt8], with key: inout TransportKey) throws -> [UInt8] {
    var buffer = message
    let count = try key.open(in: &buffer, at: 0, count: message.count)
    return Array(buffer[..<count])
  }

  @Test func `both directions carry messages in order`() throws {
    var sessions = try HandshakePair.sessions()
    for number in 0..<300 {
      let text = Array("message \(number)".utf8)
      let there = try Self.seal(text, with: &sessions.initiator.sending)
      let arrived = try Self.open(there, with: &sessions.responder.receiving)
      let back = try Self.seal(text, with: &sessions.responder.sending)
      let returned = try Self.open(back, with: &sessions.initiator.receiving)
      #expect(arrived == text && returned == text)
      #expect(there != back)
    }
  }

  @Test func `the two directions can be given to two owners`() throws {
    let sessions = try HandshakePair.sessions()
    let one = sessions.initiator
    let other = sessions.responder
    var sender = one.divide { Ends(sending: $0, receiving: $1) }
    var receiver = other.divide { Ends(sending: $0, receiving: $1) }
    let message = try Self.seal(Self.text, with: &sender.sending)
    let opened = try Self.open(message, with: &receiver.receiving)
    #expect(opened == Self.text)
  }

  struct Ends: ~Copyable {
    var sending, receiving: TransportKey
  }

  @Test func `a replayed, skipped, reordered or reflected message is refused`() throws {
    var sessions = try HandshakePair.sessions()
    let first = try Self.seal(Self.text, with: &sessions.initiator.sending)
    let second = try Self.seal(Self.text, with: &sessions.initiator.sending)
    #expect(first != second)
    #expect(throws: CryptographyError.notGenuine) {
      _ = try Self.open(second, with: &sessions.responder.receiving)
    }
    #expect(throws: CryptographyError.notGenuine) {
      _ = try Self.open(first, with: &sessions.initiator.receiving)
    }
    // A refusal does not count: the genuine messages still open, each once.
    let opened = try Self.open(first, with: &sessions.responder.receiving)
    #expect(opened == Self.text)
    #expect(throws: CryptographyError.notGenuine) {
      _ = try Self.open(first, with: &sessions.responder.receiving)
    }
    let next = try Self.open(second, with: &sessions.responder.receiving)
    #expect(next == Self.text)
  }

  @Test func `every flipped bit of a short message is refused`() throws {
    var sessions = try HandshakePair.sessions()
    let message = try Self.seal(Self.text, with: &sessions.initiator.sending)
    for bit in 0..<(8 * message.count) {
      var changed = message
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: CryptographyError.notGenuine) {
        _ = try Self.open(changed, with: &sessions.responder.receiving)
      }
    }
  }

  @Test func `the lengths of Noise are kept on both sides`() throws {
    var sessions = try HandshakePair.sessions()
    let longest = [UInt8](repeating: 7, count: TransportKey.plaintextMax)
    let message = try Self.seal(longest, with: &sessions.initiator.sending)
    #expect(message.count == 65_535)
    let opened = try Self.open(message, with: &sessions.responder.receiving)
    #expect(opened == longest)
    #expect(throws: CryptographyError.tooLong) {
      _ = try Self.seal(longest + [7], with: &sessions.initiator.sending)
    }
    let long = [UInt8](repeating: 0, count: 65_536)
    #expect(throws: CryptographyError.tooLong) {
      _ = try Self.open(long, with: &sessions.responder.receiving)
    }
    for count in 0..<16 {
      let short = [UInt8](repeating: 0, count: count)
      #expect(throws: CryptographyError.truncated) {
        _ = try Self.open(short, with: &sessions.responder.receiving)
      }
    }
    let empty = try Self.seal([], with: &sessions.initiator.sending)
    let nothing = try Self.open(empty, with: &sessions.responder.receiving)
    #expect(empty.count == 16 && nothing.isEmpty)
  }

  @Test func `sealing elsewhere equals sealing in place`() throws {
    var sending = TransportKey(
      try SecretBytes(copying: HandshakePair.psk.span, count: 32, in: .plain), counter: 5)
    var other = TransportKey(
      try SecretBytes(copying: HandshakePair.psk.span, count: 32, in: .plain), counter: 5)
    let message = try Self.seal(Self.text, with: &sending)
    var target = [UInt8](repeating: 0xee, count: 2 + message.count)
    var span = target.mutableSpan
    let count = try other.seal(Self.text.span, into: &span, at: 2)
    #expect(target == [0xee, 0xee] + message && count == message.count)
  }

  @Test func `the last number is never used`() throws {
    var sending = TransportKey(SecretBytes(randomCount: 32, in: .plain), counter: .max - 1)
    _ = try Self.seal(Self.text, with: &sending)
    #expect(throws: CryptographyError.nonceExhausted) {
      _ = try Self.seal(Self.text, with: &sending)
    }
    var receiving = TransportKey(SecretBytes(randomCount: 32, in: .plain), counter: .max)
    #expect(throws: CryptographyError.nonceExhausted) {
      _ = try Self.open([UInt8](repeating: 0, count: 16), with: &receiving)
    }
  }
}
