import Format

@testable import Authority

/// The product's judgement of a history whose entries arrive one by one.
final class ProductRun {
  let history: History
  let views = ViewTable()
  let office: OfficeAuthority
  private(set) var group: GroupAuthority?
  /// What is here.
  private(set) var arrived = EntrySet()
  /// Where each entry that is here stands: of a forked feed the branch that came first has its name.
  private var places: [FeedPlace?]
  private var known: [EntrySet: ViewID] = [:]

  /// A run in which the opening is here.
  init(_ history: History) {
    self.history = history
    places = [FeedPlace?](repeating: nil, count: history.entries.count)
    office = OfficeAuthority(office: Keys.office, verifier: TestSignatures(), views: views)
    for entry in 0..<history.openingCount { insert(entry) }
  }

  /// Judges an entry at its place and takes it in.
  @discardableResult
  func arrive(_ entry: Int) -> Refusal? {
    place(entry)
    let refusal = refusal(of: entry)
    insert(entry)
    return refusal
  }

  private func insert(_ entry: Int) {
    place(entry)
    arrived.insert(entry)
    guard history.isInViews(entry) else { return }
    if history.entries[entry].act.isInGroup {
      group?.insert(control(entry, of: history))
    } else {
      office.insert(control(entry, of: history))
    }
    if entry == (history.group?.past.count ?? 0) - 1 { found() }
  }

  private func found() {
    guard let facts = history.group else { return }
    group = GroupAuthority(
      group: Keys.group,
      facts: GroupFacts(
        office: Keys.office, kind: .listed, pair: nil,
        ownersDoNotOutrank: facts.ownersDoNotOutrank),
      certificate: id(history.certificate(of: facts.creator) ?? 0),
      officeView: officeView(facts.past),
      office: office)
  }

  /// Finds the strand in which an entry stands, as a node does; a second entry at one place is the
  /// proof of a fork from then on.
  private func place(_ entry: Int) {
    guard places[entry] == nil else { return }
    let here = history.entries[entry]
    let feed = history.feed(of: entry)
    let hasSibling = arrived.contains {
      $0 != entry && history.entries[$0].after == here.after && history.feed(of: $0) == feed
    }
    if hasSibling {
      places[entry] = FeedPlace(feed: Keys.feed(feed), branch: BranchID(id(entry).bytes.prefix))
      office.noteFork(
        of: Keys.feed(feed), by: Keys.devices[here.device], Lineage(run: self, feed: feed))
    } else {
      places[entry] =
        here.after.flatMap { places[$0] } ?? FeedPlace(feed: Keys.feed(feed))
    }
  }

  func id(_ entry: Int) -> EntryID { Keys.entry(entry, isDescending: history.isDescending) }

  /// Why an entry has no right at its place; nil if it has.
  func refusal(of entry: Int) -> Refusal? { refusal(of: entry, in: history) }

  /// The same for the entry by which another history goes on from this one.
  func refusal(ofLast history: History) -> Refusal? {
    refusal(of: history.entries.count - 1, in: history)
  }

  private func refusal(of entry: Int, in history: History) -> Refusal? {
    let here = history.entries[entry]
    guard here.act.isControl else {
      return group?.refusal(
        ofWriter: Keys.devices[here.device], certificate: id(here.certificate),
        groupView: groupView(here.past), officeView: officeView(here.past), opensFeed: false)
    }
    let control = control(entry, of: history)
    return here.act.isInGroup ? group?.refusal(of: control) : office.refusal(of: control)
  }

  func officeView(_ set: EntrySet) -> ViewID { view(set.intersection(history.office)) }
  func groupView(_ set: EntrySet) -> ViewID { view(set.intersection(history.inGroup)) }

  private func view(_ set: EntrySet) -> ViewID {
    guard let last = set.last else { return .empty }
    if let view = known[set] { return view }
    var view = view(set.removing(last))
    if history.isInViews(last), let place = places[last] {
      view = views.adding(view, place, UInt32(history.entries[last].seq))
    }
    known[set] = view
    return view
  }

  private func control(_ entry: Int, of history: History) -> ControlEntry {
    let here = history.entries[entry]
    let place = places.indices.contains(entry) ? places[entry] : nil
    return ControlEntry(
      id: id(entry), place: place ?? FeedPlace(feed: Keys.feed(history.feed(of: entry))),
      seq: UInt32(here.seq), lamport: UInt32(here.lamport), author: Keys.devices[here.device],
      certificate: entry == 0 ? EntryID(Bytes32()) : id(here.certificate),
      content: content(entry, of: history), officeView: officeView(here.past),
      groupView: here.act.isInGroup ? groupView(here.past) : .empty)
  }
}

extension ProductRun {
  private func content(_ entry: Int, of history: History) -> ControlEntry.Content {
    let here = history.entries[entry]
    let cuts = cuts(here, of: history)
    switch here.act {
    case .founding:
      return .founding(
        OfficeGenesis(
          certificate: certificate(0, member: 0, rank: 0), recoveryKey: Keys.recovery,
          officeSecret: Bytes32()))
    case .certify(let device, let member, let rank):
      return .operation(.certify(certification(device, member, rank, ticket: nil)))
    case .join(let key, let device, let member):
      return .operation(.certify(certification(device, member, 2, ticket: key)))
    case .remove(let member, _): return .operation(.remove(.member(Keys.members[member]), cuts))
    case .removeDevice(let device, _):
      return .operation(.remove(.device(Keys.devices[device]), cuts))
    case .rank(let member, let rank, _):
      return .operation(.rank(Keys.members[member], Self.rank(rank), cuts))
    case .owners(let members, let signers, let isRecovery):
      return .operation(.owners(owners(members, signers, isRecovery, after: here.previous)))
    case .suspend(let device):
      let feed = history.firstFeed(of: device)
      return .operation(
        .suspend(Keys.feed(feed), seq: 1, EntryID(Bytes32()), EntryID(Bytes32())))
    case .ticket(let member, let key):
      return .operation(
        .ticket(
          Operation.TicketGrant(
            key: Keys.tickets[key], rank: .member, isKeeper: false, mayAdmit: true,
            member: member.map { Keys.members[$0] } ?? MemberID(Bytes16()),
            expiresMilliseconds: .max, uses: 1, groups: history.group == nil ? [] : [Keys.group])))
    case .revoke(let key): return .operation(.ticketRevoke(Keys.tickets[key]))
    case .add(let member, let grade):
      return .operation(.groupAdd([Keys.members[member]], grade == 1 ? .manager : .member))
    case .expel(let member, _): return .operation(.groupRemove(Keys.members[member], cuts))
    case .send, .share: return .heard
    }
  }

  private func cuts(_ entry: History.Entry, of history: History) -> [Cut] {
    entry.cuts.map { cut in
      Cut(
        feed: Keys.feed(cut.feed), seq: UInt32(cut.seq),
        entry: cut.entry.map(id) ?? Keys.genesis(cut.feed))
    }.sorted { $0.feed < $1.feed }
  }

  private static func rank(_ rank: Int) -> Rank { Rank(rawValue: UInt8(rank)) ?? .machine }

  private func certificate(_ device: Int, member: Int, rank: Int) -> Certificate {
    Certificate(
      member: Keys.members[member], device: Keys.devices[device], noise: Keys.noise[device],
      sealing: Keys.sealing[device], rank: Self.rank(rank), isKeeper: false, mayAdmit: true)
  }

  private func certification(
    _ device: Int, _ member: Int, _ rank: Int, ticket: Int?
  ) -> Operation.Certification {
    Operation.Certification(
      certificate: certificate(device, member: member, rank: rank),
      ticket: ticket.map { Keys.tickets[$0] } ?? TicketKey(Bytes32()),
      handshake: HandshakeHash(Bytes32()), deviceSignature: Keys.proofs[device],
      ticketSignature: ticket.map { Keys.ticketProofs[$0] } ?? SignatureBytes())
  }

  private func owners(
    _ members: UInt64, _ signers: UInt64, _ isRecovery: Bool, after previous: Int?
  ) -> Operation.OwnerList {
    var signatures = EntrySet(bits: signers).map { device in
      Operation.OwnerSignature(device: Keys.devices[device], signature: Keys.proofs[device])
    }
    if isRecovery {
      signatures.append(
        Operation.OwnerSignature(
          device: DeviceKey(Bytes32()), signature: TestSignatures.sign(Keys.recovery.bytes)))
    }
    return Operation.OwnerList(
      previous: previous.map(id) ?? EntryID(Bytes32()),
      members: EntrySet(bits: members).map { Keys.members[$0] }, signatures: signatures)
  }
}

/// What a node that holds what has arrived knows of the branches of a feed.
private final class Lineage: ForkLineage {
  private unowned let run: ProductRun
  private let feed: History.Feed

  init(run: ProductRun, feed: History.Feed) { (self.run, self.feed) = (run, feed) }

  func isBefore(_ entry: EntryID, seq: UInt32, _ cut: Cut) -> Bool {
    guard let named = held(cut.entry), seq <= cut.seq else {
      let parting = run.arrived.filter { entry in
        run.history.feed(of: entry) == feed
          && run.arrived.contains {
            $0 != entry && run.history.feed(of: $0) == feed
              && run.history.entries[$0].after == run.history.entries[entry].after
          }
      }.map { run.history.entries[$0].seq }.min()
      return parting.map { Int(seq) < $0 } ?? true
    }
    return held(entry).map { run.history.leads($0, to: named) } ?? false
  }

  func isPast(_ cut: Cut, of removal: ControlReference) -> Bool {
    guard let named = held(cut.entry), let removal = held(removal.id) else { return false }
    return run.history.entries[removal].past.contains(named)
  }

  private func held(_ id: EntryID) -> Int? { run.arrived.first { run.id($0) == id } }
}
