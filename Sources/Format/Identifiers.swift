/// A 32-byte identifier that cannot be mistaken for another kind of identifier.
package protocol Identifier32: Hashable, Comparable, Sendable, CustomStringConvertible {
  var bytes: Bytes32 { get }
  init(_ bytes: Bytes32)
}

extension Identifier32 {
  /// Orders as the bytes do, first byte first.
  @inlinable package static func < (a: Self, b: Self) -> Bool { a.bytes < b.bytes }
  @inlinable package var isZero: Bool { bytes.isZero }
  package var description: String { hex(bytes.array) }
  /// The identifier that 64 hexadecimal digits name, or nil.
  package init?(hex text: some StringProtocol) {
    guard let raw = Format.bytes(hex: text), let bytes = Bytes32(raw) else { return nil }
    self.init(bytes)
  }
}

/// A 16-byte identifier that cannot be mistaken for another kind of identifier.
package protocol Identifier16: Hashable, Comparable, Sendable, CustomStringConvertible {
  var bytes: Bytes16 { get }
  init(_ bytes: Bytes16)
}

extension Identifier16 {
  /// Orders as the bytes do, first byte first.
  @inlinable package static func < (a: Self, b: Self) -> Bool { a.bytes < b.bytes }
  @inlinable package var isZero: Bool { bytes.isZero }
  package var description: String { hex(bytes.array) }
  /// The identifier that 32 hexadecimal digits name, or nil.
  package init?(hex text: some StringProtocol) {
    guard let raw = Format.bytes(hex: text), let bytes = Bytes16(raw) else { return nil }
    self.init(bytes)
  }
}

/// The hash of an encoded header.
package struct EntryID: Identifier32 {
  package let bytes: Bytes32
  @inlinable package init(_ bytes: Bytes32) { self.bytes = bytes }
}

/// The entry ID of a group's first genesis; of the office log it is the office_id.
package struct GroupID: Identifier32 {
  package let bytes: Bytes32
  @inlinable package init(_ bytes: Bytes32) { self.bytes = bytes }
}

/// The Ed25519 public key of a device.
package struct DeviceKey: Identifier32 {
  package let bytes: Bytes32
  @inlinable package init(_ bytes: Bytes32) { self.bytes = bytes }
}

/// The X25519 public key of a device for links.
package struct NoiseIdentity: Identifier32 {
  package let bytes: Bytes32
  @inlinable package init(_ bytes: Bytes32) { self.bytes = bytes }
}

/// The X25519 public key of a device for sealed copies.
package struct SealingIdentity: Identifier32 {
  package let bytes: Bytes32
  @inlinable package init(_ bytes: Bytes32) { self.bytes = bytes }
}

/// The Ed25519 public key of a ticket.
package struct TicketKey: Identifier32 {
  package let bytes: Bytes32
  @inlinable package init(_ bytes: Bytes32) { self.bytes = bytes }
}

/// The hash of a finished handshake.
package struct HandshakeHash: Identifier32 {
  package let bytes: Bytes32
  @inlinable package init(_ bytes: Bytes32) { self.bytes = bytes }
}

/// The hash of the stored bytes of a body.
package struct BodyHash: Identifier32 {
  package let bytes: Bytes32
  @inlinable package init(_ bytes: Bytes32) { self.bytes = bytes }
}

/// The hash of a group's frontier.
package struct FrontierDigest: Identifier32 {
  package let bytes: Bytes32
  @inlinable package init(_ bytes: Bytes32) { self.bytes = bytes }
}

/// The first 16 bytes of the entry ID of a feed's genesis.
package struct FeedID: Identifier16 {
  package let bytes: Bytes16
  @inlinable package init(_ bytes: Bytes16) { self.bytes = bytes }
}

/// The name of a group secret, which commits to it.
package struct EpochID: Identifier16 {
  package let bytes: Bytes16
  @inlinable package init(_ bytes: Bytes16) { self.bytes = bytes }
}

/// A member's random name.
package struct MemberID: Identifier16 {
  package let bytes: Bytes16
  @inlinable package init(_ bytes: Bytes16) { self.bytes = bytes }
}

/// A caller's random name for one wish, so that a retry never doubles.
package struct RequestID: Identifier16 {
  package let bytes: Bytes16
  @inlinable package init(_ bytes: Bytes16) { self.bytes = bytes }
}

/// Random bytes a node draws at each start.
package struct BootNonce: Identifier16 {
  package let bytes: Bytes16
  @inlinable package init(_ bytes: Bytes16) { self.bytes = bytes }
}

/// The first 16 bytes of the ID of the entry where a branch of a forked feed begins; zero for the trunk.
package struct BranchID: Identifier16 {
  package let bytes: Bytes16
  @inlinable package init(_ bytes: Bytes16) { self.bytes = bytes }
}

extension EntryID {
  /// The first 16 bytes, as references hold them.
  @inlinable package var prefix: Bytes16 { bytes.prefix }
}
