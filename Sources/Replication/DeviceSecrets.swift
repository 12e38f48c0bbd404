package import Cryptography
package import Format

/// The three secret keys of this device; they leave it only into its key file.
package struct DeviceSecrets: ~Copyable, Sendable {
  package let signing: SigningKey
  package let noise: NoiseKey
  package let sealing: SealingKey

  /// Three new keys, drawn apart.
  package init() {
    signing = SigningKey()
    noise = NoiseKey()
    sealing = SealingKey()
  }

  package init(
    signing: consuming SigningKey, noise: consuming NoiseKey, sealing: consuming SealingKey
  ) {
    self.signing = signing
    self.noise = noise
    self.sealing = sealing
  }

  /// The keys as the key file holds them: 32 bytes each, to sign, for links, to open copies.
  package init(content: [UInt8]) throws(CryptographyError) {
    guard content.count == 96 else { throw .wrongLength(expected: 96, found: content.count) }
    self.init(
      signing: try SigningKey(bytes: content.span.extracting(0..<32)),
      noise: try NoiseKey(bytes: content.span.extracting(32..<64)),
      sealing: try SealingKey(bytes: content.span.extracting(64..<96)))
  }

  package var device: DeviceKey { DeviceKey(Bytes32(signing.publicKey.bytes)) }
  package var noiseIdentity: NoiseIdentity { NoiseIdentity(Bytes32(noise.publicKey.bytes)) }
  package var sealingIdentity: SealingIdentity { SealingIdentity(Bytes32(sealing.publicKey.bytes)) }

  /// The certificate that binds these keys to a member.
  package func certificate(
    member: MemberID, rank: Rank, isKeeper: Bool, mayAdmit: Bool
  ) -> Certificate {
    Certificate(
      member: member, device: device, noise: noiseIdentity, sealing: sealingIdentity, rank: rank,
      isKeeper: isKeeper, mayAdmit: mayAdmit)
  }
}

extension Bytes32 {
  /// The same 32 bytes as Cryptography holds them.
  package init(_ bytes: InlineArray<32, UInt8>) { self.init(unsafe bytes.span.bytes, 0) }

  package var inline: InlineArray<32, UInt8> {
    let array = array
    return InlineArray { array[$0] }
  }
}

extension Bytes16 {
  package init(_ bytes: InlineArray<16, UInt8>) { self.init(unsafe bytes.span.bytes, 0) }
}

extension SignatureBytes {
  package init(_ signature: Signature) { self.init(unsafe signature.bytes.span.bytes, 0) }

  package var signature: Signature {
    let array = array
    return Signature(InlineArray { array[$0] })
  }
}

extension DeviceKey {
  package var signingKey: SigningPublicKey { SigningPublicKey(bytes.inline) }
}

extension DeviceSecrets {
  /// Only the key for links, for those who own links.
  package consuming func intoNoise() -> NoiseKey { noise }
}
