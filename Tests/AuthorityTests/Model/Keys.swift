import Format

/// Names for what the entries of a history speak of, made once: the product takes no numbers.
enum Keys {
  private static let count = EntrySet.capacity + Cast.count

  static let office = GroupID(bytes(1, 0, 0))
  static let group = GroupID(bytes(2, 0, 0))
  static let recovery = DeviceKey(bytes(3, 0, 0))
  static let devices = (0..<count).map { DeviceKey(bytes(4, 0, $0)) }
  static let noise = (0..<count).map { NoiseIdentity(bytes(5, 0, $0)) }
  static let sealing = (0..<count).map { SealingIdentity(bytes(6, 0, $0)) }
  static let members = devices.map { MemberID($0.bytes.prefix) }
  static let tickets = (0..<count).map { TicketKey(bytes(7, 0, $0)) }
  static let proofs = devices.map { TestSignatures.sign($0.bytes) }
  static let ticketProofs = tickets.map { TestSignatures.sign($0.bytes) }
  private static let seriesMax = 3
  private static let geneses = (0..<2 * seriesMax * count).map {
    EntryID(bytes(8, $0 / count, $0 % count))
  }
  private static let feeds = geneses.map { FeedID($0.bytes.prefix) }
  private static let ascending = (0..<count).map { EntryID(bytes(11, $0, $0)) }
  private static let descending = (0..<count).map { EntryID(bytes(11, 0xff - $0, $0)) }
  static let numbers = MemberIndex(members)

  static func feed(_ feed: History.Feed) -> FeedID { feeds[number(feed)] }
  static func genesis(_ feed: History.Feed) -> EntryID { geneses[number(feed)] }

  private static func number(_ feed: History.Feed) -> Int {
    (2 * feed.series + (feed.isInGroup ? 1 : 0)) * count + feed.certificate
  }

  /// The ID of an entry: those of one history ascend with its number, or descend.
  static func entry(_ number: Int, isDescending: Bool) -> EntryID {
    if number == 0 { return EntryID(office.bytes) }
    return (isDescending ? descending : ascending)[number]
  }

  private static func bytes(_ kind: UInt8, _ rank: Int, _ number: Int) -> Bytes32 {
    var raw = [UInt8](repeating: 0x55, count: 32)
    (raw[0], raw[1], raw[2]) = (kind, UInt8(rank), UInt8(number))
    return Bytes32(raw) ?? Bytes32()
  }
}

/// Finds the number of a member by its name.
struct MemberIndex {
  private let numbers: [MemberID: Int]

  init(_ names: [MemberID]) {
    numbers = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
  }

  subscript(name: MemberID) -> Int? { numbers[name] }
}
