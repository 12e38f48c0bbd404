import Format
import TestSupport
import Testing

/// Typed lines: every cut and every single slip of the hand is noticed.
@Suite struct TypedLineTests {
  /// A stand-in for the labelled hash, good enough to notice slips.
  static func checksum(_ bytes: [UInt8]) -> [UInt8] {
    var state: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
    state ^= state >> 32
    return (0..<4).map { UInt8(truncatingIfNeeded: state >> (8 * UInt64($0))) }
  }

  static func ticket(_ addresses: Int, for member: UInt8 = 0) throws -> TicketLine {
    var generator = SeededGenerator(seed: UInt64(addresses))
    var hints: [TicketLine.AddressHint] = []
    for index in 0..<addresses {
      let address = generator.bytes(index.isMultiple(of: 2) ? 4 : 16)
      hints.append(try #require(TicketLine.AddressHint(address: address, port: 47_474)))
    }
    return TicketLine(
      office: GroupID(try #require(Bytes32(generator.bytes(32)))),
      sharedKey: try #require(Bytes32(generator.bytes(32))),
      seed: try #require(Bytes32(generator.bytes(32))),
      member: MemberID(try #require(Bytes16([UInt8](repeating: member, count: 16)))),
      addresses: hints)
  }

  @Test func `where a line was typed otherwise is told in signs behind its prefix`() {
    let line = "zr1-x-abcdefghijklmnop"
    let rows: [(String, ClosedRange<Int>?)] = [
      (line, nil), ("ZR1-X-ABC DEF\nghijklmnop", nil), ("zr1-x-abcdefghijkl1nop", 13...16),
      ("zr1-x-abxdefghijklmnxp", 1...6), ("abcdefghijklmnop", nil),
      ("zr1-x-abcdefgijklmnop", 7...12),
      ("zr1-x-abcdefghijklmn", 13...16), (line + "qrstuv", 13...18), (line + "qrs", 13...18),
      ("zr1-y-abcdefghijklmnop", nil), ("zr1-x-abcdef-ghijkl-mnop", nil),
      ("abcdef-ghijkl-mnxp", 13...16), ("", 1...6),
      ("zr1-x-" + String(repeating: "b", count: 40), 1...6),
    ]
    for (typed, signs) in rows {
      #expect(TypedLine.difference(of: typed, from: line) == signs, "\(typed)")
    }
  }

  @Test(arguments: 0...16)
  func `a ticket comes back from its line`(addresses: Int) throws {
    let ticket = try Self.ticket(addresses)
    let line = ticket.encode(Self.checksum)
    #expect(try TicketLine(decoding: line, Self.checksum) == ticket)
    #expect(try TicketLine(decoding: line.uppercased(), Self.checksum) == ticket)
    let spread = line.map { "\($0)" }.joined(separator: " ") + "\r\n"
    #expect(try TicketLine(decoding: spread, Self.checksum) == ticket)
  }

  @Test func `a ticket for one member comes back with the member`() throws {
    let ticket = try Self.ticket(2, for: 7)
    #expect(try TicketLine(decoding: ticket.encode(Self.checksum), Self.checksum) == ticket)
    #expect(ticket != (try Self.ticket(2)))
  }

  @Test func `a change of owners comes back from its line, and not when cut`() throws {
    let line = OwnersLine(
      office: GroupID(try #require(Bytes32([UInt8](repeating: 1, count: 32)))),
      list: .init(
        previous: EntryID(Bytes32()), members: [MemberID(Bytes16())],
        signatures: [.init(device: DeviceKey(Bytes32()), signature: SignatureBytes())]))
    let text = line.encode(Self.checksum)
    #expect(try OwnersLine(decoding: text, Self.checksum) == line)
    for count in OwnersLine.prefix.utf8.count..<text.utf8.count {
      #expect(throws: TypedLine.Refusal.damaged) {
        try OwnersLine(decoding: String(text.prefix(count)), Self.checksum)
      }
    }
  }

  @Test func `a line that was cut anywhere is refused`() throws {
    let line = try Self.ticket(3).encode(Self.checksum)
    for count in 0..<line.utf8.count {
      let cut = String(line.prefix(count))
      let expected: TypedLine.Refusal =
        count < TicketLine.prefix.utf8.count ? .otherPrefix : .damaged
      #expect(throws: expected) { try TicketLine(decoding: cut, Self.checksum) }
    }
  }

  @Test func `a line with any one letter mistyped or two swapped is refused`() throws {
    let line = Array(try Self.ticket(2).encode(Self.checksum).utf8)
    let prefix = TicketLine.prefix.utf8.count
    for index in line.indices {
      for wrong in Array("abcdefghijklmnopqrstuvwxyz01234567-=é".utf8) where wrong != line[index] {
        var mistyped = line
        mistyped[index] = wrong
        let text = String(decoding: mistyped, as: UTF8.self)
        let expected: TypedLine.Refusal = index < prefix ? .otherPrefix : .damaged
        #expect(throws: expected) { try TicketLine(decoding: text, Self.checksum) }
      }
      if index > prefix, line[index] != line[index - 1] {
        var swapped = line
        swapped.swapAt(index, index - 1)
        let text = String(decoding: swapped, as: UTF8.self)
        #expect(throws: TypedLine.Refusal.damaged) {
          try TicketLine(decoding: text, Self.checksum)
        }
      }
    }
  }

  @Test func `a recovery key is no ticket and a ticket no recovery key`() throws {
    let office = GroupID(Bytes32())
    let recovery = RecoveryLine(office: office, seed: Bytes32()).encode(Self.checksum)
    #expect(throws: TypedLine.Refusal.otherPrefix) {
      try TicketLine(decoding: recovery, Self.checksum)
    }
    let ticket = try Self.ticket(0).encode(Self.checksum)
    #expect(throws: TypedLine.Refusal.otherPrefix) {
      try RecoveryLine(decoding: ticket, Self.checksum)
    }
  }

  @Test func `base32 of every length comes back, and no other letters stand for it`() throws {
    var generator = SeededGenerator(seed: 7)
    for count in 0...200 {
      let bytes = generator.bytes(count)
      let letters = Base32.encode(bytes)
      #expect(Base32.decode(letters) == bytes)
      #expect(letters.count == (count * 8 + 4) / 5)
      // A letter more is a whole byte more, or refused.
      if let longer = Base32.decode(letters + [0x61]) { #expect(longer.count == count + 1) }
      guard let last = letters.last, !count.isMultiple(of: 5) else { continue }
      let others = Array("abcdefghijklmnopqrstuvwxyz234567".utf8).filter { $0 != last }
      for other in others { #expect(Base32.decode(letters.dropLast() + [other]) != bytes) }
    }
  }

  @Test(.enabled(if: SharedVectors.has("path_traversal"), "\(SharedVectors.absence)"))
  func `a path in place of a ticket is no ticket, and behind its prefix a damaged one`() throws {
    let all = ForeignPath.all
    #expect(all.count > 400)
    for each in all {
      let line = String(decoding: each.bytes, as: UTF8.self)
      #expect(throws: TypedLine.Refusal.otherPrefix, "\(each.id)") {
        try TicketLine(decoding: line, Self.checksum)
      }
      #expect(throws: TypedLine.Refusal.damaged, "\(each.id)") {
        try TicketLine(decoding: TicketLine.prefix + line, Self.checksum)
      }
    }
  }
}
