/// What both sides of a handshake must agree on after every step: Noise's SymmetricState.
struct NoiseSymmetricState: ~Copyable, Sendable {
  private var chainingKey: SecretBytes
  /// The hash of all that was said so far.
  private(set) var hash: InlineArray<32, UInt8>
  private var cipher: TransportKey?

  init(protocolName: String) {
    let name = Array(protocolName.utf8)
    let start: InlineArray<32, UInt8> =
      name.count <= 32
      ? InlineArray { $0 < name.count ? name[$0] : 0 } : SHA256.hash(name.span, Span())
    hash = start
    chainingKey = SecretBytes(
      count: 32, in: .plain, write: { for index in start.indices { $0[index] = start[index] } })
  }

  /// How many bytes a sealed field is longer than its content: none before the first key.
  var tagCount: Int {
    switch cipher {
    case .some: AEAD.tagCount
    case .none: 0
    }
  }

  mutating func mixHash(_ content: Span<UInt8>) {
    hash = SHA256.hash(hash.span, content)
  }

  mutating func mixKey(_ input: Span<UInt8>) {
    let keys = HKDF.noise(chainingKey: chainingKey, input: input, outputs: 2)
    chainingKey = keys.part(0)
    cipher = TransportKey(keys.part(1), counter: 0)
  }

  mutating func mixKeyAndHash(_ input: Span<UInt8>) {
    let keys = HKDF.noise(chainingKey: chainingKey, input: input, outputs: 3)
    chainingKey = keys.part(0)
    let middle = keys.part(1)
    middle.withBytes { mixHash($0) }
    cipher = TransportKey(keys.part(2), counter: 0)
  }

  /// Appends `content`, sealed if there is a key already.
  mutating func encryptAndHash(
    _ content: Span<UInt8>, to message: inout [UInt8]
  ) throws(CryptographyError) {
    let start = message.count
    message.append(contentsOf: repeatElement(0, count: content.count + tagCount))
    var span = message.mutableSpan
    if tagCount == 0 {
      for index in content.indices { span[start + index] = content[index] }
    } else {
      let hash = hash
      _ = try cipher?.seal(content, into: &span, at: start, aad: hash.span)
    }
    mixHash(message.span.extracting(start...))
  }

  /// The content of a field, opened if there is a key already.
  mutating func decryptAndHash(_ field: Span<UInt8>) throws(CryptographyError) -> [UInt8] {
    guard field.count >= tagCount else { throw .truncated }
    var content = [UInt8](repeating: 0, count: field.count - tagCount)
    var span = content.mutableSpan
    if tagCount == 0 {
      for index in field.indices { span[index] = field[index] }
    } else {
      let hash = hash
      try cipher?.open(field, into: &span, aad: hash.span)
    }
    mixHash(field)
    return content
  }

  /// The keys of the two directions, that of the initiator's messages first.
  consuming func split() -> SecretBytes {
    HKDF.noise(chainingKey: chainingKey, input: Span(), outputs: 2)
  }
}
