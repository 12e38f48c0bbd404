/// Checks a body that is here against the rules of its kind: E-14, A-1 and K-1, at the layer decode.
///
/// An opaque entry's body is not looked into, and nobody can look into an encrypted one here.
package func checkBody(_ header: EntryHeader, _ body: [UInt8]) throws(DecodeError) {
  guard body.count == Int(header.bodySize) else { throw .broken(.e13) }
  guard !header.isOpaque, !body.isEmpty else { return }
  switch header.kind {
  case .genesis:
    guard let facts = GenesisFacts(header) else { throw .broken(.e11) }
    _ = try OfficeGenesis(decoding: body, device: facts.device)
  case .control: _ = try Operation(decoding: body)
  case .epoch: _ = try EpochBody(decoding: body)
  default: break
  }
}

extension Batch {
  /// Checks every body that travelled; what unpacking leaves to do at the layer decode.
  package func checkBodies() throws(DecodeError) {
    for entry in entries where entry.kind != EntryKind.message.rawValue {
      guard let body = body(entry) else { continue }
      try checkBody(try header(entry), body)
    }
  }
}
