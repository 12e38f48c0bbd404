/// What an entry of a history does. Devices and members are numbers: a member has the number of its
/// first device, and a device that an entry certifies first has that entry's number and
/// `Cast.count` more. Ranks and grades are those of Protocol/5-authority.md.
enum Act: Hashable {
  case founding
  case certify(device: Int, member: Int, rank: Int)
  /// Certifies by a ticket key, named by the entry that had it first.
  case join(key: Int, device: Int, member: Int)
  case remove(member: Int, CutChoice)
  case removeDevice(Int, CutChoice)
  case rank(member: Int, Int, CutChoice)
  /// A new owner list; members and signing devices are bits.
  case owners(members: UInt64, signers: UInt64, isRecovery: Bool)
  /// Says that the feed of a device is forked.
  case suspend(device: Int)
  /// Of rank 2 and one use, for this member or for a new one; it names the group where there is one.
  /// Its key is its own, or that of another entry.
  case ticket(member: Int?, key: Int)
  case revoke(key: Int)
  case add(member: Int, grade: Int)
  case expel(member: Int, CutChoice)
  /// A message, with an epoch before it where none can be written under.
  case send
  /// Gives all epochs that its author can open to all whom it takes for members.
  case share

  /// Whether it stands in the group's log.
  var isInGroup: Bool {
    switch self {
    case .add, .expel, .send, .share: true
    default: false
    }
  }

  /// Whether it is a control entry.
  var isControl: Bool {
    switch self {
    case .send, .share: false
    default: true
    }
  }
}

/// What a removal lists of its target's feeds.
enum CutChoice: Hashable {
  /// No feed.
  case none
  /// Every feed, with nothing of it to count.
  case nothing
  /// Every feed of which its author has seen entries, up to the last of them; where a feed is
  /// forked, on the branch of this number.
  case seen(branch: Int)
}

/// Who is there from the beginning.
enum Cast {
  static let names = [
    "owner1", "owner2", "admin1", "admin2", "member1", "member2", "member3",
  ]
  static let ranks = [0, 0, 1, 1, 2, 2, 2]
  static var count: Int { names.count }
  static let owners = 0..<2
  static let admins = 2..<4
  static let members = 4..<7
}
