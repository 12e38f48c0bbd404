/// A secret on one line that a person copies, reads out or types: prefix, base32, checksum (N-1).
package enum TypedLine {
  /// Why a line is not what it should be; each is a person's mistake with a sentence of its own.
  package enum Refusal: Error, Hashable, Sendable {
    /// The line does not begin with the prefix.
    case otherPrefix
    /// The line was cut or mistyped.
    case damaged
    /// The line is whole and of a version this node does not know.
    case newerVersion
  }

  /// `H(zr1.check; prefix, content)`, given by whoever owns hashing; 4 bytes or more.
  package typealias Checksum = ([UInt8]) -> [UInt8]

  /// Whether a text is meant to be a line with this prefix, whole or not.
  package static func begins(_ line: String, _ prefix: String) -> Bool {
    Array(line.utf8.prefix(prefix.utf8.count)) == Array(prefix.utf8)
  }

  /// The line of that prefix and content with a checksum of four bytes, in small letters.
  package static func encode(_ prefix: String, _ content: [UInt8], _ checksum: Checksum) -> String {
    let head = Array(prefix.utf8)
    let check = checksum(head + content).prefix(4)
    return String(decoding: head + Base32.encode(content + check), as: UTF8.self)
  }

  /// The content of a line; spaces and line ends inside are dropped and upper case is folded.
  package static func decode(
    _ prefix: String, _ line: String, _ checksum: Checksum
  ) throws(Refusal) -> [UInt8] {
    let units = units(of: line)
    let head = Array(prefix.utf8)
    guard units.starts(with: head) else { throw .otherPrefix }
    guard let bytes = Base32.decode(units.dropFirst(head.count)), bytes.count > 4 else {
      throw .damaged
    }
    let content = Array(bytes.dropLast(4))
    guard Array(checksum(head + content).prefix(4)) == Array(bytes.suffix(4)) else {
      throw .damaged
    }
    return content
  }

  /// Spaces and line ends inside are dropped and upper case is folded.
  private static func units(of line: String) -> [UInt8] {
    let blanks: [UInt8] = [0x20, 0x09, 0x0a, 0x0d]
    return line.utf8.filter { !blanks.contains($0) }
      .map { (0x41...0x5a).contains($0) ? $0 + 0x20 : $0 }
  }

  /// How many signs a person compares at a glance.
  private static let signsAtOnce = 6

  /// Which signs of a line, counted from one behind its prefix, are the first that are not those of
  /// another one, a few of them at once; nil where they are the same. Dashes among them, which nobody
  /// needs, and how the prefix was written are not compared.
  package static func difference(of typed: String, from line: String) -> ClosedRange<Int>? {
    func signs(_ text: String) -> [UInt8] {
      let dash = UInt8(ascii: "-")
      let parts = units(of: text).split(separator: dash, omittingEmptySubsequences: false)
      // As "zr1-recovery-".
      let prefix = parts.count > 2 && parts[0] == Array("zr1".utf8)[...] ? 2 : 0
      return Array(parts[prefix...].joined())
    }
    let (typed, wanted) = (signs(typed), signs(line))
    guard typed != wanted else { return nil }
    let same = zip(typed, wanted).prefix { $0 == $1 }.count
    let first = same / signsAtOnce * signsAtOnce
    return (first + 1)...max(first + 1, min(first + signsAtOnce, max(typed.count, wanted.count)))
  }
}

/// The content of a ticket's line.
package struct TicketLine: Hashable, Sendable {
  package static let prefix = "zr1-ticket-"
  package let office: GroupID
  package let sharedKey: Bytes32
  package let seed: Bytes32
  /// Whose further device it lets in; zero for a new member.
  package let member: MemberID
  /// Where a node that may admit was last reachable.
  package let addresses: [AddressHint]

  /// An IP address and port as bytes.
  package struct AddressHint: Hashable, Sendable {
    /// 4 bytes of IPv4 or 16 of IPv6.
    package let address: [UInt8]
    package let port: UInt16
    package init?(address: [UInt8], port: UInt16) {
      guard address.count == 4 || address.count == 16 else { return nil }
      (self.address, self.port) = (address, port)
    }
  }

  package init(
    office: GroupID, sharedKey: Bytes32, seed: Bytes32, member: MemberID, addresses: [AddressHint]
  ) {
    (self.office, self.sharedKey, self.seed) = (office, sharedKey, seed)
    self.member = member
    self.addresses = Array(addresses.prefix(16))
  }

  /// The line `zr1-ticket-…`; whoever has it can join.
  package func encode(_ checksum: TypedLine.Checksum) -> String {
    var writer = Writer()
    // A new member's line is read by those who know no other.
    writer.u8(member.isZero ? 1 : 2)
    writer.id(office)
    writer.bytes32(sharedKey)
    writer.bytes32(seed)
    writer.u8(UInt8(addresses.count))
    for hint in addresses {
      writer.u8(hint.address.count == 4 ? 4 : 6)
      writer.append(hint.address)
      writer.u16(hint.port)
    }
    if !member.isZero { writer.id(member) }
    return TypedLine.encode(Self.prefix, writer.bytes, checksum)
  }

  package init(decoding line: String, _ checksum: TypedLine.Checksum) throws(TypedLine.Refusal) {
    let content = try TypedLine.decode(Self.prefix, line, checksum)
    guard content[0] == 1 || content[0] == 2 else { throw .newerVersion }
    do {
      var reader = Reader(content, .n1)
      _ = try reader.u8()
      office = try reader.id()
      sharedKey = try reader.bytes32()
      seed = try reader.bytes32()
      var hints: [AddressHint] = []
      for _ in 0..<(try reader.u8()) {
        let size: Int
        switch try reader.u8() {
        case 4: size = 4
        case 6: size = 16
        default: throw DecodeError.broken(.n1)
        }
        let address = try reader.array(size)
        if let hint = AddressHint(address: address, port: try reader.u16()) { hints.append(hint) }
      }
      addresses = hints
      member = content[0] == 2 ? try reader.id() : MemberID(Bytes16())
      // One way to write each ticket: who lets in a new member is of version 1.
      guard member.isZero == (content[0] == 1) else { throw DecodeError.broken(.n1) }
      try reader.finish()
    } catch {
      throw .damaged
    }
  }
}

/// The content of the recovery key's line.
package struct RecoveryLine: Hashable, Sendable {
  package static let prefix = "zr1-recovery-"
  package let office: GroupID
  package let seed: Bytes32

  package init(office: GroupID, seed: Bytes32) { (self.office, self.seed) = (office, seed) }

  /// The line `zr1-recovery-…`; whoever has it can make itself an owner.
  package func encode(_ checksum: TypedLine.Checksum) -> String {
    TypedLine.encode(Self.prefix, [1] + office.bytes.array + seed.array, checksum)
  }

  package init(decoding line: String, _ checksum: TypedLine.Checksum) throws(TypedLine.Refusal) {
    let content = try TypedLine.decode(Self.prefix, line, checksum)
    guard content[0] == 1 else { throw .newerVersion }
    guard content.count == 65 else { throw .damaged }
    office = GroupID(Bytes32(content.raw, 1))
    seed = Bytes32(content.raw, 33)
  }
}

/// A change of the owner list on its way from one owner to the next, with the signatures it has.
package struct OwnersLine: Hashable, Sendable {
  package static let prefix = "zr1-owners-"
  package let office: GroupID
  package let list: Operation.OwnerList

  package init(office: GroupID, list: Operation.OwnerList) {
    (self.office, self.list) = (office, list)
  }

  /// The line `zr1-owners-…`, which holds no secret.
  package func encode(_ checksum: TypedLine.Checksum) -> String {
    // The fields of the operation stand as they do in the entry, without its code.
    let fields = Operation.owners(list).encode().dropFirst()
    return TypedLine.encode(Self.prefix, [1] + office.bytes.array + fields, checksum)
  }

  package init(decoding line: String, _ checksum: TypedLine.Checksum) throws(TypedLine.Refusal) {
    let content = try TypedLine.decode(Self.prefix, line, checksum)
    guard content[0] == 1 else { throw .newerVersion }
    guard content.count > 33,
      case .owners(let list)? = try? Operation(decoding: [6] + content.dropFirst(33))
    else { throw .damaged }
    office = GroupID(Bytes32(content.raw, 1))
    self.list = list
  }
}
