/// What a message entry says, once it is readable (3-entry, content of a message).
package enum Content: Hashable, Sendable {
  /// With `reply` an answer to the message of that ID.
  case text(RequestID, [UInt8], reply: EntryID? = nil)
  /// With `again` what the message of that ID said first (E-23).
  case title(RequestID, title: Name, purpose: [UInt8], again: EntryID? = nil)
  case name(RequestID, Subject, Name)
  /// What its author shows to a message; without `sign` nothing any more (E-22).
  case reaction(RequestID, to: EntryID, sign: Name?)
  /// A type this version does not know.
  case unknown(type: UInt8)

  /// Whose name a name entry states.
  package enum Subject: Hashable, Sendable {
    case office
    case member(MemberID)
    case device(DeviceKey)
    case ticket(TicketKey)
  }

  /// The caller's id, by which a retry is recognised; nil where the type is unknown.
  package var request: RequestID? {
    switch self {
    case .text(let request, _, _), .title(let request, _, _, _), .name(let request, _, _),
      .reaction(let request, _, _):
      request
    case .unknown: nil
    }
  }

  /// The type and its fields, ascending by tag, without padding (E-17).
  package func encode() -> [UInt8] {
    var writer = Writer()
    switch self {
    case .text(let request, let text, let reply):
      writer.u8(1)
      writer.field(1, request.bytes.array)
      writer.field(2, text)
      if let reply { writer.field(3, reply.bytes.array) }
    case .title(let request, let title, let purpose, let again):
      writer.u8(2)
      writer.field(1, request.bytes.array)
      if let again { writer.field(3, again.bytes.array) }
      writer.field(4, title.bytes)
      writer.field(5, purpose)
    case .name(let request, let subject, let name):
      writer.u8(3)
      writer.field(1, request.bytes.array)
      switch subject {
      case .office: break
      case .member(let member): writer.field(6, member.bytes.array)
      case .device(let device): writer.field(7, device.bytes.array)
      case .ticket(let ticket): writer.field(8, ticket.bytes.array)
      }
      writer.field(9, name.bytes)
    case .reaction(let request, let entry, let sign):
      writer.u8(4)
      writer.field(1, request.bytes.array)
      writer.field(3, entry.bytes.array)
      writer.field(10, sign?.bytes ?? [])
    case .unknown(let type): writer.u8(type)
    }
    return writer.bytes
  }

  /// Decodes content; what breaks E-17 is refused, unknown tags are passed over.
  package init(decoding bytes: [UInt8]) throws(DecodeError) {
    var reader = Reader(bytes, .e17)
    let type = try reader.u8()
    guard (1...4).contains(type) else {
      self = .unknown(type: type)
      return
    }
    var fields: [UInt8: [UInt8]] = [:]
    var last = -1
    while reader.remaining > 0 {
      let tag = try reader.u8()
      guard Int(tag) > last else { throw .broken(.e17) }
      last = Int(tag)
      fields[tag] = try reader.array(Int(try reader.u16()))
    }
    guard let request = fields[1].flatMap({ Bytes16($0) }).map(RequestID.init) else {
      throw .broken(.e17)
    }
    switch type {
    case 1:
      guard let text = fields[2], (1...Limits.textBytesMax).contains(text.count), isUTF8(text)
      else { throw .broken(.e17) }
      self = .text(request, text, reply: try fields[3].map(Self.entry))
    case 2:
      guard let purpose = fields[5], purpose.count <= Limits.purposeBytesMax, isUTF8(purpose)
      else { throw .broken(.e17) }
      self = .title(
        request, title: try Self.name(fields[4]), purpose: purpose,
        again: try fields[3].map(Self.entry))
    case 3: self = .name(request, try Self.subject(fields), try Self.name(fields[9]))
    default:
      guard let entry = fields[3], let sign = fields[10], sign.count <= Limits.reactionBytesMax
      else { throw .broken(.e17) }
      self = .reaction(
        request, to: try Self.entry(entry), sign: sign.isEmpty ? nil : try Self.name(sign))
    }
  }

  private static func entry(_ bytes: [UInt8]) throws(DecodeError) -> EntryID {
    guard let value = Bytes32(bytes) else { throw .broken(.e17) }
    return EntryID(value)
  }

  private static func name(_ bytes: [UInt8]?) throws(DecodeError) -> Name {
    do {
      return try Name(bytes ?? [])
    } catch {
      throw .broken(.e17)
    }
  }

  private static func subject(_ fields: [UInt8: [UInt8]]) throws(DecodeError) -> Subject {
    switch (fields[6], fields[7], fields[8]) {
    case (nil, nil, nil): return .office
    case (let bytes?, nil, nil):
      guard let value = Bytes16(bytes) else { throw .broken(.e17) }
      return .member(MemberID(value))
    case (nil, let bytes?, nil):
      guard let value = Bytes32(bytes) else { throw .broken(.e17) }
      return .device(DeviceKey(value))
    case (nil, nil, let bytes?):
      guard let value = Bytes32(bytes) else { throw .broken(.e17) }
      return .ticket(TicketKey(value))
    default: throw .broken(.e17)
    }
  }
}

extension Writer {
  /// One field of content: tag u8, length u16, value.
  fileprivate mutating func field(_ tag: UInt8, _ value: [UInt8]) {
    u8(tag)
    u16(UInt16(value.count))
    append(value)
  }
}

/// Padding of content before it is encrypted (E-19).
package enum Padding {
  /// The sizes a padded plaintext can have, ascending: 128 x 2^k, then the largest that fits a body.
  package static let sizes = (0...8).map { 128 << $0 } + [Limits.paddedBytesMax]

  /// Length, content and zeros to the least size that fits; nil where no size does.
  package static func pad(_ content: [UInt8]) -> [UInt8]? {
    guard let size = sizes.first(where: { $0 >= content.count + 2 }) else { return nil }
    var out: [UInt8] = []
    out.reserveCapacity(size)
    out.append(UInt8(truncatingIfNeeded: content.count >> 8))
    out.append(UInt8(truncatingIfNeeded: content.count))
    out.append(contentsOf: content)
    out.append(contentsOf: repeatElement(0, count: size - out.count))
    return out
  }

  /// The content inside a padded plaintext.
  package static func unpad(_ padded: [UInt8]) throws(DecodeError) -> [UInt8] {
    guard padded.count >= 2 else { throw .truncated(.e19) }
    let count = Int(load16(padded.raw, 0))
    guard count <= padded.count - 2,
      sizes.first(where: { $0 >= count + 2 }) == padded.count,
      padded[(2 + count)...].allSatisfy({ $0 == 0 })
    else { throw .broken(.e19) }
    return Array(padded[2..<2 + count])
  }

  /// Bytes that encryption adds to a padded plaintext: nonce and tag.
  package static let overhead = 40

  /// Whether an encrypted body can have this size (K-6).
  package static func isBodySize(_ size: Int) -> Bool { sizes.contains(size - overhead) }
}
