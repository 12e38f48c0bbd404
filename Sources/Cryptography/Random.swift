private import CSodium

/// Randomness from the kernel; its failure stops the process inside libsodium.
package enum Random {
  /// Fills all of `target`.
  package static func fill(_ target: inout MutableSpan<UInt8>) {
    Sodium.start()
    unsafe target.withUnsafeMutableBufferPointer {
      if let address = $0.baseAddress { unsafe randombytes_buf(address, $0.count) }
    }
  }

  /// Sixteen fresh bytes: an identifier or a salt.
  package static func bytes16() -> InlineArray<16, UInt8> {
    var bytes = InlineArray<16, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    fill(&span)
    return bytes
  }

  /// Thirty-two fresh bytes that are not secret; a secret has a type with `init()` of its own.
  package static func bytes32() -> InlineArray<32, UInt8> {
    var bytes = InlineArray<32, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    fill(&span)
    return bytes
  }

  /// Fresh bytes in any number.
  package static func bytes(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var span = bytes.mutableSpan
    fill(&span)
    return bytes
  }
}
