/// A Noise handshake of the suite `25519_ChaChaPoly_SHA256`, one message at a time.
///
/// Our own misuse (out of turn, a key left out) is a bug; whatever a peer sends only throws, and
/// after the first refusal nothing more is read or written.
package struct NoiseHandshake: ~Copyable, Sendable {
  /// Who dialled.
  package enum Role: Sendable { case initiator, responder }

  private let pattern: NoisePattern
  private let role: Role
  private let staticKey: X25519?
  private var ephemeral: X25519?
  private var remoteStaticBytes: InlineArray<32, UInt8>?
  private var remoteEphemeral: InlineArray<32, UInt8>?
  /// One behind the other, 32 bytes each.
  private let preSharedKeys: SecretBytes
  private var usedPreSharedKeys = 0
  private var symmetric: NoiseSymmetricState
  private var step = 0
  private var hasFailed = false

  /// A link among those who hold the office's pre-shared key: `XXpsk0`.
  package init(
    _ role: Role, prologue: Span<UInt8>, staticKey: borrowing NoiseKey,
    preSharedKey: borrowing PreSharedKey
  ) {
    self.init(
      .xxPSK0, role, prologue: prologue, staticKey: X25519(duplicating: staticKey.pair),
      ephemeral: nil, remoteStatic: nil, preSharedKeys: preSharedKey.secret.part(0))
  }

  /// A link with a stranger, which proves keys and nothing else: `XX`.
  package init(_ role: Role, prologue: Span<UInt8>, staticKey: borrowing NoiseKey) {
    self.init(
      .xx, role, prologue: prologue, staticKey: X25519(duplicating: staticKey.pair),
      ephemeral: nil, remoteStatic: nil, preSharedKeys: SecretBytes(randomCount: 0, in: .plain))
  }

  /// Any pattern, with any key chosen: for the public test cases alone, since an ephemeral key
  /// that comes twice gives the link away.
  init(
    _ pattern: NoisePattern, _ role: Role, prologue: Span<UInt8>, staticKey: consuming X25519?,
    ephemeral: consuming X25519?, remoteStatic: NoisePublicKey?,
    preSharedKeys: consuming SecretBytes
  ) {
    symmetric = NoiseSymmetricState(protocolName: pattern.protocolName)
    symmetric.mixHash(prologue)
    let ownStatic = staticKey.publicBytes
    let isInitiator = role == .initiator
    for (isKnown, isOwn) in [
      (pattern.isInitiatorKnown, isInitiator), (pattern.isResponderKnown, !isInitiator),
    ] where isKnown {
      guard let known = isOwn ? ownStatic : remoteStatic?.bytes else {
        preconditionFailure("the pattern \(pattern.name) begins with a key that was not given")
      }
      symmetric.mixHash(known.span)
    }
    self.pattern = pattern
    self.role = role
    self.staticKey = staticKey
    self.ephemeral = ephemeral
    self.remoteStaticBytes = remoteStatic?.bytes
    self.preSharedKeys = preSharedKeys
  }

  /// Whether all messages are written and read.
  package var isComplete: Bool { step == pattern.messages.count }

  /// Whether the next message is ours to write.
  package var isOurTurn: Bool {
    !isComplete && step.isMultiple(of: 2) == (role == .initiator)
  }

  /// The other side's static key as soon as its message has proven it.
  package var remoteStatic: NoisePublicKey? { remoteStaticBytes.map { NoisePublicKey($0) } }

  /// The next message, which carries `payload`.
  package mutating func writeMessage(
    _ payload: Span<UInt8>
  ) throws(CryptographyError) -> [UInt8] {
    precondition(isOurTurn, "a handshake message was written out of turn")
    guard !hasFailed else { throw .handshakeOver }
    // Undone at the end: every other way out of here is a refusal.
    hasFailed = true
    guard payload.count <= TransportKey.messageMax else { throw .tooLong }
    var message: [UInt8] = []
    for token in pattern.messages[step] { try write(token, to: &message) }
    try symmetric.encryptAndHash(payload, to: &message)
    guard message.count <= TransportKey.messageMax else { throw .tooLong }
    step += 1
    hasFailed = false
    return message
  }

  /// The payload of the peer's next message.
  package mutating func readMessage(
    _ message: Span<UInt8>
  ) throws(CryptographyError) -> [UInt8] {
    precondition(!isComplete && !isOurTurn, "a handshake message was read out of turn")
    guard !hasFailed else { throw .handshakeOver }
    hasFailed = true
    guard message.count <= TransportKey.messageMax else { throw .tooLong }
    var offset = 0
    for token in pattern.messages[step] { try read(token, from: message, at: &offset) }
    let payload = try symmetric.decryptAndHash(message.extracting(offset...))
    step += 1
    hasFailed = false
    return payload
  }

  /// The session of a complete handshake whose pattern proves the other side's static key.
  package consuming func finish() -> NoiseSession {
    guard let remoteStatic = remoteStatic else {
      preconditionFailure("the pattern \(pattern.name) proves no static key of the other side")
    }
    let hash = symmetric.hash
    let keys = split()
    return NoiseSession(
      sending: keys.sending, receiving: keys.receiving, remoteStatic: remoteStatic,
      handshakeHash: hash)
  }

  /// The keys of the two directions from this side's point of view.
  struct Keys: ~Copyable {
    var sending, receiving: TransportKey
  }

  /// The end of a handshake in any pattern.
  consuming func split() -> Keys {
    precondition(isComplete && !hasFailed, "a handshake was ended that is not complete")
    let isInitiator = role == .initiator
    let keys = symmetric.split()
    return Keys(
      sending: TransportKey(keys.part(isInitiator ? 0 : 1), counter: 0),
      receiving: TransportKey(keys.part(isInitiator ? 1 : 0), counter: 0))
  }

  /// The hash of what was said so far; at the end that of the whole handshake.
  var hash: InlineArray<32, UInt8> { symmetric.hash }

  private mutating func write(
    _ token: NoisePattern.Token, to message: inout [UInt8]
  ) throws(CryptographyError) {
    switch token {
    case .e:
      let key = ephemeral.take() ?? X25519(SecretBytes(randomCount: 32, in: .plain))
      let bytes = key.publicBytes
      ephemeral = consume key
      message.append(contentsOf: bytes.array)
      mixEphemeral(bytes)
    case .s:
      guard let bytes = staticKey.publicBytes else {
        preconditionFailure("the pattern \(pattern.name) sends a key that was not given")
      }
      try symmetric.encryptAndHash(bytes.span, to: &message)
    case .ee, .es, .se, .ss, .psk: try mix(token)
    }
  }

  private mutating func read(
    _ token: NoisePattern.Token, from message: Span<UInt8>, at offset: inout Int
  ) throws(CryptographyError) {
    switch token {
    case .e:
      guard message.count - offset >= 32 else { throw .truncated }
      let bytes = InlineArray<32, UInt8>(exactly: message.extracting(offset..<offset + 32))
      offset += 32
      remoteEphemeral = bytes
      mixEphemeral(bytes)
    case .s:
      let count = 32 + symmetric.tagCount
      guard message.count - offset >= count else { throw .truncated }
      let content = try symmetric.decryptAndHash(message.extracting(offset..<offset + count))
      offset += count
      remoteStaticBytes = try InlineArray(copying: content.span)
    case .ee, .es, .se, .ss, .psk: try mix(token)
    }
  }

  private mutating func mixEphemeral(_ bytes: InlineArray<32, UInt8>) {
    symmetric.mixHash(bytes.span)
    if pattern.usesPreSharedKeys { symmetric.mixKey(bytes.span) }
  }

  /// The steps that send nothing and are alike for writer and reader.
  private mutating func mix(_ token: NoisePattern.Token) throws(CryptographyError) {
    let isInitiator = role == .initiator
    let shared =
      switch token {
      case .ee: try agree(ephemeral, remoteEphemeral)
      case .ss: try agree(staticKey, remoteStaticBytes)
      case .es where isInitiator: try agree(ephemeral, remoteStaticBytes)
      case .es: try agree(staticKey, remoteEphemeral)
      case .se where isInitiator: try agree(staticKey, remoteEphemeral)
      case .se: try agree(ephemeral, remoteStaticBytes)
      case .psk, .e, .s: preSharedKeys.part(usedPreSharedKeys)
      }
    if token == .psk {
      usedPreSharedKeys += 1
      shared.withBytes { symmetric.mixKeyAndHash($0) }
    } else {
      shared.withBytes { symmetric.mixKey($0) }
    }
  }

  private func agree(
    _ own: borrowing X25519?, _ other: InlineArray<32, UInt8>?
  ) throws(CryptographyError) -> SecretBytes {
    guard let other else {
      preconditionFailure("the pattern \(pattern.name) uses the other side's key too early")
    }
    switch own {
    case .some(let own): return try own.agree(with: other)
    case .none: preconditionFailure("the pattern \(pattern.name) uses a key that was not given")
    }
  }
}
