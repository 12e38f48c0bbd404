import TestSupport
import Testing

@testable import Cryptography

/// The handshakes of the product, and what becomes of one that is disturbed.
@Suite struct NoiseHandshakeTests {
  @Test func `a handshake has the lengths of the protocol and proves both keys`() throws {
    let initiatorKey = NoiseKey()
    let responderKey = NoiseKey()
    let psk = PreSharedKey()
    var initiator = NoiseHandshake(
      .initiator, prologue: HandshakePair.prologue.span, staticKey: initiatorKey,
      preSharedKey: psk)
    var responder = NoiseHandshake(
      .responder, prologue: HandshakePair.prologue.span, staticKey: responderKey,
      preSharedKey: psk)
    let first = try initiator.writeMessage(Span())
    let none = try responder.readMessage(first.span)
    let second = try responder.writeMessage(HandshakePair.greeting.span)
    let greeting = try initiator.readMessage(second.span)
    let beforeThird = responder.remoteStatic
    let third = try initiator.writeMessage(HandshakePair.greeting.span)
    let answer = try responder.readMessage(third.span)
    #expect(first.count == 48 && second.count == 160 && third.count == 128)
    #expect(none.isEmpty)
    #expect(greeting == HandshakePair.greeting && answer == HandshakePair.greeting)
    #expect(beforeThird == nil)

    let initiatorSession = initiator.finish()
    let responderSession = responder.finish()
    #expect(initiatorSession.remoteStatic == responderKey.publicKey)
    #expect(responderSession.remoteStatic == initiatorKey.publicKey)
    let hashes = [initiatorSession.handshakeHash.array, responderSession.handshakeHash.array]
    #expect(hashes[0] == hashes[1])
  }

  @Test func `strangers can shake hands without a pre-shared key`() throws {
    let initiatorKey = NoiseKey()
    var initiator = NoiseHandshake(.initiator, prologue: Span(), staticKey: initiatorKey)
    var responder = NoiseHandshake(.responder, prologue: Span(), staticKey: NoiseKey())
    let first = try initiator.writeMessage(Span())
    _ = try responder.readMessage(first.span)
    let second = try responder.writeMessage(Span())
    _ = try initiator.readMessage(second.span)
    let third = try initiator.writeMessage(Span())
    _ = try responder.readMessage(third.span)
    #expect(first.count == 32 && second.count == 96 && third.count == 64)
    let session = responder.finish()
    #expect(session.remoteStatic == initiatorKey.publicKey)
  }

  @Test func `another pre-shared key or prologue is refused at the first message`() throws {
    var otherKey = try HandshakePair(responderPSK: [UInt8](repeating: 4, count: 32))
    let first = try otherKey.write()
    #expect(throws: CryptographyError.notGenuine) { _ = try otherKey.read(first) }

    var otherPrologue = HandshakePair.prologue
    otherPrologue[5] = 1
    var pair = try HandshakePair(responderPrologue: otherPrologue)
    let message = try pair.write()
    #expect(throws: CryptographyError.notGenuine) { _ = try pair.read(message) }
  }

  @Test(arguments: 0..<3)
  func `each message cut anywhere is refused, and the handshake is over`(number: Int) throws {
    var probe = try HandshakePair.after(number)
    for count in 0..<(try probe.write().count) {
      var pair = try HandshakePair.after(number)
      let message = Array(try pair.write()[..<count])
      #expect(throws: CryptographyError.self) { _ = try pair.read(message) }
      #expect(throws: CryptographyError.handshakeOver) { _ = try pair.read(message) }
    }
  }

  @Test(arguments: 0..<3)
  func `each message with any bit flipped is refused`(number: Int) throws {
    var probe = try HandshakePair.after(number)
    for bit in 0..<(8 * (try probe.write().count)) {
      var pair = try HandshakePair.after(number)
      var message = try pair.write()
      message[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: CryptographyError.notGenuine) { _ = try pair.read(message) }
    }
  }

  @Test(arguments: 0..<3)
  func `each message with a byte more is refused`(number: Int) throws {
    var pair = try HandshakePair.after(number)
    let message = try pair.write() + [0]
    #expect(throws: CryptographyError.notGenuine) { _ = try pair.read(message) }
  }

  @Test(arguments: 0..<3)
  func `a message of another handshake is refused`(number: Int) throws {
    // The first is bound to nothing but the pre-shared key, so that a replay of it is read; what
    // the responder answers, only the owner of the first one's key can use.
    guard number > 0 else {
      var old = try HandshakePair()
      let replayed = try old.write()
      var fresh = try HandshakePair()
      _ = try fresh.write()
      _ = try fresh.read(replayed)
      let answer = try fresh.write()
      #expect(throws: CryptographyError.notGenuine) { _ = try fresh.read(answer) }
      return
    }
    var old = try HandshakePair.after(number)
    let replayed = try old.write()
    var fresh = try HandshakePair.after(number)
    _ = try fresh.write()
    #expect(throws: CryptographyError.notGenuine) { _ = try fresh.read(replayed) }
  }

  @Test func `an ephemeral key of low order ends the handshake on either side`() throws {
    for point in LowOrder.points {
      // The initiator meets it in the second message, before anything can be opened.
      var initiator = NoiseHandshake(.initiator, prologue: Span(), staticKey: NoiseKey())
      _ = try initiator.writeMessage(Span())
      let second = point.array + [UInt8](repeating: 0, count: 64)
      #expect(throws: CryptographyError.lowOrderKey) {
        _ = try initiator.readMessage(second.span)
      }
      // The responder reads it in the first and needs it in the second.
      var responder = NoiseHandshake(.responder, prologue: Span(), staticKey: NoiseKey())
      let first = point.array
      _ = try responder.readMessage(first.span)
      #expect(throws: CryptographyError.lowOrderKey) { _ = try responder.writeMessage(Span()) }
      #expect(throws: CryptographyError.handshakeOver) { _ = try responder.writeMessage(Span()) }
    }
  }

  @Test func `a message longer than Noise allows is neither written nor read`() throws {
    let fits = [UInt8](repeating: 0, count: 65_535 - 48)
    var pair = try HandshakePair()
    let longest = try pair.initiator.writeMessage(fits.span)
    #expect(longest.count == 65_535)
    let payload = try pair.read(longest)
    #expect(payload == fits)

    for count in [65_535 - 47, 65_535, 65_536] {
      let payload = [UInt8](repeating: 0, count: count)
      var pair = try HandshakePair()
      #expect(throws: CryptographyError.tooLong) {
        _ = try pair.initiator.writeMessage(payload.span)
      }
    }
    let message = [UInt8](repeating: 0, count: 65_536)
    var other = try HandshakePair()
    #expect(throws: CryptographyError.tooLong) { _ = try other.read(message) }
  }

  @Test func `two handshakes of the same keys share nothing`() throws {
    let key = NoiseKey()
    var first = NoiseHandshake(.initiator, prologue: Span(), staticKey: key)
    var second = NoiseHandshake(.initiator, prologue: Span(), staticKey: key)
    let messages = [try first.writeMessage(Span()), try second.writeMessage(Span())]
    #expect(messages[0] != messages[1])
  }

  @Test func `a step out of turn or an early end is a bug`() async {
    await #expect(processExitsWith: .failure) {
      var responder = NoiseHandshake(.responder, prologue: Span(), staticKey: NoiseKey())
      _ = try responder.writeMessage(Span())
    }
    await #expect(processExitsWith: .failure) {
      var initiator = NoiseHandshake(.initiator, prologue: Span(), staticKey: NoiseKey())
      _ = try initiator.writeMessage(Span())
      _ = try initiator.writeMessage(Span())
    }
    await #expect(processExitsWith: .failure) {
      let initiator = NoiseHandshake(.initiator, prologue: Span(), staticKey: NoiseKey())
      _ = initiator.split()
    }
  }
}
