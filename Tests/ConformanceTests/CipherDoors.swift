import Format
import TestSupport
import Testing

@testable import Cryptography
@testable import Replication

/// Doors for sealed copies, encrypted messages, hashes and signatures.
enum CipherDoors {
  static func epoch(_ vector: Vector) throws -> [String: String] {
    let body = try EpochBody(decoding: vector.bytes)
    try needSame(body.encode(), vector.bytes)
    let device = try vector.hex("device-key")
    guard let copy = body.copies.first(where: { $0.device.bytes.array == device }) else {
      throw Refusal.verify("K-3")
    }
    return ["secret": try open(copy.sealed, body.ephemeral.array, vector).hex]
  }

  /// The inputs are read before any span is lent: the compiler fails on the two together.
  private static func open(
    _ copy: [UInt8], _ ephemeral: [UInt8], _ vector: Vector
  ) throws -> [UInt8] {
    let (group, feed) = (try vector.hex("group"), try vector.hex("feed"))
    let (seq, epoch) = (try vector.number("seq"), try vector.hex("epoch"))
    let bytes = try vector.hex("sealing-secret")
    do {
      let key = try SealingKey(bytes: bytes.span)
      let point = try SealingPublicKey(copying: ephemeral.span)
      let secret = try key.open(
        copy.span, ephemeral: point, group: group.span, feed: feed.span, sequence: seq,
        epochID: epoch.span)
      return secret.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    } catch {
      throw Refusal.verify("K-2")
    }
  }

  static func sealed(_ vector: Vector) throws -> [String: String] {
    try need(Padding.isBodySize(vector.bytes.count), .verify("K-6"))
    let (group, feed) = (try vector.hex("group"), try vector.hex("feed"))
    let (seq, epoch) = (try vector.number("seq"), try vector.hex("epoch"))
    let bytes = try vector.hex("secret")
    let secret = try EpochSecret(bytes: bytes.span)
    let place = MessageAAD(
      group: GroupID(try #require(Bytes32(group))), feed: FeedID(try #require(Bytes16(feed))),
      seq: seq, epoch: EpochID(try #require(Bytes16(epoch))))
    let padded: [UInt8]
    do {
      padded = try place.key(EpochKey(secret)).open(vector.bytes.span, aad: place.bytes.span)
    } catch {
      throw Refusal.verify("K-7")
    }
    return ["content": try Padding.unpad(padded).hex]
  }

  static func hash(_ vector: Vector) throws -> [String: String] {
    let name = try #require(vector.text("label"))
    let label = try #require(
      Label.Hash.allCases.first {
        $0.personal.description.prefix { $0 != "\0" } == name
      })
    let key = vector.text("key") == nil ? [] : try vector.hex("key")
    let count = Int(try vector.number("size"))
    var hash = Blake2b(label, count: count, key: key.span)
    hash.update(vector.bytes.span)
    var result = [UInt8](repeating: 0, count: count)
    var target = result.mutableSpan
    hash.finish(into: &target)
    return ["hash": result.hex]
  }

  static func signature(_ vector: Vector) throws -> [String: String] {
    let name = try #require(vector.text("label"))
    let label = try #require(
      Label.Signature.allCases.first { $0.prefix.description == name + "\0" })
    try need(vector.bytes.count >= 64, .verify("N-7"))
    let (signature, content) = (Array(vector.bytes[..<64]), Array(vector.bytes[64...]))
    let holds = isGenuine(signature, label, content, by: try vector.hex("key"))
    try need(holds, .verify("N-7"))
    return [:]
  }

  /// Both ends of a recorded handshake, each with its recorded ephemeral key.
  static func handshake(_ vector: Vector) throws -> [String: String] {
    let (preface, frames) = try transcript(vector)
    let office = GroupID(try #require(Bytes32(vector.hex("office"))))
    let prologue = preface.prologue(office: office)
    var calling = try end(.initiator, vector, preface, prologue)
    var called = try end(.responder, vector, preface, prologue)
    let (first, second, third, nothing) = (frames[0], frames[1], frames[2], [UInt8]())
    do {
      let empty = try called.readMessage(first.span)
      let one = try calling.writeMessage(nothing.span)
      try need(empty.isEmpty && one == first, .verify("H-2"))
      let answer = try calling.readMessage(second.span)
      try check(Greeting(decoding: answer), preface)
      let two = try called.writeMessage(answer.span)
      try need(two == second, .verify("H-2"))
      let greeting = try called.readMessage(third.span)
      try check(Greeting(decoding: greeting), preface)
      let three = try calling.writeMessage(greeting.span)
      try need(three == third, .verify("H-2"))
      var caller = calling.finish()
      var answerer = called.finish()
      var plain: [UInt8] = []
      for (index, frame) in frames[3...].enumerated() {
        var buffer = frame
        let count =
          index.isMultiple(of: 2)
          ? try answerer.receiving.open(in: &buffer, at: 0, count: frame.count)
          : try caller.receiving.open(in: &buffer, at: 0, count: frame.count)
        plain += buffer[..<count]
      }
      #expect(caller.handshakeHash.array == answerer.handshakeHash.array)
      return ["hash": caller.handshakeHash.array.hex, "plain": plain.hex]
    } catch is CryptographyError {
      throw Refusal.verify("H-2")
    }
  }

  private static func check(_ greeting: Greeting, _ preface: Preface) throws {
    if preface.mode == .digits { try greeting.checkSaysNothing() }
  }

  private static func end(
    _ role: NoiseHandshake.Role, _ vector: Vector, _ preface: Preface, _ prologue: [UInt8]
  ) throws -> NoiseHandshake {
    let name = role == .initiator ? "initiator" : "responder"
    let own = try vector.hex("\(name)-static")
    let fresh = try vector.hex("\(name)-ephemeral")
    let usesPSK = preface.mode != .digits
    // One that was spoilt may ask for a secret that its vector does not have.
    let secret = (try? vector.hex("psk")) ?? [UInt8](repeating: 0, count: 32)
    let shared = usesPSK ? secret : []
    let staticKey = X25519(try SecretBytes(copying: own.span, count: 32, in: .plain))
    let ephemeral = X25519(try SecretBytes(copying: fresh.span, count: 32, in: .plain))
    return NoiseHandshake(
      usesPSK ? .xxPSK0 : .xx, role, prologue: prologue.span, staticKey: staticKey,
      ephemeral: ephemeral, remoteStatic: nil,
      preSharedKeys: try SecretBytes(copying: shared.span, count: shared.count, in: .plain))
  }

  /// H-1, H-2 and H-8 as lengths: the preface, three messages, transport frames.
  private static func transcript(_ vector: Vector) throws -> (Preface, [[UInt8]]) {
    try need(vector.bytes.count >= Preface.size, .decode("H-1"))
    let preface = try Preface(decoding: Array(vector.bytes[..<Preface.size]))
    var frames: [[UInt8]] = []
    var rest = vector.bytes[Preface.size...]
    while !rest.isEmpty {
      try need(rest.count >= 2, .decode("H-8"))
      let count = Int(rest[rest.startIndex]) << 8 + Int(rest[rest.startIndex + 1])
      rest = rest.dropFirst(2)
      try need(rest.count >= count, .decode("H-8"))
      frames.append(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    let lengths = [preface.mode == .digits ? 32 : 48, 160, 128]
    try need(frames.count >= 3, .decode("H-2"))
    for (frame, length) in zip(frames, lengths) {
      try need(frame.count == length, .decode("H-2"))
    }
    try need(frames[3...].allSatisfy { $0.count >= 16 }, .decode("H-8"))
    return (preface, frames)
  }
}
