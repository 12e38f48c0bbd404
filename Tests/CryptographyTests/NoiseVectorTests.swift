import TestSupport
import Testing

@testable import Cryptography

/// Every public Noise case of our suite, whatever its pattern.
@Suite struct NoiseVectorTests {
  struct File: Decodable {
    struct Message: Decodable { let payload, ciphertext, sender: String }
    struct Case: Decodable {
      let id, protocolName: String
      let initPrologue, respPrologue: String?
      let initEphemeral, respEphemeral: String?
      let initStatic, respStatic, initRemoteStatic, respRemoteStatic: String?
      let initPsks, respPsks: [String]?
      let handshakeHash: String?
      let messages: [Message]

      enum CodingKeys: String, CodingKey {
        case id, messages
        case protocolName = "protocol_name"
        case initPrologue = "init_prologue"
        case respPrologue = "resp_prologue"
        case initEphemeral = "init_ephemeral"
        case respEphemeral = "resp_ephemeral"
        case initStatic = "init_static"
        case respStatic = "resp_static"
        case initRemoteStatic = "init_remote_static"
        case respRemoteStatic = "resp_remote_static"
        case initPsks = "init_psks"
        case respPsks = "resp_psks"
        case handshakeHash = "handshake_hash"
      }
    }
    let cases: [Case]
  }

  static let suite = "_25519_ChaChaPoly_SHA256"

  @Test(.enabled(if: SharedVectors.has("noise"), "\(SharedVectors.absence)"))
  func `every case of our suite is reproduced byte for byte`() throws {
    let file = try SharedVectors.load("noise", as: File.self)
    let cases = file.cases.filter { $0.protocolName.hasSuffix(Self.suite) }
    for test in cases { try run(test) }
    print("noise: \(cases.count) of \(file.cases.count) cases are of our suite")
    #expect(!cases.isEmpty)
  }

  private func run(_ test: File.Case) throws {
    let name = String(test.protocolName.dropFirst("Noise_".count).dropLast(Self.suite.count))
    let pattern = try #require(NoisePatternTable.pattern(named: name), "\(test.id)")
    #expect(pattern.protocolName == test.protocolName)
    var initiator = try handshake(pattern, .initiator, test)
    var responder = try handshake(pattern, .responder, test)
    var messages = test.messages[...]
    while !initiator.isComplete {
      let next = messages.popFirst()
      let message = try #require(next, "\(test.id)")
      let payload = try #require([UInt8](hex: message.payload))
      #expect(initiator.isOurTurn == (message.sender == "init"), "\(test.id)")
      #expect(responder.isOurTurn == (message.sender == "resp"), "\(test.id)")
      let (written, read) =
        if initiator.isOurTurn {
          try exchange(payload, &initiator, &responder)
        } else {
          try exchange(payload, &responder, &initiator)
        }
      #expect(written.hex == message.ciphertext, "\(test.id)")
      #expect(read == payload, "\(test.id)")
    }
    let (first, second) = (initiator.hash.array, responder.hash.array)
    #expect(first == second, "\(test.id)")
    if let expected = test.handshakeHash { #expect(first.hex == expected, "\(test.id)") }

    var initiatorKeys = initiator.split()
    var responderKeys = responder.split()
    for message in messages {
      let payload = try #require([UInt8](hex: message.payload))
      var buffer = payload + [UInt8](repeating: 0, count: 16)
      if message.sender == "init" {
        try pass(&buffer, payload, &initiatorKeys.sending, &responderKeys.receiving, message)
      } else {
        try pass(&buffer, payload, &responderKeys.sending, &initiatorKeys.receiving, message)
      }
    }
  }

  /// What one side writes and the other reads.
  private func exchange(
    _ payload: [UInt8], _ writer: inout NoiseHandshake, _ reader: inout NoiseHandshake
  ) throws -> ([UInt8], [UInt8]) {
    let written = try writer.writeMessage(payload.span)
    let read = try reader.readMessage(written.span)
    return (written, read)
  }

  /// Seals in place, compares with the case, opens in place.
  private func pass(
    _ buffer: inout [UInt8], _ payload: [UInt8], _ sending: inout TransportKey,
    _ receiving: inout TransportKey, _ message: File.Message
  ) throws {
    let count = try sending.seal(in: &buffer, at: 0, count: payload.count)
    #expect(buffer.hex == message.ciphertext)
    let opened = try receiving.open(in: &buffer, at: 0, count: count)
    #expect(Array(buffer[..<opened]) == payload)
  }

  private func handshake(
    _ pattern: NoisePattern, _ role: NoiseHandshake.Role, _ test: File.Case
  ) throws -> NoiseHandshake {
    let isInitiator = role == .initiator
    let prologue = try #require(
      [UInt8](hex: (isInitiator ? test.initPrologue : test.respPrologue) ?? ""))
    let psks = try #require(
      [UInt8](hex: ((isInitiator ? test.initPsks : test.respPsks) ?? []).joined()))
    return NoiseHandshake(
      pattern, role, prologue: prologue.span,
      staticKey: try key(isInitiator ? test.initStatic : test.respStatic),
      ephemeral: try key(isInitiator ? test.initEphemeral : test.respEphemeral),
      remoteStatic: try remoteStatic(isInitiator, test),
      preSharedKeys: try SecretBytes(copying: psks.span, count: psks.count, in: .plain))
  }

  /// Some sources name the known remote key, others leave it to be computed.
  private func remoteStatic(_ isInitiator: Bool, _ test: File.Case) throws -> NoisePublicKey? {
    if let given = isInitiator ? test.initRemoteStatic : test.respRemoteStatic {
      let bytes = try #require([UInt8](hex: given))
      return try NoisePublicKey(copying: bytes.span)
    }
    let key = try key(isInitiator ? test.respStatic : test.initStatic)
    return key.publicBytes.map { NoisePublicKey($0) }
  }

  private func key(_ text: String?) throws -> X25519? {
    guard let text else { return nil }
    let bytes = try #require([UInt8](hex: text))
    return X25519(try SecretBytes(copying: bytes.span, count: 32, in: .plain))
  }
}
