// Codecs hold raw spans, which have no view as bytes that the compiler calls safe. Each function
// here is the one of the same name for `Span<UInt8>`.

extension RawSpan {
  /// The same bytes; every bit pattern is a byte, so the view cannot be wrong.
  @inline(__always)
  fileprivate func bytes<Result, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(unsafe _unsafeView(as: UInt8.self))
  }
}

extension Blake2b {
  /// The 32-byte hash of one run of bytes; allocates nothing, for it runs twice per entry.
  package static func hash(_ label: Label.Hash, _ content: RawSpan) -> InlineArray<32, UInt8> {
    content.bytes { hash(label, $0) }
  }

  /// Takes in the next part of the content.
  package mutating func update(_ part: RawSpan) {
    part.bytes { update($0) }
  }
}

extension SigningKey {
  /// Signs the label and the content; the same input always gives the same signature.
  package func sign(_ label: Label.Signature, _ content: RawSpan) -> Signature {
    content.bytes { sign(label, $0) }
  }
}

extension SigningPublicKey {
  /// Whether `signature` was made by this key over this content under this label.
  package func verify(
    _ signature: Signature, _ label: Label.Signature, _ content: RawSpan
  ) -> Bool {
    content.bytes { verify(signature, label, $0) }
  }
}

extension MessageKey {
  /// The padded plaintext of a body that was sealed with this key and this `aad`.
  package func open(_ body: RawSpan, aad: Span<UInt8>) throws(CryptographyError) -> [UInt8] {
    try body.bytes { (body) throws(CryptographyError) in try open(body, aad: aad) }
  }
}
