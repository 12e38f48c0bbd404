import Testing

@testable import Cryptography

/// What is too short to hold a tag: no link and no body lets it come so far.
@Suite struct ShortInputTests {
  private static let nonce = [UInt8](repeating: 1, count: 12)

  @Test(arguments: [0, 1, 15])
  func `it is not genuine, and nothing is written`(count: Int) throws {
    let key = SecretBytes(randomCount: 32, in: .plain)
    let sealed = [UInt8](repeating: 2, count: count)
    var target = [UInt8](repeating: 3, count: 20)
    var span = target.mutableSpan
    let isOpened = AEAD.chaChaPoly.opens(
      sealed.span, into: &span, at: 0, key: key, nonce: Self.nonce.span, aad: Span())
    var error: CryptographyError?
    do throws(CryptographyError) {
      try AEAD.chaChaPoly.open(
        in: &span, at: 2, count: count, key: key, nonce: Self.nonce.span, aad: Span())
    } catch let refusal {
      error = refusal
    }
    #expect(!isOpened && error == .notGenuine)
    #expect(target == [UInt8](repeating: 3, count: 20))
    #expect(throws: CryptographyError.notGenuine) {
      _ = try SecretBytes(
        opening: sealed.span, .chaChaPoly, key: key, nonce: Self.nonce.span, aad: Span())
    }
  }
}
