/// What both sides say inside the handshake (7-handshake).
package struct Greeting: Hashable, Sendable {
  package static let size = 64
  /// The entry ID of the certificate; zero for a joiner.
  package let certificate: EntryID
  package let bootNonce: BootNonce
  /// The sender's clock, for the hint that a clock is wrong; decides nothing.
  package let wallMilliseconds: UInt64
  /// The port the sender listens on, 0 where it does not.
  package let port: UInt16

  package init(
    certificate: EntryID, bootNonce: BootNonce, wallMilliseconds: UInt64, port: UInt16
  ) {
    (self.certificate, self.bootNonce) = (certificate, bootNonce)
    (self.wallMilliseconds, self.port) = (wallMilliseconds, port)
  }

  package init(decoding bytes: [UInt8]) throws(DecodeError) {
    guard bytes.count == Self.size else { throw .broken(.h3) }
    var reader = Reader(bytes, .h3)
    certificate = try reader.id()
    bootNonce = try reader.id()
    wallMilliseconds = try reader.u64()
    port = try reader.u16()
    guard try reader.array(6).allSatisfy({ $0 == 0 }) else { throw .broken(.h3) }
  }

  /// At a door neither side says who it is (H-12).
  package func checkSaysNothing() throws(DecodeError) {
    guard certificate.isZero, bootNonce.isZero, wallMilliseconds == 0, port == 0 else {
      throw .broken(.h12)
    }
  }

  /// The content of the frame, all of it and of one size (H-3).
  package func encode() -> [UInt8] {
    var writer = Writer(capacity: Self.size)
    writer.id(certificate)
    writer.id(bootNonce)
    writer.u64(wallMilliseconds)
    writer.u16(port)
    writer.append([UInt8](repeating: 0, count: 6))
    return writer.bytes
  }
}

/// The first six bytes of a link, in clear.
package struct Preface: Hashable, Sendable {
  package static let size = 6
  package static let magic = Array("ZRF1".utf8)
  package static let version: UInt8 = 1

  /// Which handshake follows; the raw value is its byte.
  package enum Mode: UInt8, Hashable, Sendable {
    case member = 0
    case ticket = 1
    case digits = 2
  }

  package let mode: Mode

  package init(mode: Mode) { self.mode = mode }

  package init(decoding bytes: [UInt8]) throws(DecodeError) {
    guard bytes.count == Self.size, Array(bytes[0..<4]) == Self.magic, bytes[4] == Self.version,
      let mode = Mode(rawValue: bytes[5])
    else { throw .broken(.h1) }
    self.mode = mode
  }

  package var bytes: [UInt8] { Self.magic + [Self.version, mode.rawValue] }

  /// What both sides hash into the handshake before its first message.
  package func prologue(office: GroupID) -> [UInt8] { bytes + office.bytes.array }
}
