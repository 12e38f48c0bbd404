private import CSodium

/// Bytes that must not be doubled or outlive their owner: wiped when the value ends.
///
/// They live on the heap because moving a value copies its inline storage and would leave the old
/// bytes behind on the stack; here only the pointer moves. The memory is written by `init` alone
/// and only read afterwards, so it may pass between threads.
@safe
struct SecretBytes: ~Copyable, @unchecked Sendable {
  /// Where a secret lies.
  enum Memory {
    /// Plain heap: cheap, for keys derived per message, link or epoch.
    case plain
    /// Between guard pages, locked against swapping, left out of core dumps; three pages each and
    /// some system calls, so for the few long-lived keys from which all others follow.
    case guarded
  }

  let count: Int
  private let start: UnsafeMutablePointer<UInt8>
  private let memory: Memory

  /// Lets `fill` write the bytes in place, where they stay; until then they are zero.
  init(count: Int, in memory: Memory, fill: (UnsafeMutablePointer<UInt8>) -> Void) {
    Sodium.start()
    self.count = count
    self.memory = memory
    switch memory {
    case .plain:
      unsafe start = UnsafeMutablePointer<UInt8>.allocate(capacity: count)
    case .guarded:
      guard let raw = unsafe sodium_malloc(count) else {
        preconditionFailure("no memory is left for a secret of \(count) bytes")
      }
      unsafe start = raw.bindMemory(to: UInt8.self, capacity: count)
    }
    unsafe start.initialize(repeating: 0, count: count)
    unsafe fill(start)
  }

  /// Lets `write` write the bytes in place through a span.
  init(count: Int, in memory: Memory, write: (inout MutableSpan<UInt8>) -> Void) {
    self = unsafe SecretBytes(
      count: count, in: memory,
      fill: { start in
        var span = unsafe UnsafeMutableBufferPointer(start: start, count: count).mutableSpan
        write(&span)
      })
  }

  /// Opens `sealed` into fresh memory.
  init(
    opening sealed: Span<UInt8>, _ cipher: AEAD, key: borrowing SecretBytes, nonce: Span<UInt8>,
    aad: Span<UInt8>
  ) throws(CryptographyError) {
    guard sealed.count >= AEAD.tagCount else { throw .notGenuine }
    var isGenuine = false
    let opened = SecretBytes(
      count: sealed.count - AEAD.tagCount, in: .plain,
      write: { target in
        isGenuine = cipher.opens(sealed, into: &target, at: 0, key: key, nonce: nonce, aad: aad)
      })
    guard isGenuine else { throw .notGenuine }
    self = opened
  }

  /// Fresh bytes from the kernel.
  init(randomCount count: Int, in memory: Memory) {
    unsafe self.init(count: count, in: memory) {
      unsafe randombytes_buf($0, count)
    }
  }

  /// Copies bytes that came from outside; any number but `count` is refused.
  init(
    copying source: Span<UInt8>, count: Int, in memory: Memory
  ) throws(CryptographyError) {
    guard source.count == count else {
      throw .wrongLength(expected: count, found: source.count)
    }
    self.init(
      count: count, in: memory,
      write: { target in
        for index in source.indices { target[index] = source[index] }
      })
  }

  deinit {
    switch memory {
    case .plain:
      unsafe sodium_memzero(start, count)
      unsafe start.deallocate()
    case .guarded:
      unsafe sodium_free(start)  // wipes before it unmaps
    }
  }

  /// The part of 32 bytes with this number, as a secret of its own.
  func part(_ number: Int) -> SecretBytes {
    withBytes { bytes in
      SecretBytes(
        count: 32, in: .plain,
        write: { for index in $0.indices { $0[index] = bytes[32 * number + index] } })
    }
  }

  /// Lends the bytes to `body`, which must not keep a copy beyond its own needs.
  @inline(__always)
  func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(unsafe UnsafeBufferPointer(start: start, count: count).span)
  }

  /// Lends the bytes to a call into libsodium.
  @inline(__always)
  func withPointer<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result {
    unsafe body(UnsafePointer(start))
  }
}
