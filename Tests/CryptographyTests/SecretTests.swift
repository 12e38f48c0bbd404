import TestSupport
import Testing

@testable import Cryptography

/// What holds for every secret: its length, its randomness, its way to and from a file.
@Suite struct SecretTests {
  @Test func `the office's pre-shared key and the ticket's key are the computed ones`() throws {
    let bytes = [UInt8](repeating: 5, count: 32)
    let officeID = [UInt8](100..<132)
    let key = PreSharedKey(try OfficeSecret(bytes: bytes.span), officeID: officeID.span)
    let derived = key.withBytes { $0.array.hex }
    // Python's hashlib and PyNaCl say so.
    #expect(derived == "65b40e373e201f59a82f6aa337db27338a11e9eac73e22d19b2edfa02de3f278")

    let seed = [UInt8](repeating: 6, count: 32)
    let ticket = try SigningKey(ticketSeed: seed.span).publicKey
    #expect(
      ticket.array.hex == "068ba151a0b0312a9dd4a634217c6979f4f02b6a6b29164d9fa2bb359a230cb1")
  }

  @Test func `every secret survives the way through its file`() throws {
    let bytes = [UInt8](1...32)
    let copies = [
      try SigningKey(bytes: bytes.span).withBytes { $0.array },
      try NoiseKey(bytes: bytes.span).withBytes { $0.array },
      try SealingKey(bytes: bytes.span).withBytes { $0.array },
      try OfficeSecret(bytes: bytes.span).withBytes { $0.array },
      try EpochSecret(bytes: bytes.span).withBytes { $0.array },
      try PreSharedKey(bytes: bytes.span).withBytes { $0.array },
    ]
    for copy in copies { #expect(copy == bytes) }
  }

  @Test func `a secret of another length is refused`() {
    for count in [0, 31, 33] {
      let bytes = [UInt8](repeating: 1, count: count)
      let refusal = CryptographyError.wrongLength(expected: 32, found: count)
      #expect(throws: refusal) { _ = try NoiseKey(bytes: bytes.span) }
      #expect(throws: refusal) { _ = try SealingKey(bytes: bytes.span) }
      #expect(throws: refusal) { _ = try OfficeSecret(bytes: bytes.span) }
      #expect(throws: refusal) { _ = try EpochSecret(bytes: bytes.span) }
      #expect(throws: refusal) { _ = try PreSharedKey(bytes: bytes.span) }
      #expect(throws: refusal) { _ = try SigningKey(ticketSeed: bytes.span) }
    }
  }

  @Test func `fresh secrets differ and are not zero`() {
    let fresh = [
      OfficeSecret().withBytes { $0.array }, EpochSecret().withBytes { $0.array },
      PreSharedKey().withBytes { $0.array }, NoiseKey().withBytes { $0.array },
      SealingKey().withBytes { $0.array }, SigningKey().withBytes { $0.array },
      Random.bytes(32), Random.bytes32().array,
    ]
    #expect(Set(fresh).count == fresh.count)
    #expect(!fresh.contains([UInt8](repeating: 0, count: 32)))
    #expect(Random.bytes(0).isEmpty)
  }

  @Test func `a buffer that held a key file is zero after the wipe`() {
    var bytes = [UInt8](repeating: 0xaa, count: 64)
    var span = bytes.mutableSpan
    ConstantTime.wipe(&span)
    #expect(bytes == [UInt8](repeating: 0, count: 64))
  }

  @Test func `comparison sees every bit and the length`() {
    let left = [UInt8](0..<32)
    #expect(ConstantTime.equal(left, left))
    #expect(!ConstantTime.equal(left, Array(left.dropLast())))
    #expect(ConstantTime.equal([], []))
    for bit in 0..<256 {
      var right = left
      right[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(!ConstantTime.equal(left, right))
    }
  }
}
