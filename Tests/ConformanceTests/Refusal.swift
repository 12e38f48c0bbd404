import Cryptography
import Format
import TestSupport

/// What a door says of a vector it does not take: the layer and the rule.
struct Refusal: Error, CustomStringConvertible {
  let layer: Vector.Verdict
  let rule: String

  var description: String { "\(layer.rawValue) \(rule)" }

  static func decode(_ rule: String) -> Refusal { Refusal(layer: .decode, rule: rule) }
  static func verify(_ rule: String) -> Refusal { Refusal(layer: .verify, rule: rule) }

  /// Codecs refuse at the layer decode, but for the IDs that unpacking recomputes and for what it
  /// takes the group to know.
  init(_ error: DecodeError) {
    let isVerified = [.f14, .e15, .k6, .h14].contains(error.rule)
    self.init(layer: isVerified ? .verify : .decode, rule: error.rule.label)
  }

  /// What a door threw; nil where that is no refusal.
  init?(any error: any Error) {
    switch error {
    case let refusal as Refusal: self = refusal
    case let error as DecodeError: self.init(error)
    default: return nil
    }
  }

  init(layer: Vector.Verdict, rule: String) { (self.layer, self.rule) = (layer, rule) }
}

/// Bytes decode and encode to others: the one thing no codec may do.
struct NotCanonical: Error {}

/// Refuses by `rule` unless `condition` holds.
func need(_ condition: Bool, _ refusal: Refusal) throws {
  if !condition { throw refusal }
}

/// Fails the test where accepted bytes encode to others.
func needSame(_ encoded: [UInt8], _ bytes: [UInt8]) throws {
  if encoded != bytes { throw NotCanonical() }
}

/// The real hashes, as unpacking wants them.
struct RealHasher: EntryHasher {
  func bodyHash(_ bytes: RawSpan) -> Bytes32 { Self.bytes(Blake2b.hash(.body, bytes)) }
  func entryID(_ header: RawSpan) -> Bytes32 { Self.bytes(Blake2b.hash(.entry, header)) }

  private static func bytes(_ hash: InlineArray<32, UInt8>) -> Bytes32 {
    Bytes32(hash.indices.map { hash[$0] }) ?? Bytes32()
  }
}

/// H(label; parts) with 32 bytes of output.
func hashed(_ label: Label.Hash, _ parts: [UInt8]...) -> [UInt8] {
  var hash = Blake2b(label, count: 32)
  for part in parts { hash.update(part.span) }
  let result = hash.finish32()
  return result.indices.map { result[$0] }
}

/// The verdict of the one verifier, on bytes of any length.
func isGenuine(
  _ signature: [UInt8], _ label: Label.Signature, _ content: [UInt8], by key: [UInt8]
) -> Bool {
  guard let key = try? SigningPublicKey(copying: key.span),
    let signature = try? Signature(copying: signature.span)
  else { return false }
  return key.verify(signature, label, content.span)
}

/// The checksum of a typed line, 16 bytes of which four are used.
func checksumOf(_ bytes: [UInt8]) -> [UInt8] {
  let hash = Blake2b.hash16(.check, bytes.span)
  return hash.indices.map { hash[$0] }
}

/// The public key of the ticket with this seed.
func ticketKey(_ seed: [UInt8]) throws -> [UInt8] {
  try SigningKey(ticketSeed: seed.span).publicKey.array
}
