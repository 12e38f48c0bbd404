import Control

/// Answers of a small office, for scripts.
enum Samples {
  static func id(_ byte: UInt8, _ count: Int) -> HexIdentifier {
    guard let id = HexIdentifier(bytes: [UInt8](repeating: byte, count: count)) else {
      preconditionFailure("an identifier has 1 to 32 bytes")
    }
    return id
  }

  static let office = OfficeInfo(id: id(0xA0, 32), name: "Müller GmbH")
  static let anna = MemberRef(id: id(0x01, 16), name: "Anna Weber")
  static let ben = MemberRef(id: id(0x02, 16), name: "Ben")
  static let pcAnna = DeviceRef(id: id(0x11, 32), name: "pc-anna")
  static let pcBen = DeviceRef(id: id(0x12, 32), name: "pc-ben")
  static let werkstatt = GroupRef(id: id(0xB1, 32), title: "Werkstatt", kind: .listed)
  static let everyone = GroupRef(id: id(0xB0, 32), title: "everyone", kind: .everyone)
  static let direct = GroupRef(id: id(0xB2, 32), title: "@Ben", kind: .direct)

  /// So many seconds before the scripts' now.
  static func ago(_ seconds: Int64) -> ClaimedTime {
    ClaimedTime(ms: CommandRun.now - seconds * 1000)
  }

  static let here = DeliveryInfo(word: .here, devices: 1, of: 3)
  static let onTwo = DeliveryInfo(word: .onDevices, devices: 2, of: 3)

  static func message(
    _ text: String?, _ member: MemberRef, group: GroupRef, late: Bool, number: UInt8
  ) -> MessageInfo {
    MessageInfo(
      entry: id(number, 32), group: group, member: member,
      device: member == anna ? pcAnna : pcBen, time: ago(Int64(number) * 60), text: text,
      absence: text == nil ? .waitingForKey : nil, state: onTwo, late: late,
      own: member == anna, cursor: id(number, 8))
  }

  static func page(_ messages: MessageInfo..., more: Bool) -> ControlResult {
    .read(ReadCall.Answer(messages: messages, more: more, cursor: id(0xCC, 8), group: nil))
  }

  static let sent = SendCall.Answer(
    entry: id(0xE1, 32), group: werkstatt, time: ago(0), durable: true, repeated: false,
    state: here, inReach: 1)

  static func status(
    _ standing: StandingWord, peers: [PeerInfo], recovery: RecoveryWord, degraded: [DegradedInfo],
    knock: KnockCall.Answer? = nil, keeps: Int? = nil
  ) -> StatusCall.Answer {
    let inOffice = standing == .ready
    return StatusCall.Answer(
      version: "0.1.0", api: 1, standing: standing, office: inOffice ? office : nil,
      member: inOffice ? anna : nil, device: inOffice ? pcAnna : nil,
      rank: inOffice ? .owner : nil, recovery: recovery,
      owners: inOffice ? 1 : 0, home: "/home/anna/.local/share/zuruf",
      listening: ["0.0.0.0:7480"], started: ago(7200), peers: peers,
      waiting: peers.isEmpty ? [] : [WaitingInfo(device: pcBen, member: ben, entries: 3)],
      latest: peers.isEmpty
        ? nil
        : LatestInfo(entry: id(0xE1, 32), group: werkstatt, time: ago(60), state: onTwo),
      degraded: degraded, knock: knock, keeps: keeps)
  }

  static let kitchen = GroupInfo(
    id: id(0x77, 32), title: "Büro & Küche", kind: .listed, purpose: nil, members: [anna, ben],
    readable: true, messages: 1, latest: nil, gone: nil)

  static let peerBen = PeerInfo(
    device: pcBen, member: ben, keeper: false, linked: true, since: ago(3600),
    addresses: [AddressInfo(address: "192.168.1.20:7480", source: .mdns, used: true)],
    trouble: nil)

  static let discoveryDown = DegradedInfo(
    word: .discoveryDown, detail: "Avahi does not answer",
    hint: "sudo systemctl start avahi-daemon", since: ago(60))

  static let ticket = TicketInfo(
    id: id(0x71, 32), kind: .box, keeper: true, name: "Lager", member: nil,
    groups: [werkstatt], issuer: anna, created: ago(0), expires: ago(-86_400), uses: 1, used: 0,
    state: .open)

  static let group = GroupInfo(
    id: werkstatt.id, title: werkstatt.title, kind: .listed, purpose: "Schicht 1",
    members: [anna, ben], readable: true, messages: 12, latest: ago(60))

  static let device = DeviceInfo(
    id: pcBen.id, name: pcBen.name, member: ben, keeper: false, state: .away, seen: ago(7200))

  static let member = MemberInfo(
    id: ben.id, name: ben.name, rank: .member, own: false, removed: false, devices: 1,
    seen: ago(7200))
}
