/// All that the devices of one small office wrote, each entry with what its author had seen.
///
/// Causes come before effects in `entries`; beyond that their order says nothing.
struct History {
  struct Entry {
    let device: Int
    /// The entry that certifies the device in the feed in which this stands.
    let certificate: Int
    /// Which of its author's feeds under this certificate this is in: a liar opens one more to write
    /// from an old place.
    let series: Int
    let act: Act
    /// All that it has in its past, without itself.
    let past: EntrySet
    /// The entry before it in its feed; nil for the first.
    let after: Int?
    let seq: Int
    let lamport: Int
    /// What a removal or lowering lists.
    let cuts: [ListedCut]
    /// The owner list that an owner list follows.
    let previous: Int?
  }

  /// One device's feed in one log.
  struct Feed: Hashable {
    let certificate: Int
    let series: Int
    let isInGroup: Bool
  }

  struct ListedCut: Hashable {
    let feed: Feed
    let seq: Int
    /// The entry named; nil for the feed's genesis, which is no entry here.
    let entry: Int?
  }

  /// A listed group that is there from the beginning.
  struct Group {
    let creator: Int
    let ownersDoNotOutrank: Bool
    /// What its first genesis has in its past.
    let past: EntrySet
  }

  private(set) var entries: [Entry] = []
  private(set) var group: Group?
  /// How many entries belong to what everybody knows from the beginning.
  private(set) var openingCount = 0
  /// Whether of two entries with one lamport the later one comes first in canonical order.
  var isDescending = false

  private(set) var office = EntrySet()
  private(set) var inGroup = EntrySet()
  private(set) var certificates = EntrySet()
  private(set) var removals = EntrySet()
  private(set) var rankings = EntrySet()
  private(set) var ownerLists = EntrySet()
  private(set) var expulsions = EntrySet()
  /// How many entries stand beside another one at their place.
  private(set) var forkCount = 0

  var all: EntrySet { EntrySet(below: entries.count) }
  var opening: EntrySet { EntrySet(below: openingCount) }
  /// Entries of which anything is to be found out.
  var later: Range<Int> { openingCount..<entries.count }
  /// The number of a device that the next entry certifies first.
  var nextDevice: Int { Cast.count + entries.count }

  /// The office: two owners, two admins, three members, all known to all.
  init() {
    append(.founding, by: 0, under: 0, in: 0, past: EntrySet(), after: nil)
    appendOpening(.owners(members: 0b11, signers: 0b01, isRecovery: false), by: 0)
    for device in 1..<Cast.count {
      appendOpening(.certify(device: device, member: device, rank: Cast.ranks[device]), by: 0)
    }
    openingCount = entries.count
  }

  /// The same office, where a member let in others by the tickets of an admin: another member, and
  /// who is an owner by now.
  static func sponsored() -> History {
    var history = History(founding: ())
    for device in [2, 3, 4] {
      history.appendOpening(
        .certify(device: device, member: device, rank: Cast.ranks[device]), by: 0)
    }
    for newcomer in [1, 5] {
      let key = history.entries.count
      history.appendOpening(.ticket(member: nil, key: key), by: 2)
      history.appendOpening(.join(key: key, device: newcomer, member: newcomer), by: 4)
    }
    history.appendOpening(.certify(device: 6, member: 6, rank: 2), by: 3)
    history.appendOpening(.owners(members: 0b11, signers: 0b01, isRecovery: false), by: 0)
    history.openingCount = history.entries.count
    return history
  }

  /// What everybody knows from the beginning.
  var opened: History {
    var history = self
    for entry in later.reversed() { history.removeLast(entry) }
    return history
  }

  private mutating func removeLast(_ entry: Int) {
    entries.removeLast()
    let rest = all
    office = office.intersection(rest)
    inGroup = inGroup.intersection(rest)
    certificates = certificates.intersection(rest)
    removals = removals.intersection(rest)
    rankings = rankings.intersection(rest)
    ownerLists = ownerLists.intersection(rest)
    expulsions = expulsions.intersection(rest)
    forkCount = 0
  }

  private init(founding: Void) {
    append(.founding, by: 0, under: 0, in: 0, past: EntrySet(), after: nil)
  }

  /// The same office with a group that a member made.
  init(group creator: Int, ownersDoNotOutrank: Bool, adding: [(member: Int, grade: Int)]) {
    self.init()
    group = Group(creator: creator, ownersDoNotOutrank: ownersDoNotOutrank, past: all)
    for (member, grade) in adding {
      appendOpening(.add(member: member, grade: grade), by: creator)
    }
    openingCount = entries.count
  }

  private mutating func appendOpening(_ act: Act, by device: Int) {
    let certificate = certificate(of: device) ?? 0
    let feed = Feed(certificate: certificate, series: 0, isInGroup: act.isInGroup)
    append(
      act, by: device, under: certificate, in: 0, past: all, after: tips(of: feed, in: all).first)
  }

  /// The first certificate of a device.
  func certificate(of device: Int) -> Int? {
    certificates.first { certified($0)?.device == device }
  }
}

extension History {
  mutating func append(
    _ act: Act, by device: Int, under certificate: Int, in series: Int, past: EntrySet,
    after: Int?
  ) {
    let number = entries.count
    let feed = Feed(certificate: certificate, series: series, isInGroup: act.isInGroup)
    var seq = act == .founding ? 0 : 1
    if let after {
      seq = entries[after].seq + 1
      if isTaken(seq, in: feed) { forkCount += 1 }
    } else if number > 0, isTaken(1, in: feed) {
      forkCount += 1
    }
    var previous: Int?
    if case .owners = act { previous = OfficeModel(self).owners(in: past).list }
    entries.append(
      Entry(
        device: device, certificate: certificate, series: series, act: act, past: past,
        after: after, seq: seq,
        lamport: 1 + (past.map { entries[$0].lamport }.max() ?? 0),
        cuts: cutList(act, past), previous: previous))
    if act.isInGroup { inGroup.insert(number) } else { office.insert(number) }
    switch act {
    case .founding, .certify, .join: certificates.insert(number)
    case .remove, .removeDevice: removals.insert(number)
    case .rank: rankings.insert(number)
    case .owners: ownerLists.insert(number)
    case .expel: expulsions.insert(number)
    default: break
    }
  }

  private func isTaken(_ seq: Int, in feed: Feed) -> Bool {
    entries.indices.contains { entries[$0].seq == seq && self.feed(of: $0) == feed }
  }

  func feed(of entry: Int) -> Feed {
    let here = entries[entry]
    return Feed(
      certificate: here.certificate, series: here.series, isInGroup: here.act.isInGroup)
  }

  /// The feed of the office log that a device of the cast has from the beginning.
  func firstFeed(of device: Int) -> Feed {
    Feed(certificate: certificate(of: device) ?? 0, series: 0, isInGroup: false)
  }

  /// How many feeds of a kind there are; at least one.
  func seriesCount(under certificate: Int, isInGroup: Bool) -> Int {
    entries.indices.reduce(1) { count, entry in
      let feed = feed(of: entry)
      return feed.certificate == certificate && feed.isInGroup == isInGroup
        ? Swift.max(count, feed.series + 1) : count
    }
  }

  /// What an entry certifies; nil where it certifies nobody.
  func certified(_ entry: Int) -> (device: Int, member: Int, rank: Int)? {
    switch entries[entry].act {
    case .founding: (0, 0, 0)
    case .certify(let device, let member, let rank): (device, member, rank)
    case .join(_, let device, let member): (device, member, 2)
    default: nil
    }
  }

  /// The key of a ticket, by the entry that had it first; nil for what is no ticket.
  func ticketKey(_ entry: Int) -> Int? {
    if case .ticket(_, let key) = entries[entry].act { return key }
    return nil
  }

  /// The member whose device wrote an entry.
  func author(of entry: Int) -> Int { certified(entries[entry].certificate)?.member ?? 0 }

  /// The member whose device this is, or is to become.
  func member(of device: Int) -> Int {
    certificates.lazy.compactMap(certified).first { $0.device == device }?.member ?? device
  }

  /// Canonical order.
  func precedes(_ a: Int, _ b: Int) -> Bool {
    let (x, y) = (entries[a].lamport, entries[b].lamport)
    return x != y ? x < y : isDescending ? a > b : a < b
  }

  func canonical(_ set: EntrySet) -> [Int] { set.sorted(by: precedes) }

  /// Whether an entry is another one or stands before it in its feed.
  func leads(_ entry: Int, to later: Int) -> Bool {
    var next: Int? = later
    while let one = next {
      if one == entry { return true }
      next = entries[one].after
    }
    return false
  }

  private func cutList(_ act: Act, _ past: EntrySet) -> [ListedCut] {
    switch act {
    case .remove(let member, let choice), .rank(let member, _, let choice):
      return cuts(choice, past, [false, true]) { $0.member == member }
    case .removeDevice(let device, let choice):
      return cuts(choice, past, [false, true]) { $0.device == device }
    case .expel(let member, let choice):
      return cuts(choice, past, [true]) { $0.member == member }
    default: return []
    }
  }

  private func cuts(
    _ choice: CutChoice, _ past: EntrySet, _ logs: [Bool],
    of isTarget: ((device: Int, member: Int, rank: Int)) -> Bool
  ) -> [ListedCut] {
    guard choice != .none else { return [] }
    var out: [ListedCut] = []
    for certificate in past.intersection(certificates) {
      guard let certified = certified(certificate), isTarget(certified) else { continue }
      for isInGroup in logs where !isInGroup || group != nil {
        for series in 0..<seriesCount(under: certificate, isInGroup: isInGroup) {
          let feed = Feed(certificate: certificate, series: series, isInGroup: isInGroup)
          if let cut = cut(choice, of: feed, past) { out.append(cut) }
        }
      }
    }
    return out
  }

  private func cut(_ choice: CutChoice, of feed: Feed, _ past: EntrySet) -> ListedCut? {
    let tips = tips(of: feed, in: past)
    switch choice {
    case .none: return nil
    case .nothing:
      // Of a further feed nobody knows before something of it was seen.
      guard feed.series == 0 || !tips.isEmpty else { return nil }
      // The office genesis is itself the first entry of its feed.
      let isFirst = feed == Feed(certificate: 0, series: 0, isInGroup: false)
      return ListedCut(feed: feed, seq: 0, entry: isFirst ? 0 : nil)
    case .seen(let branch):
      guard !tips.isEmpty else { return nil }
      let tip = tips[Swift.min(branch, tips.count - 1)]
      return ListedCut(feed: feed, seq: entries[tip].seq, entry: tip)
    }
  }

  /// The last entries of a feed in a past: several where it is forked.
  func tips(of feed: Feed, in past: EntrySet) -> [Int] {
    let own = past.filter { self.feed(of: $0) == feed }
    return own.filter { one in !own.contains { entries[$0].after == one } }
  }
}
