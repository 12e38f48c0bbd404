/// What the ext of a genesis says of its feed and, where it is a group's first, of the group.
package struct GenesisFacts: Hashable, Sendable {
  package var device = DeviceKey(Bytes32())
  /// The entry ID of the certificate; zero in the office genesis alone.
  package var certificate = EntryID(Bytes32())
  package var nonce = Bytes16()
  /// What a group's first genesis says of its group; nil in every other genesis.
  package var group: GroupFacts?
  private var seen: UInt8 = 0
  private var office = GroupID(Bytes32())
  private var kind: GroupKind?
  private var pair: MemberPair?
  private var flags: UInt8 = 0

  package init() {}

  /// Facts for a genesis to be written.
  package init(device: DeviceKey, certificate: EntryID, nonce: Bytes16, group: GroupFacts?) {
    (self.device, self.certificate, self.nonce, self.group) = (device, certificate, nonce, group)
  }

  /// The facts of a genesis header that was already checked; nil for any other header.
  package init?(_ header: EntryHeader) {
    guard header.kind == .genesis else { return nil }
    do {
      for fact in header.ext {
        try take(fact.type, fact.value.raw, 0, fact.value.count)
      }
      try finish(groupIsZero: header.group.isZero, bodySize: header.bodySize)
    } catch {
      return nil
    }
  }

  mutating func take(
    _ type: UInt8, _ span: RawSpan, _ at: Int, _ length: Int
  ) throws(DecodeError) {
    let lengths = [0, 32, 32, 16, 32, 1, 32, 1]
    guard type >= 1, type <= 7 else { return }
    guard length == lengths[Int(type)] else { throw .broken(.e11) }
    seen |= 1 << type
    switch type {
    case 1: device = DeviceKey(Bytes32(span, at))
    case 2: certificate = EntryID(Bytes32(span, at))
    case 3: nonce = Bytes16(span, at)
    case 4: office = GroupID(Bytes32(span, at))
    case 5:
      guard let known = GroupKind(rawValue: load8(span, at)) else { throw .broken(.e11) }
      kind = known
    case 6:
      let (a, b) = (MemberID(Bytes16(span, at)), MemberID(Bytes16(span, at + 16)))
      guard a < b else { throw .broken(.e11) }
      pair = MemberPair(a: a, b: b)
    default:
      flags = load8(span, at)
      guard flags & ~1 == 0 else { throw .broken(.e11) }
    }
  }

  mutating func finish(groupIsZero: Bool, bodySize: UInt32) throws(DecodeError) {
    let foundsGroup = seen & (1 << 4) != 0
    let isOffice = groupIsZero && !foundsGroup
    guard seen & 0b1110 == 0b1110, groupIsZero || seen & 0b1111_0000 == 0,
      foundsGroup == (kind != nil), (kind == .direct) == (pair != nil),
      foundsGroup || seen & (1 << 7) == 0, certificate.isZero == isOffice
    else { throw .broken(.e11) }
    guard bodySize == (isOffice ? UInt32(OfficeGenesis.size) : 0) else { throw .broken(.e16) }
    if foundsGroup, let kind {
      group = GroupFacts(
        office: office, kind: kind, pair: pair, ownersDoNotOutrank: flags & 1 != 0)
    }
    // What was only needed while reading must not make equal facts unequal.
    (seen, office, kind, pair, flags) = (0, GroupID(Bytes32()), nil, nil, 0)
  }

  /// The extensions that state these facts.
  package var extensions: [EntryHeader.Extension] {
    var out: [EntryHeader.Extension] = [
      .init(type: 1, value: device.bytes.array),
      .init(type: 2, value: certificate.bytes.array),
      .init(type: 3, value: nonce.array),
    ]
    if let group {
      out.append(.init(type: 4, value: group.office.bytes.array))
      out.append(.init(type: 5, value: [group.kind.rawValue]))
      if let pair = group.pair {
        out.append(.init(type: 6, value: pair.a.bytes.array + pair.b.bytes.array))
      }
      if group.ownersDoNotOutrank { out.append(.init(type: 7, value: [1])) }
    }
    return out
  }
}

/// How a group's members are told; the raw value is its byte.
package enum GroupKind: UInt8, Hashable, Sendable {
  case listed = 1
  case everyone = 2
  case direct = 3
}

/// The two members of a direct group, ascending.
package struct MemberPair: Hashable, Sendable {
  package let a: MemberID
  package let b: MemberID

  package init(a: MemberID, b: MemberID) { (self.a, self.b) = a < b ? (a, b) : (b, a) }
}

/// What a group's first genesis says of the group.
package struct GroupFacts: Hashable, Sendable {
  package let office: GroupID
  package let kind: GroupKind
  package let pair: MemberPair?
  /// Whether the group's creator stands above the owners of the office, in this group alone.
  package let ownersDoNotOutrank: Bool

  package init(office: GroupID, kind: GroupKind, pair: MemberPair?, ownersDoNotOutrank: Bool) {
    (self.office, self.kind, self.pair) = (office, kind, pair)
    self.ownersDoNotOutrank = ownersDoNotOutrank
  }
}
