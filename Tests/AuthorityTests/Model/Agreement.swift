import Format

@testable import Authority

extension ProductRun {
  /// What the product says otherwise than the model about a view, in words; empty where they agree.
  func differences(_ view: EntrySet, _ found: OfficeModel.Outcome) -> [String] {
    let model = OfficeModel(history)
    let sight = found.sight
    let roster = office.roster(at: officeView(view))
    var out = Differences()
    out.compare(
      "owners", Set(roster.owners.compactMap { Keys.numbers[$0] }),
      Set(EntrySet(bits: found.owners.members)))
    out.compare(
      "the last owner list", roster.lastOwnersReference?.id, found.owners.list.map(id))
    for member in model.members(in: found.view).sorted() {
      let rank = roster.rank(of: Keys.members[member]).map { Int($0.rawValue) }
      out.compare("the rank of \(history.name(member))", rank, model.rank(of: member, sight))
    }
    var voids = Set(found.voids.map(id))
    for list in found.view.intersection(history.ownerLists)
    where !model.chain(in: found.view).contains(list) {
      voids.insert(id(list))
    }
    out.compare("void entries", Set(roster.voids.map(\.entry.id)), voids)
    let lowerings = found.gathered.intersection(history.rankings)
    let movers = found.view.intersection(history.removals).union(lowerings)
    out.compare(
      "removals and lowerings", Set(roster.removals.map(\.entry.id)),
      Set(movers.subtracting(found.voids).map(id)))
    let certificates = found.view.intersection(history.certificates)
    for certificate in certificates {
      guard let device = history.certified(certificate)?.device else { continue }
      let refusal = office.refusal(
        ofWriter: Keys.devices[device], certificate: id(certificate), at: officeView(view))
      let isLive = model.isLive(certificate, sight)
      out.compare("whether \(history.name(device)) may write", refusal == nil, isLive)
      let isAnyLive = certificates.contains {
        history.certified($0)?.device == device && model.isLive($0, sight)
      }
      out.compare(
        "whether \(history.name(device)) is certified", roster.isLive(Keys.devices[device]),
        isAnyLive)
    }
    return out.lines
  }

  /// The same for the group's log.
  func differences(_ view: EntrySet, _ found: GroupModel.Outcome) -> [String] {
    guard let facts = history.group, let group else { return ["there is no group"] }
    let model = GroupModel(history, facts)
    let sight = found.sight
    let membership = group.membership(groupView: groupView(view), officeView: officeView(view))
    var out = Differences()
    for member in model.office.members(in: found.office.view).sorted() {
      out.compare(
        "the grade of \(history.name(member))",
        membership.grade(of: Keys.members[member]).map { Int($0.rawValue) },
        model.grade(of: member, sight))
    }
    let suspended = suspendedDevices(found.office)
    let devices = model.devices(sight).subtracting(suspended)
    out.compare(
      "the group's devices", Set(membership.devices.map(\.key)),
      Set(devices.map { Keys.devices[$0] }))
    out.compare(
      "void entries of the group", Set(membership.voids.map(\.entry.id)),
      Set(found.voids.map(id)))
    out.compare(
      "removals from the group", Set(membership.removals.map(\.entry.id)),
      Set(sight.effective.intersection(history.expulsions).map(id)))
    return out.lines
  }

  /// Devices that a suspension with effect names and of whose feed two branches are here.
  func suspendedDevices(_ found: OfficeModel.Outcome) -> Set<Int> {
    var out: Set<Int> = []
    for entry in found.effective {
      guard case .suspend(let device) = history.entries[entry].act else { continue }
      let feed = history.firstFeed(of: device)
      if history.isForked(feed, in: arrived) { out.insert(device) }
    }
    return out
  }
}

extension History {
  /// Whether two entries of some are at one place of a feed.
  func isForked(_ feed: Feed, in set: EntrySet) -> Bool {
    let places = set.filter { self.feed(of: $0) == feed }.map { entries[$0].seq }
    return Set(places).count < places.count
  }
}

extension OfficeModel {
  /// The owner lists of a view that are or were in force.
  func chain(in view: EntrySet) -> EntrySet {
    var chain = EntrySet()
    var next = owners(in: view).list
    while let list = next {
      chain.insert(list)
      // What the recovery key signed stands for itself: nothing before it matters any more.
      if isOfRecovery(list, in: view) { break }
      next = history.entries[list].previous
    }
    return chain
  }
}

/// Gathers what is not as it should be.
struct Differences {
  private(set) var lines: [String] = []

  mutating func compare<Value: Equatable>(
    _ what: @autoclosure () -> String, _ product: Value, _ model: Value
  ) {
    guard product != model else { return }
    lines.append("\(what()): the product says \(product), the model \(model)")
  }
}
