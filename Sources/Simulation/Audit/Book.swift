/// Every entry that any disk of the world ever held, each once, with what follows from it.
final class Book {
  /// An entry, and what an author knew who wrote it.
  final class Known {
    let entry: PlainEntry
    /// The device that wrote it.
    let device: Long
    /// The removals in its past, itself included, by their number; nil where its past is not known.
    let removals: Set<Int>?
    /// The owner lists in its past, itself included, as far as that is known.
    let lists: Set<Long>

    init(_ entry: PlainEntry, by device: Long, after removals: Set<Int>?, lists: Set<Long>) {
      (self.entry, self.device, self.removals, self.lists) = (entry, device, removals, lists)
    }
  }

  struct Place: Hashable {
    let feed: Short
    let seq: Int
  }

  private(set) var entries: [Long: Known] = [:]
  private var places: [Place: [Long]] = [:]
  /// Feeds in which two entries stand at one place.
  private var forked: Set<Short> = []
  /// The same, where one of the two may have rotted since: its header still proves that it stood there.
  private(set) var doubled: Set<Short> = []
  /// Where the first two of those stand, by the feed.
  private(set) var partings: [Short: Int] = [:]
  /// Who writes a feed.
  private(set) var authors: [Short: Long] = [:]
  private(set) var office: Long?
  /// The office, and such as came to nothing while they were founded.
  private(set) var offices: Set<Long> = []
  /// Certificates with effect or without, in the order in which they came.
  private(set) var certificates: [Certificate] = []
  /// The entries that made the tickets of a key.
  private(set) var tickets: [Long: [Long]] = [:]
  private(set) var removals: [Removal] = []
  /// Who was added to which group by which entry.
  private(set) var additions: [(member: Short, group: Long, entry: Long)] = []
  /// Who may hold which group's log.
  let rights = Rights()
  /// Members that were removed from the office: what they did may count or not.
  private(set) var lowered: Set<Short> = []
  /// Who was made less than an admin by which entry.
  private var demotions: [(member: Short, entry: Long)] = []
  /// Owner lists, and whether somebody who lies wrote one.
  private(set) var ownerLists = OwnerLists()
  /// By the name of each.
  private(set) var epochs: [Short: Epoch] = [:]
  /// By the nonce of a ciphertext, what it closes.
  private var nonces: [[UInt8]: Long] = [:]
  private var verified: Set<[UInt8]> = []
  /// Devices that may have written two things at one place: what they hold was copied or put back.
  var mayFork: Set<Long> = []
  /// What rotted on the only disk that held it. Where it was the last there, a start cannot tell it from
  /// what a crash leaves, and its device writes at its place again.
  var gone: Set<Long> = []
  /// Devices whose keys somebody holds who lies.
  var liars: Set<Long> = []
  /// The first group of everyone.
  private(set) var everyone: Long?
  /// Who was made an admin by which entry.
  private(set) var raises: [(member: Short, entry: Long)] = []
  /// Members that somebody who lies gave the rank of a person.
  private(set) var personsInLie: Set<Short> = []
  /// Members that somebody honest gave a say over others, at any time.
  private var raised: Set<Short> = []

  struct Epoch {
    let group: Long
    /// The device that made it.
    let maker: Long
    /// Where it was made.
    let entry: Long
    /// The devices that can open it.
    let recipients: Set<Long>
  }

  struct Certificate {
    let member: Short
    let device: Long
    let entry: Long
    /// The key of the ticket that it came by; zero for none.
    let ticket: Long
  }

  struct Removal {
    let entry: Long
    let author: Long
    let target: PlainOperation
    /// The group it speaks of; nil for the office.
    let group: Long?
    /// Nothing is built on the removal of somebody who lies, but what it may have taken away.
    let isHonest: Bool
  }

  /// Takes in an entry that lies on a disk; says what is wrong with it. `isOwn`: it lies on the disk
  /// of its author, who wrote it.
  func take(_ entry: PlainEntry, isOwn: Bool) -> String? {
    if entries[entry.id] != nil { return nil }
    let device: Long
    if entry.kind == PlainEntry.Kind.genesis, let key = entry.ext[1] {
      var cursor = Cursor(key)
      device = cursor.long()
      authors[entry.feed] = device
      if entry.group == entry.id, entry.ext[4] == nil {
        office = office ?? entry.id
        offices.insert(entry.id)
      } else if entry.group == entry.id {
        if entry.ext[5]?.first == 2 { everyone = everyone ?? entry.id }
      }
    } else if let author = authors[entry.feed] {
      device = author
    } else {
      return "an entry of feed \(entry.feed.text) stands without a beginning"
    }
    let place = Place(feed: entry.feed, seq: entry.seq)
    let all = places[place, default: []]
    let others = all.filter { !gone.contains($0) }
    places[place, default: []].append(entry.id)
    if !all.isEmpty {
      doubled.insert(entry.feed)
      partings[entry.feed] = min(partings[entry.feed] ?? entry.seq, entry.seq)
    }
    if !others.isEmpty { forked.insert(entry.feed) }
    let past = past(of: entry)
    var removals = past.map { $0.reduce(into: Set<Int>()) { $0.formUnion($1.removals ?? []) } }
    var lists = (past ?? []).reduce(into: Set<Long>()) { $0.formUnion($1.lists) }
    if let number = note(entry, by: device) { removals?.insert(number) }
    if ownerLists.contains(entry.id) { lists.insert(entry.id) }
    let known = Known(entry, by: device, after: removals, lists: lists)
    entries[entry.id] = known
    let isHonest = !liars.contains(device)
    if !others.isEmpty, isHonest, !mayFork.contains(device) {
      return "device \(device.first.text) wrote two things at \(entry.feed.text):\(entry.seq)"
    }
    if isHonest, isOwn, past == nil {
      return "\(entry.feed.text):\(entry.seq) cites what its author does not hold"
    }
    if isHonest, let past, entry.lamport != 1 + (past.map(\.entry.lamport).max() ?? 0) {
      return "\(entry.feed.text):\(entry.seq) has a wrong lamport"
    }
    return isHonest ? leak(known) ?? reuse(of: known) ?? framing(by: known) : nil
  }

  /// Whether the signature of the last entry of a batch holds.
  func isSigned(_ entry: Long, by device: Long, _ signature: ArraySlice<UInt8>) -> Bool {
    let key = entry.bytes + signature
    if verified.contains(key) { return true }
    guard Sums.holds(signature, of: entry, by: device) else { return false }
    verified.insert(key)
    return true
  }

  /// Whether all that an entry names was seen.
  func knowsPast(of entry: PlainEntry) -> Bool { past(of: entry) != nil }

  /// The entries that one names; nil where one of them was never seen.
  func past(of entry: PlainEntry) -> [Known]? {
    var past: [Known] = []
    if entry.seq > 0 {
      guard let before = entries[entry.prev] else { return nil }
      past.append(before)
    }
    for dep in entry.deps {
      let place = Place(feed: dep.feed, seq: dep.seq)
      guard let id = places[place]?.first(where: { $0.first == dep.prefix }),
        let known = entries[id]
      else { return nil }
      past.append(known)
    }
    return past
  }

  /// The entries that have one of these in their past.
  func waiting(for lost: Set<Long>) -> Set<Long> {
    if lost.isEmpty { return [] }
    var waiting: Set<Long> = []
    // What one names has a lower lamport, but for what somebody who lies wrote.
    for known in entries.values.sorted(by: { $0.entry.lamport < $1.entry.lamport }) {
      let past = past(of: known.entry) ?? []
      if past.contains(where: { lost.contains($0.entry.id) || waiting.contains($0.entry.id) }) {
        waiting.insert(known.entry.id)
      }
    }
    return waiting
  }

  /// Whether an entry has another one in its past.
  func isAware(_ entry: Long, of other: Long) -> Bool {
    guard let known = entries[entry], let sought = entries[other] else { return false }
    var open = [known]
    var seen: Set<Long> = []
    while let known = open.popLast() {
      for cause in past(of: known.entry) ?? [] {
        if cause === sought { return true }
        // What one names has a lower lamport, but for what somebody who lies wrote.
        if cause.entry.lamport > sought.entry.lamport, seen.insert(cause.entry.id).inserted {
          open.append(cause)
        }
      }
    }
    return false
  }

  /// Whether neither of two entries has the other in its past.
  func isBeside(_ one: Long, _ other: Long) -> Bool {
    !isAware(one, of: other) && !isAware(other, of: one)
  }

  func ids(at place: Place) -> [Long] { places[place, default: []] }

  func isForked(_ feed: Short) -> Bool { forked.contains(feed) }

  /// No nonce closes two texts (study 3: 26). No two computers of a world draw the same salt, copied or not:
  /// what becomes of that a test of the cipher shows.
  private func reuse(of message: Known) -> String? {
    let entry = message.entry
    guard entry.kind == PlainEntry.Kind.message, !entry.isOpaque, !offices.contains(entry.group),
      let nonce = entry.body?.prefix(24), nonce.count == 24
    else { return nil }
    if let other = nonces.updateValue(entry.bodyHash, forKey: Array(nonce)), other != entry.bodyHash
    {
      return "\(entry.feed.text):\(entry.seq) is closed under a nonce of another text"
    }
    return nil
  }

  /// Writes down what an entry says of people; of a removal its number.
  private func note(_ entry: PlainEntry, by device: Long) -> Int? {
    rights.note(entry, by: device)
    guard let body = entry.body, !entry.isOpaque else { return nil }
    let group = offices.contains(entry.group) ? nil : entry.group
    switch entry.kind {
    case PlainEntry.Kind.genesis where !body.isEmpty:
      var cursor = Cursor(body)
      let (member, device) = (cursor.short(), cursor.long())
      certificates.append(
        Certificate(member: member, device: device, entry: entry.id, ticket: .zero))
      if entry.ext[4] == nil { ownerLists.found(by: member) }
    case PlainEntry.Kind.epoch:
      var cursor = Cursor(body)
      _ = cursor.long()
      let count = cursor.int(2)
      var devices: Set<Long> = []
      for _ in 0..<count {
        devices.insert(cursor.long())
        _ = cursor.take(48)
      }
      // An epoch has the name of its place: whoever says it again elsewhere makes nothing (K-2).
      if epochs[entry.epoch] == nil {
        epochs[entry.epoch] = Epoch(
          group: entry.group, maker: device, entry: entry.id, recipients: devices)
      }
    case PlainEntry.Kind.control:
      let operation = PlainOperation(body)
      let isHonest = !liars.contains(device)
      let isAllowed = mayAct(device, in: group) || needsNoSay(operation, by: device, in: group)
      if !isHonest, !isAllowed { return nil }
      if isHonest { noteRank(operation) }
      switch operation {
      case .certify(let member, let device, _, let ticket):
        certificates.append(
          Certificate(member: member, device: device, entry: entry.id, ticket: ticket))
      case .ticket(let key): tickets[key, default: []].append(entry.id)
      case .groupAdd(let members):
        for member in members { additions.append((member, entry.group, entry.id)) }
      case .rank(let member, let rank):
        if rank == 2, !isHonest { personsInLie.insert(member) }
        if rank > 1 {
          demotions.append((member, entry.id))
        } else if isHonest {
          raises.append((member, entry.id))
        }
      case .removeMember(let member): lowered.insert(member)
      case .owners(let previous, let members, let isRecovery):
        ownerLists.add(
          entry.id, lamport: entry.lamport, after: previous, members, isRecovery: isRecovery,
          isHonest: isHonest)
      default: break
      }
      switch operation {
      case .removeMember, .removeDevice, .suspend, .groupRemove:
        removals.append(
          Removal(
            entry: entry.id, author: device, target: operation, group: group, isHonest: isHonest))
        return isHonest ? removals.count - 1 : nil
      default: break
      }
    default: break
    }
    return nil
  }

  private func noteRank(_ operation: PlainOperation) {
    switch operation {
    case .certify(let member, _, let rank, _) where rank < 2: raised.insert(member)
    case .rank(let member, let rank) where rank < 2: raised.insert(member)
    case .owners(_, let members, _): raised.formUnion(members)
    default: break
    }
  }

  /// Whether somebody who lies may have a say: over others in the office, or in a group that a computer of the
  /// same member founded.
  private func mayAct(_ device: Long, in group: Long?) -> Bool {
    let founder = group.flatMap { entries[$0]?.device }
    let founders = founder.map { members(of: $0) } ?? []
    return founder == device
      || members(of: device).contains { raised.contains($0) || founders.contains($0) }
  }

  /// Whether a computer lets in another one of its own member or whoever has a ticket, or removes one of its
  /// own, or the member from the office or a group, for which nobody needs a say.
  private func needsNoSay(
    _ operation: PlainOperation?, by device: Long, in group: Long?
  ) -> Bool {
    let own = members(of: device)
    return switch operation {
    case .groupRemove(let member)?: group != nil && own.contains(member)
    case .certify(let member, _, _, let ticket)?:
      group == nil && (own.contains(member) || tickets[ticket] != nil)
    case .removeMember(let member)?: group == nil && own.contains(member)
    case .removeDevice(let target)?:
      group == nil && members(of: target).contains(where: own.contains)
    default: false
    }
  }

  /// Whether a member was ever given a say over others, or founded a group.
  func hasSay(_ member: Short) -> Bool {
    let devices = devices(of: member)
    return raised.contains(member)
      || entries.contains { id, known in
        known.entry.group == id && known.entry.kind == PlainEntry.Kind.genesis
          && devices.contains(known.device)
      }
  }

  func devices(of member: Short) -> Set<Long> {
    Set(certificates.filter { $0.member == member }.map(\.device))
  }

  func members(of device: Long) -> [Short] {
    certificates.filter { $0.device == device }.map(\.member)
  }

  /// The devices that were given the key of a message; nil where it has none.
  func readers(_ entry: PlainEntry) -> Set<Long>? {
    entry.kind == PlainEntry.Kind.message && !entry.isOpaque ? epochs[entry.epoch]?.recipients : nil
  }

  /// Whether a message can be opened by all whom it is closed for. Whom somebody who lies gave the key
  /// to and whom noise, nobody can see.
  func isSound(_ message: Known) -> Bool {
    !liars.contains(message.device)
      && !(epochs[message.entry.epoch].map { liars.contains($0.maker) } ?? false)
  }

  /// Whether somebody may have taken rights from a member.
  func hasLost(_ member: Short) -> Bool {
    lowered.contains(member) || !demotions(of: member).isEmpty
  }

  /// Whether somebody may have taken rights from anybody.
  var hasAnybodyLost: Bool {
    !lowered.isEmpty || !demotions.isEmpty || ownerLists.known.contains(where: hasLost)
      || removals.contains { removal in
        if case .removeDevice = removal.target { true } else { false }
      }
  }

  /// What made a member less than an admin, or less than the owner that another list makes of it.
  func demotions(of member: Short) -> [Long] {
    demotions.filter { $0.member == member }.map(\.entry) + ownerLists.leavingOut(member)
  }
}
