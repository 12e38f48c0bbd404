import TestSupport

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

extension ConstantTime {
  /// `equal` over arrays.
  static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool { equal(left.span, right.span) }
}

/// Public keys that would make the shared secret zero whatever our own key is.
enum LowOrder {
  /// The points of order 1, 2, 4 and 8 of the curve and its twist, and their other encodings.
  static let points: [InlineArray<32, UInt8>] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ].map { text in
    let bytes = [UInt8](hex: text) ?? []
    return InlineArray { bytes[$0] }
  }
}
