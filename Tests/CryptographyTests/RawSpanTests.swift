import Testing

@testable import Cryptography

/// The doors for codecs, which hold raw spans: each must be the same as the one for bytes.
@Suite struct RawSpanTests {
  static let content = [UInt8](0..<200)

  @Test func `a raw span hashes as its bytes do, whole and in parts`() {
    let raw = unsafe Self.content.span.bytes
    let expected = Blake2b.hash(.body, array: Self.content)
    let whole = Blake2b.hash(.body, raw).array
    var hash = Blake2b(.body, count: 32)
    hash.update(raw.extracting(0..<77))
    hash.update(raw.extracting(77..<200))
    let parted = hash.finish32().array
    #expect(whole == expected && parted == expected)
  }

  @Test func `a raw span is signed and verified as its bytes are`() {
    let key = SigningKey()
    let raw = unsafe Self.content.span.bytes
    let signature = key.sign(.certify, raw)
    let plain = key.sign(.certify, Self.content.span)
    let isGenuine = key.publicKey.verify(signature, .certify, raw)
    let isOther = key.publicKey.verify(signature, .certify, raw.extracting(1..<200))
    #expect(signature == plain && isGenuine && !isOther)
  }
}
