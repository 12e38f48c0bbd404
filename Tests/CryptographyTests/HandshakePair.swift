@testable import Cryptography

/// Both ends of one `XXpsk0` handshake; messages pass between them in turn.
struct HandshakePair: ~Copyable {
  static let prologue = Array("ZRF1".utf8) + [1, 0] + [UInt8](100..<132)
  static let greeting = [UInt8](repeating: 0x5a, count: 64)
  static let psk = [UInt8](repeating: 3, count: 32)

  var initiator, responder: NoiseHandshake
  private var count = 0

  /// The responder may be given another pre-shared key or prologue than the initiator has.
  init(responderPSK: [UInt8] = psk, responderPrologue: [UInt8] = prologue) throws {
    let ours = try PreSharedKey(bytes: Self.psk.span)
    let theirs = try PreSharedKey(bytes: responderPSK.span)
    initiator = NoiseHandshake(
      .initiator, prologue: Self.prologue.span, staticKey: NoiseKey(), preSharedKey: ours)
    responder = NoiseHandshake(
      .responder, prologue: responderPrologue.span, staticKey: NoiseKey(), preSharedKey: theirs)
  }

  /// A pair whose first messages have passed.
  static func after(_ messages: Int) throws -> HandshakePair {
    var pair = try HandshakePair()
    for _ in 0..<messages {
      let message = try pair.write()
      _ = try pair.read(message)
    }
    return pair
  }

  /// The next message: the first carries nothing, the others a greeting.
  mutating func write() throws -> [UInt8] {
    let payload = count == 0 ? [] : Self.greeting
    return count.isMultiple(of: 2)
      ? try initiator.writeMessage(payload.span) : try responder.writeMessage(payload.span)
  }

  /// Gives a message to the side whose turn it is to read, and says what it carried.
  mutating func read(_ message: [UInt8]) throws -> [UInt8] {
    let payload =
      count.isMultiple(of: 2)
      ? try responder.readMessage(message.span) : try initiator.readMessage(message.span)
    count += 1
    return payload
  }

  /// The sessions of both ends of a handshake that went well.
  struct Sessions: ~Copyable {
    var initiator, responder: NoiseSession
  }

  static func sessions() throws -> Sessions {
    let pair = try HandshakePair.after(3)
    return Sessions(initiator: pair.initiator.finish(), responder: pair.responder.finish())
  }
}
