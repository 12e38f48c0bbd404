/// The messages of a link at an open door (8-replication, H-13).
extension Message {
  func encodeAtDoor(_ writer: inout Writer) {
    switch self {
    case .door(let office, let sponsor, let member):
      writer.name(office)
      writer.name(sponsor)
      if let member { writer.name(member) } else { writer.u8(0) }
    case .knock(let commitment, let person, let device):
      writer.append(commitment.array)
      writer.name(person)
      writer.name(device)
    case .doorNonce(let nonce), .opening(let nonce): writer.append(nonce.array)
    case .doorAnswer(let answer, let ticket):
      precondition(ticket.count <= Limits.ticketLineBytesMax, "a ticket's line was not checked")
      writer.u8(answer.rawValue)
      writer.u16(UInt16(ticket.count))
      writer.append(ticket)
    default: preconditionFailure("only messages of a door are written here")
    }
  }

  static func atDoor(_ kind: UInt8, _ reader: inout Reader) throws(DecodeError) -> Message {
    switch kind {
    case 12:
      return .door(
        office: try reader.name(), sponsor: try reader.name(), member: try reader.nameOrNone())
    case 13:
      let commitment = try reader.bytes32()
      return .knock(
        commitment: commitment, person: try reader.name(), device: try reader.name())
    case 14: return .doorNonce(try reader.bytes32())
    case 15: return .opening(try reader.bytes32())
    default:
      guard let answer = DoorAnswer(rawValue: try reader.u8()) else { throw reader.fail() }
      let count = Int(try reader.u16())
      guard count <= Limits.ticketLineBytesMax, (count > 0) == (answer == .admitted) else {
        throw reader.fail()
      }
      return .doorAnswer(answer, ticket: try reader.array(count))
    }
  }
}

extension Writer {
  fileprivate mutating func name(_ name: Name) {
    u8(UInt8(name.bytes.count))
    append(name.bytes)
  }
}

extension Reader {
  /// A length in one byte and as many bytes, which must be a name (N-3).
  fileprivate mutating func name() throws(DecodeError) -> Name {
    guard let name = try nameOrNone() else { throw fail() }
    return name
  }

  /// The same, or nothing where the length is zero.
  fileprivate mutating func nameOrNone() throws(DecodeError) -> Name? {
    let bytes = try array(Int(try u8()))
    if bytes.isEmpty { return nil }
    do throws(Name.Refusal) {
      return try Name(bytes)
    } catch {
      throw fail()
    }
  }
}
