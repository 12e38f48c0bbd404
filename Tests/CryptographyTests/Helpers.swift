@testable import Cryptography

// The test macros take their expressions apart and cannot hold a span; these take arrays.

extension Span<UInt8> {
  /// A copy, for comparing in a test.
  var array: [UInt8] { indices.map { self[$0] } }
}

extension SigningPublicKey {
  /// `verify` over an array.
  func isGenuine(_ signature: Signature, _ label: Label.Signature, _ content: [UInt8]) -> Bool {
    verify(signature, label, content.span)
  }
}

extension Blake2b {
  /// `hash` over an array.
  static func hash(_ label: Label.Hash, array: [UInt8]) -> [UInt8] {
    hash(label, array.span).array
  }
}
