import Cryptography
import Format

/// What is left of a body, whatever a crash during erasure or a bad sector made of it.
enum BodyFinding: Hashable, Sendable {
  case present
  case erased
  /// Erased by its prefix, but bytes of it still lie there: the zeros are to be written again.
  case erasing
  case damaged
}

/// Judges a body by its state, its checksum and, where these disagree, its hash (S-8).
///
/// Erasure writes state and checksum first and zeros after a flush. So a state that agrees with
/// its checksum decides; one that does not is a torn prefix or a flipped bit, and then the body
/// is what its hash says.
func findBody(
  state: UInt8, checksum: UInt32, seal: RecordSeal, header: RawSpan, body: RawSpan
) -> BodyFinding {
  let bodySize = Int(load32(header, HeaderLayout.bodySize))
  let isWhole = body.byteCount == bodySize
  let sum = isWhole ? seal.present(body) : 0
  if state == BodyState.present.rawValue, isWhole, checksum == sum { return .present }
  let isErasable = EntryKind(rawValue: load8(header, HeaderLayout.kind))?.isErasable ?? false
  let isErased = checksum == seal.erased && bodySize > 0 && isErasable
  if state == BodyState.erased.rawValue, isErased { return isZero(body) ? .erased : .erasing }
  if isWhole, checksum == sum { return .present }
  if isErased, isZero(body) { return .erased }
  guard isWhole else { return .damaged }
  if bodySize == 0 { return .present }
  return bodyMatches(header, body) ? .present : .damaged
}

func isZero(_ span: RawSpan) -> Bool {
  var at = 0
  while span.byteCount - at >= 32 {
    if !Bytes32(span, at).isZero { return false }
    at += 32
  }
  while at < span.byteCount {
    if load8(span, at) != 0 { return false }
    at += 1
  }
  return true
}

/// Only reached where a checksum is wrong, so that the copy costs nobody anything.
private func bodyMatches(_ header: RawSpan, _ body: RawSpan) -> Bool {
  let hash = Blake2b.hash(.body, bytes(of: body).span)
  return bytes(of: header.extracting(HeaderLayout.bodyHash..<HeaderLayout.bodyHash + 32))
    .elementsEqual(hash.indices.map { hash[$0] })
}

/// A copy of a span's bytes.
func bytes(of span: RawSpan) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: span.byteCount)
  var target = bytes.mutableSpan
  var raw = unsafe target.mutableBytes
  copy(span, &raw, 0)
  return bytes
}
