import TestSupport
import Testing

@testable import Cryptography

/// Ed25519 as this protocol uses it: labelled, deterministic, one verifier.
@Suite struct SignatureTests {
  static let content = [UInt8](0..<32)

  @Test func `a signature is genuine for its own label and content only`() {
    let key = SigningKey()
    let signature = key.sign(.entry, Self.content.span)
    #expect(key.publicKey.isGenuine(signature, .entry, Self.content))
    #expect(!key.publicKey.isGenuine(signature, .certify, Self.content))
    #expect(!key.publicKey.isGenuine(signature, .owners, Self.content))
    #expect(!key.publicKey.isGenuine(signature, .entry, Array(Self.content.dropLast())))
    let other = SigningKey().publicKey
    #expect(!other.isGenuine(signature, .entry, Self.content))
  }

  @Test func `every flipped bit of a signature is refused`() {
    let key = SigningKey()
    let signature = key.sign(.entry, Self.content.span)
    for bit in 0..<512 {
      var bytes = signature.bytes
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(!key.publicKey.isGenuine(Signature(bytes), .entry, Self.content))
    }
  }

  @Test func `every flipped bit of a key or of the content is refused`() {
    let key = SigningKey()
    let signature = key.sign(.entry, Self.content.span)
    for bit in 0..<256 {
      var bytes = key.publicKey.bytes
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(!SigningPublicKey(bytes).isGenuine(signature, .entry, Self.content))
      var content = Self.content
      content[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(!key.publicKey.isGenuine(signature, .entry, content))
    }
  }

  @Test func `what is signed is label, zero byte, content`() throws {
    let key = try SigningKey(bytes: Self.content.span)
    for (label, text) in [
      (Label.Signature.entry, "zr1 entry"), (.certify, "zr1 certify"), (.owners, "zr1 owners"),
    ] {
      // Short contents are put together on the stack, long ones elsewhere: both must agree.
      for count in [0, 32, 500, 501, 5000] {
        let content = [UInt8](repeating: 7, count: count)
        let message = Array(text.utf8) + [0] + content
        let bare = key.sign(unlabelled: message.span)
        let labelled = key.sign(label, content.span)
        #expect(labelled == bare)
      }
    }
    #expect(Label.Signature.allCases.count == 3)
  }

  @Test func `the labels' texts are those of the protocol, and none begins another`() {
    let texts = Label.Signature.allCases.map { "\($0.prefix)" }
    #expect(texts == ["zr1 entry\0", "zr1 certify\0", "zr1 owners\0"])
  }

  @Test func `a key survives the way through its file`() throws {
    let key = SigningKey()
    let seed = key.withBytes { $0.array }
    #expect(seed.count == 32)
    let again = try SigningKey(bytes: seed.span)
    #expect(again.publicKey == key.publicKey)
  }

  @Test func `a seed, key or signature of another length is refused`() {
    for count in [0, 31, 33, 64] {
      let bytes = [UInt8](repeating: 1, count: count)
      #expect(throws: CryptographyError.wrongLength(expected: 32, found: count)) {
        _ = try SigningKey(bytes: bytes.span)
      }
      #expect(throws: CryptographyError.wrongLength(expected: 32, found: count)) {
        _ = try SigningPublicKey(copying: bytes.span)
      }
    }
    let bytes = [UInt8](repeating: 1, count: 63)
    #expect(throws: CryptographyError.wrongLength(expected: 64, found: 63)) {
      _ = try Signature(copying: bytes.span)
    }
  }

  @Test func `two fresh keys differ`() {
    let (first, second) = (SigningKey().publicKey, SigningKey().publicKey)
    #expect(first != second)
  }

  @Test func `public keys compare, order and hash as their bytes do`() throws {
    let zero = SigningPublicKey(InlineArray(repeating: 0))
    for index in 0..<32 {
      var bytes = InlineArray<32, UInt8>(repeating: 0)
      bytes[index] = 1
      let key = SigningPublicKey(bytes)
      #expect(key != zero && zero < key && !(key < zero))
      #expect(Set([key, zero, SigningPublicKey(bytes)]).count == 2)
      let again = try SigningPublicKey(copying: key.array.span)
      #expect(again == key)
    }
    var first = InlineArray<32, UInt8>(repeating: 0)
    first[0] = 1
    var last = InlineArray<32, UInt8>(repeating: 255)
    last[0] = 0
    #expect(SigningPublicKey(last) < SigningPublicKey(first))
  }
}
