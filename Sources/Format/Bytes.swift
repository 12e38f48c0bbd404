/// Bounds-checked big-endian loads and stores on raw spans: Format's only home of `unsafe`.
///
/// `unsafeLoadUnaligned` checks its range; it is called unsafe for types with padding or
/// references, and only integers pass through here.
@inlinable package func load8(_ span: RawSpan, _ offset: Int) -> UInt8 {
  unsafe span.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt8.self)
}

/// The two bytes at `offset`, the first the highest.
@inlinable package func load16(_ span: RawSpan, _ offset: Int) -> UInt16 {
  UInt16(bigEndian: unsafe span.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
}

/// The four bytes at `offset`, the first the highest.
@inlinable package func load32(_ span: RawSpan, _ offset: Int) -> UInt32 {
  UInt32(bigEndian: unsafe span.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
}

/// The eight bytes at `offset`, the first the highest.
@inlinable package func load64(_ span: RawSpan, _ offset: Int) -> UInt64 {
  UInt64(bigEndian: unsafe span.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
}

/// Writes one byte at `offset`, which must lie within the span.
@inlinable package func store8(_ value: UInt8, _ span: inout MutableRawSpan, _ offset: Int) {
  span.storeBytes(of: value, toByteOffset: offset, as: UInt8.self)
}

/// Writes two bytes at `offset`, the highest first.
@inlinable package func store16(_ value: UInt16, _ span: inout MutableRawSpan, _ offset: Int) {
  span.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt16.self)
}

/// Writes four bytes at `offset`, the highest first.
@inlinable package func store32(_ value: UInt32, _ span: inout MutableRawSpan, _ offset: Int) {
  span.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
}

/// Writes eight bytes at `offset`, the highest first.
@inlinable package func store64(_ value: UInt64, _ span: inout MutableRawSpan, _ offset: Int) {
  span.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt64.self)
}

/// Copies a whole span to an offset of another; both ranges are checked.
@inlinable package func copy(_ source: RawSpan, _ target: inout MutableRawSpan, _ offset: Int) {
  let count = source.byteCount
  precondition(
    offset >= 0 && count <= target.byteCount - offset, "a copy would pass the end of its target")
  // Both ranges were checked just above and the borrow of `target` is exclusive.
  unsafe target.withUnsafeMutableBytes { to in
    unsafe source.withUnsafeBytes { from in
      if let toBase = to.baseAddress, let fromBase = from.baseAddress {
        unsafe (toBase + offset).copyMemory(from: fromBase, byteCount: count)
      }
    }
  }
}

extension Array where Element == UInt8 {
  /// The bytes as a raw span; safe because bytes have neither padding nor references.
  @inlinable package var raw: RawSpan {
    @_lifetime(borrow self)
    get { unsafe _overrideLifetime(span.bytes, borrowing: self) }
  }
}
