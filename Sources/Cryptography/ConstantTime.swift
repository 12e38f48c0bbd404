private import CSodium

/// What is done to bytes that are, or prove, a secret.
package enum ConstantTime {
  /// Compares without telling by its duration where two runs of one length differ.
  package static func equal(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    Sodium.start()
    guard left.count == right.count else { return false }
    if left.isEmpty { return true }
    // libsodium reads `left.count` bytes from both, and both have as many.
    return unsafe left.withUnsafeBytes { left in
      unsafe right.withUnsafeBytes { right in
        unsafe sodium_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
      }
    }
  }

  /// Overwrites a buffer in which a key file was read or written.
  package static func wipe(_ target: inout MutableSpan<UInt8>) {
    unsafe target.withUnsafeMutableBytes { unsafe sodium_memzero($0.baseAddress, $0.count) }
  }
}
