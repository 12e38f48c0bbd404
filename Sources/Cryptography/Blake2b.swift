private import CSodium

/// BLAKE2b with this protocol's labels: in one call, or in parts.
///
/// The state of the parted form lies on the heap, where it is wiped: that of a keyed hash is as
/// good as its key. What is hashed once per entry goes through `hash`, which allocates nothing.
@safe
package struct Blake2b: ~Copyable {
  private let state: UnsafeMutableRawPointer
  private let count: Int

  /// Begins a hash of `count` bytes (16 to 64) over what follows by `update`.
  package init(_ label: Label.Hash, count: Int) {
    self.init(personal: label, count: count, key: Span())
  }

  /// Begins a keyed hash; the label keeps it apart from other uses of the same key.
  package init(_ label: Label.Hash, count: Int, key: Span<UInt8>) {
    self.init(personal: label, count: count, key: key)
  }

  /// Begins any hash; without a label only for the public test cases, which know none.
  init(personal: Label.Hash?, count: Int, key: Span<UInt8>) {
    Sodium.start()
    precondition(count >= 16 && count <= 64, "libsodium's BLAKE2b gives 16 to 64 bytes")
    precondition(key.count <= 64, "a BLAKE2b key has at most 64 bytes")
    self.count = count
    // Swift does not import the state's type, which is aligned more strictly than it can express.
    unsafe state = .allocate(byteCount: crypto_generichash_blake2b_statebytes(), alignment: 64)
    // The personal, where there is one, is a static text of exactly 16 bytes.
    let code = unsafe key.withUnsafeBufferPointer {
      unsafe crypto_generichash_blake2b_init_salt_personal(
        OpaquePointer(state), $0.baseAddress, $0.count, count, nil, personal?.personal.utf8Start)
    }
    precondition(code == 0, "BLAKE2b refused parameters that were checked")
  }

  deinit {
    unsafe sodium_memzero(state, crypto_generichash_blake2b_statebytes())
    unsafe state.deallocate()
  }

  /// Takes in the next part of the content.
  package mutating func update(_ part: Span<UInt8>) {
    unsafe part.withUnsafeBufferPointer {
      let code = unsafe crypto_generichash_blake2b_update(
        OpaquePointer(state), $0.baseAddress, UInt64($0.count))
      precondition(code == 0, "BLAKE2b takes any content")
    }
  }

  /// Takes in a number as the four bytes that travel.
  package mutating func update(bigEndian number: UInt32) {
    let bytes: InlineArray<4, UInt8> = [
      UInt8(truncatingIfNeeded: number >> 24), UInt8(truncatingIfNeeded: number >> 16),
      UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number),
    ]
    update(bytes.span)
  }

  /// Ends a hash that was begun with a count of 16.
  package consuming func finish16() -> InlineArray<16, UInt8> {
    precondition(count == 16, "a hash is ended with the count it was begun with")
    return unsafe InlineArray { unsafe finish(at: $0) }
  }

  /// Ends a hash that was begun with a count of 32.
  package consuming func finish32() -> InlineArray<32, UInt8> {
    precondition(count == 32, "a hash is ended with the count it was begun with")
    return unsafe InlineArray { unsafe finish(at: $0) }
  }

  /// Ends the hash into a span of exactly the count it was begun with.
  package consuming func finish(into target: inout MutableSpan<UInt8>) {
    unsafe target.withUnsafeMutableBufferPointer {
      precondition($0.count == count, "a hash ends in a span of the count it was begun with")
      if let address = $0.baseAddress { unsafe finish(at: address) }
    }
  }

  /// Ends the hash as a secret, which is never seen outside its memory.
  consuming func finishSecret(in memory: SecretBytes.Memory) -> SecretBytes {
    unsafe SecretBytes(count: count, in: memory) { unsafe finish(at: $0) }
  }

  /// The caller promises room for `count` bytes.
  private borrowing func finish(at target: UnsafeMutablePointer<UInt8>) {
    let code = unsafe crypto_generichash_blake2b_final(OpaquePointer(state), target, count)
    precondition(code == 0, "a BLAKE2b hash was ended twice")
  }
}

extension Blake2b {
  /// The 32-byte hash of one run of bytes; allocates nothing, for it runs twice per entry.
  package static func hash(
    _ label: Label.Hash, _ content: Span<UInt8>
  ) -> InlineArray<32, UInt8> {
    Sodium.start()
    // libsodium reads `content.count` and the label's 16 bytes and writes the array's 32.
    return unsafe InlineArray { target in
      unsafe content.withUnsafeBufferPointer { content in
        let code = unsafe crypto_generichash_blake2b_salt_personal(
          target, 32, content.baseAddress, UInt64(content.count), nil, 0, nil,
          label.personal.utf8Start)
        precondition(code == 0, "BLAKE2b takes any content")
      }
    }
  }

  /// The 16-byte hash of one run of bytes, for identifiers and checksums.
  package static func hash16(
    _ label: Label.Hash, _ content: Span<UInt8>
  ) -> InlineArray<16, UInt8> {
    var hash = Blake2b(label, count: 16)
    hash.update(content)
    return hash.finish16()
  }
}
