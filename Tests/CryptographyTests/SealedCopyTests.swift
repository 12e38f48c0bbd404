import TestSupport
import Testing

@testable import Cryptography

/// Epoch secrets on their way; the literal answers were computed with Python's hashlib and PyNaCl.
@Suite struct SealedCopyTests {
  static let secretBytes = [UInt8](0..<32)
  static let group = [UInt8](100..<132)
  static let feed = [UInt8](200..<216)
  static let sequence: UInt32 = 0x0102_0304

  struct Sealed {
    let copy, epochID: [UInt8]
    let ephemeral: SealingPublicKey

    func open(with key: borrowing SealingKey, as group: [UInt8] = group) throws -> [UInt8] {
      let secret = try key.open(
        copy.span, ephemeral: ephemeral, group: group.span, feed: feed.span, sequence: sequence,
        epochID: epochID.span)
      return secret.withBytes { $0.array }
    }
  }

  static func recipient() throws -> SealingKey {
    let bytes = [UInt8](repeating: 9, count: 32)
    return try SealingKey(bytes: bytes.span)
  }

  static func sealed() throws -> Sealed {
    let secret = try EpochSecret(bytes: secretBytes.span)
    let id = secret.id(group: group.span, feed: feed.span, sequence: sequence)
    let bytes = [UInt8](repeating: 7, count: 32)
    let sealer = CopySealer(
      ephemeral: try SecretBytes(copying: bytes.span, count: 32, in: .plain), group: group.span,
      epochID: id.span)
    let copy = try sealer.copy(of: secret, for: try recipient().publicKey)
    return Sealed(copy: copy.array, epochID: id.array, ephemeral: sealer.publicKey)
  }

  @Test func `name and sealed copy are those an independent program computed`() throws {
    let sealed = try Self.sealed()
    #expect(sealed.epochID.hex == "6014571ad54cdbc55c99180aac842278")
    #expect(
      sealed.ephemeral.array.hex
        == "13be4feaeaf204c7fd3358fc9c00721881d174278128227ec674f37f7fe97b6d")
    let recipient = try Self.recipient().publicKey
    #expect(
      recipient.array.hex == "57db4b359f23ae5e146e4e2512056704722506348c150c14753d0c933d04d421")
    #expect(
      sealed.copy.hex == """
        0ee69af7583ad8cc5159d562e974e1c579c85162578f2265c62baacde07d7b098e2afba0f267fb352b8f5d4e\
        cd4844e5
        """)
    let opened = try sealed.open(with: try Self.recipient())
    #expect(opened == Self.secretBytes)
  }

  @Test func `a fresh sealer serves many devices, and each opens its own copy only`() throws {
    let secret = EpochSecret()
    let expected = secret.withBytes { $0.array }
    let id = secret.id(group: Self.group.span, feed: Self.feed.span, sequence: Self.sequence)
    let sealer = CopySealer(group: Self.group.span, epochID: id.span)
    let anna = SealingKey()
    let ben = SealingKey()
    let forAnna = try sealer.copy(of: secret, for: anna.publicKey).array
    let forBen = try sealer.copy(of: secret, for: ben.publicKey).array
    let sealed = { Sealed(copy: $0, epochID: id.array, ephemeral: sealer.publicKey) }
    #expect(forAnna != forBen)
    let opened = try sealed(forAnna).open(with: anna)
    #expect(opened == expected)
    #expect(throws: CryptographyError.notGenuine) { _ = try sealed(forBen).open(with: anna) }
    #expect(throws: CryptographyError.notGenuine) { _ = try sealed(forAnna).open(with: ben) }
  }

  @Test func `every flipped bit of a copy is refused`() throws {
    let sealed = try Self.sealed()
    let recipient = try Self.recipient()
    for bit in 0..<(8 * sealed.copy.count) {
      var copy = sealed.copy
      copy[bit / 8] ^= 1 << UInt8(bit % 8)
      let changed = Sealed(copy: copy, epochID: sealed.epochID, ephemeral: sealed.ephemeral)
      #expect(throws: CryptographyError.notGenuine) { _ = try changed.open(with: recipient) }
    }
  }

  @Test func `a copy of another length is refused`() throws {
    let sealed = try Self.sealed()
    let recipient = try Self.recipient()
    for copy in [[], Array(sealed.copy.dropLast()), sealed.copy + [0]] {
      let changed = Sealed(copy: copy, epochID: sealed.epochID, ephemeral: sealed.ephemeral)
      #expect(throws: CryptographyError.wrongLength(expected: 48, found: copy.count)) {
        _ = try changed.open(with: recipient)
      }
    }
  }

  @Test func `a copy bound to another group or epoch is refused`() throws {
    let sealed = try Self.sealed()
    let recipient = try Self.recipient()
    var group = Self.group
    group[0] ^= 1
    #expect(throws: CryptographyError.notGenuine) {
      _ = try sealed.open(with: recipient, as: group)
    }
    var epochID = sealed.epochID
    epochID[0] ^= 1
    let changed = Sealed(copy: sealed.copy, epochID: epochID, ephemeral: sealed.ephemeral)
    #expect(throws: CryptographyError.notGenuine) { _ = try changed.open(with: recipient) }
  }

  @Test func `a secret the epoch is not named after is refused, though sealed well`() throws {
    let named = EpochSecret()
    let id = named.id(group: Self.group.span, feed: Self.feed.span, sequence: Self.sequence)
    let sealer = CopySealer(group: Self.group.span, epochID: id.span)
    let recipient = SealingKey()
    let copy = try sealer.copy(of: EpochSecret(), for: recipient.publicKey)
    let sealed = Sealed(copy: copy.array, epochID: id.array, ephemeral: sealer.publicKey)
    #expect(throws: CryptographyError.notGenuine) { _ = try sealed.open(with: recipient) }
  }

  @Test func `a key of low order neither receives nor sends a copy`() throws {
    let sealed = try Self.sealed()
    let recipient = try Self.recipient()
    for point in LowOrder.points {
      let sealer = CopySealer(group: Self.group.span, epochID: sealed.epochID.span)
      #expect(throws: CryptographyError.lowOrderKey) {
        _ = try sealer.copy(of: EpochSecret(), for: SealingPublicKey(point))
      }
      let changed = Sealed(
        copy: sealed.copy, epochID: sealed.epochID, ephemeral: SealingPublicKey(point))
      #expect(throws: CryptographyError.lowOrderKey) { _ = try changed.open(with: recipient) }
    }
  }
}
