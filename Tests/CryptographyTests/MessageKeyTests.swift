import TestSupport
import Testing

@testable import Cryptography

/// Message bodies; the literal answers were computed with Python's hashlib and PyNaCl.
@Suite struct MessageKeyTests {
  static let feed = [UInt8](200..<216)
  static let aad = [UInt8](0..<69)
  static let salt = InlineArray<16, UInt8> { UInt8($0) }

  static func key(feed: [UInt8] = feed, sequence: UInt32 = 0x0102_0304) throws -> MessageKey {
    let bytes = [UInt8](0..<32)
    let epoch = try EpochSecret(bytes: bytes.span)
    return MessageKey(epoch: epoch, feed: feed.span, sequence: sequence)
  }

  @Test func `a body is the one an independent program computed`() throws {
    let group = [UInt8](100..<132)
    let epoch = try #require([UInt8](hex: "6014571ad54cdbc55c99180aac842278"))
    let padded = Array("hello".utf8) + [UInt8](repeating: 0, count: 123)
    let aad = group + Self.feed + [1, 2, 3, 4, 2] + epoch
    let body = try Self.key().seal(padded.span, aad: aad.span, salt: Self.salt)
    #expect(
      body.hex == """
        623d53964f0c83ccbe619247b9dd31b8d353bf3e097c9751ec69b7d461140fc2a957a9df084e825a2bba2f05\
        af9c165cad3ece0082bd494590e93fd76a1bc185aeef0edd71ca2646ca6d63a8f43e02c871b409ee25c5af53\
        70809805d2d3e3eb3a45e4ac09f754d964d49f89520e30900a07bbfd05eaa64da4bc271535e879e2dc798cc5\
        4e33c87087c00541bf851204c9baa57b2ccde3f049091da8894e83542c9ca49b933b0134
        """)
    let opened = try Self.key().open(body.span, aad: aad.span)
    #expect(opened == padded)
    #expect(body.count == padded.count + MessageKey.overhead)
  }

  @Test func `every flipped bit of a short body is refused`() throws {
    let key = try Self.key()
    let padded = Array("short".utf8)
    let body = key.seal(padded.span, aad: Self.aad.span, salt: Self.salt)
    for bit in 0..<(8 * body.count) {
      var changed = body
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: CryptographyError.notGenuine) {
        _ = try key.open(changed.span, aad: Self.aad.span)
      }
    }
  }

  @Test func `every shorter body is refused`() throws {
    let key = try Self.key()
    let padded = Array("short".utf8)
    let body = key.seal(padded.span, aad: Self.aad.span, salt: Self.salt)
    for count in 0..<body.count {
      #expect(throws: CryptographyError.notGenuine) {
        _ = try key.open(body.span.extracting(..<count), aad: Self.aad.span)
      }
    }
  }

  @Test func `a body moved to another place or bound to other bytes does not open`() throws {
    let padded = Array("short".utf8)
    let body = try Self.key().seal(padded.span, aad: Self.aad.span, salt: Self.salt)
    var otherFeed = Self.feed
    otherFeed[15] ^= 1
    #expect(throws: CryptographyError.notGenuine) {
      _ = try Self.key(feed: otherFeed).open(body.span, aad: Self.aad.span)
    }
    #expect(throws: CryptographyError.notGenuine) {
      _ = try Self.key(sequence: 0x0102_0305).open(body.span, aad: Self.aad.span)
    }
    for index in Self.aad.indices {
      var aad = Self.aad
      aad[index] ^= 0x80
      #expect(throws: CryptographyError.notGenuine) {
        _ = try Self.key().open(body.span, aad: aad.span)
      }
    }
  }

  @Test func `one salt drawn twice at one place gives two texts two nonces`() throws {
    let key = try Self.key()
    let (one, two) = (Array("one".utf8), Array("two".utf8))
    let first = key.seal(one.span, aad: Self.aad.span, salt: Self.salt)
    let second = key.seal(two.span, aad: Self.aad.span, salt: Self.salt)
    #expect(first[..<24] != second[..<24])
  }

  @Test func `one text sealed twice gives two bodies`() throws {
    let key = try Self.key()
    let text = Array("same".utf8)
    let first = key.seal(text.span, aad: Self.aad.span, salt: Random.bytes16())
    let second = key.seal(text.span, aad: Self.aad.span, salt: Random.bytes16())
    #expect(first[..<24] != second[..<24])
    #expect(first != second)
  }

  @Test func `a raw span opens as its bytes do`() throws {
    let key = try Self.key()
    let text = Array("same".utf8)
    let body = key.seal(text.span, aad: Self.aad.span, salt: Self.salt)
    let opened = try key.open(unsafe body.span.bytes, aad: Self.aad.span)
    #expect(opened == text)
  }
}
