extension InlineArray where Element == UInt8 {
  /// Copies exactly `count` bytes that came from outside; any other number is refused.
  init(copying source: Span<UInt8>) throws(CryptographyError) {
    guard source.count == Self.count else {
      throw .wrongLength(expected: Self.count, found: source.count)
    }
    self.init { source[$0] }
  }

  /// Copies bytes of ours; another number than `count` is a bug.
  init(exactly source: Span<UInt8>) {
    precondition(source.count == Self.count, "a name or nonce has one length")
    self.init { source[$0] }
  }

  /// Zeros, of which libsodium then writes all `count` in place.
  @inline(__always)
  init(writing body: (UnsafeMutablePointer<UInt8>) -> Void) {
    self.init(repeating: 0)
    var span = mutableSpan
    unsafe span.withUnsafeMutableBufferPointer {
      guard let address = $0.baseAddress else {
        preconditionFailure("an array of no bytes was to be written")
      }
      unsafe body(address)
    }
  }

  /// Lends the address of all `count` bytes to a call into libsodium.
  @inline(__always)
  func withPointer<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result {
    unsafe span.withUnsafeBufferPointer {
      guard let address = $0.baseAddress else {
        preconditionFailure("an array of no bytes was to be read")
      }
      return unsafe body(address)
    }
  }

  /// The bytes as an array.
  var array: [UInt8] { indices.map { self[$0] } }
}

extension InlineArray<32, UInt8> {
  /// The bytes as four words in the machine's order: for equality and hashing, never for order.
  @inlinable
  package var words: (UInt64, UInt64, UInt64, UInt64) {
    // Both are 32 plain bytes without padding; the cast copies, so alignment does not matter.
    unsafe unsafeBitCast(self, to: (UInt64, UInt64, UInt64, UInt64).self)
  }
}
