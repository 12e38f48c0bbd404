/// What may happen in the histories of one search.
struct Alphabet {
  enum Verb: Hashable {
    case remove, drop, rank, admit, device, restore, recover, agree, suspend, ticket, join, revoke
    case add, expel, send, share
  }

  var verbs: Set<Verb>
  /// Devices of the cast that write; whoever was let in writes too.
  var authors: [Int]
  /// Members of the cast of whom anything is written.
  var targets: [Int]
  /// Ranks that are given.
  var ranks: [Int] = [1, 2]
  var choices: [CutChoice] = [.none, .nothing]
  /// Owner lists that are made, members as bits.
  var lists: [UInt64] = []
  /// How many feeds a device has in one log under one certificate.
  var seriesMax = 1
  /// How many entries stand beside another one at their place.
  var forksMax = 0

  /// What a device may think of writing with this in its past, entitled or not.
  func acts(_ history: History, _ device: Int, _ past: EntrySet) -> [Act] {
    let known = past.intersection(history.certificates).compactMap(history.certified)
    let member = known.first { $0.device == device }?.member ?? device
    let newcomers = known.filter { $0.device >= Cast.count }
    let members = targets + newcomers.filter { $0.device == $0.member }.map(\.member)
    let devices = Set(known.map(\.device)).sorted().filter {
      targets.contains($0) || $0 >= Cast.count
    }
    let others = members.filter { $0 != member }
    let keys = Set(past.compactMap(history.ticketKey)).sorted()
    let new = Cast.count + history.entries.count
    var acts: [Act] = []
    for verb in Self.order where verbs.contains(verb) {
      switch verb {
      case .remove:
        acts += choices.flatMap { choice in members.map { .remove(member: $0, choice) } }
      case .drop: acts += choices.flatMap { choice in devices.map { .removeDevice($0, choice) } }
      case .rank:
        for rank in ranks + [3] {
          acts += choices.flatMap { choice in others.map { .rank(member: $0, rank, choice) } }
        }
      case .admit: acts += ranks.map { .certify(device: new, member: new, rank: $0) }
      case .device: acts += (0...2).map { .certify(device: new, member: member, rank: $0) }
      case .restore:
        for (device, member, _) in Self.unique(known) where isTarget(device) {
          acts += ranks.map { .certify(device: device, member: member, rank: $0) }
        }
      case .recover: acts += lists.map { .owners(members: $0, signers: 0, isRecovery: true) }
      case .agree:
        for signers in [UInt64(0b01), 0b10, 0b11] {
          acts += lists.map { .owners(members: $0, signers: signers, isRecovery: false) }
        }
      case .suspend: acts += devices.filter { $0 < Cast.count }.map { .suspend(device: $0) }
      case .ticket:
        // Whoever saw a key may write it at a place that lacks what had it first.
        let foreign = Set(history.later.compactMap(history.ticketKey)).subtracting(keys)
        for key in [history.entries.count] + foreign.sorted() {
          acts += [.ticket(member: nil, key: key)]
          acts += Set(targets + [member]).sorted().map { .ticket(member: $0, key: key) }
        }
      case .join:
        for key in keys {
          acts += ([new] + targets).map { .join(key: key, device: new, member: $0) }
        }
      case .revoke: acts += keys.map { .revoke(key: $0) }
      case .add: acts += [1, 2].flatMap { grade in members.map { .add(member: $0, grade: grade) } }
      case .expel:
        acts += choices.flatMap { choice in members.map { .expel(member: $0, choice) } }
      case .send: acts.append(.send)
      case .share: acts.append(.share)
      }
    }
    return acts
  }

  private func isTarget(_ device: Int) -> Bool {
    targets.contains(device) || device >= Cast.count
  }

  private static func unique(
    _ known: [(device: Int, member: Int, rank: Int)]
  ) -> [(device: Int, member: Int, rank: Int)] {
    var seen: Set<Int> = []
    return known.filter { seen.insert($0.device).inserted }
  }

  /// Sets have no order, and a search is to be the same each time.
  private static let order: [Verb] = [
    .remove, .drop, .rank, .admit, .device, .restore, .recover, .agree, .suspend, .ticket, .join,
    .revoke, .add, .expel, .send, .share,
  ]
}
