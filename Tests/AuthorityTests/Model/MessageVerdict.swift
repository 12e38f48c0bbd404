import Format

@testable import Authority

/// What removals say about a message or an epoch, with entries as numbers.
enum MessageVerdict: Equatable {
  case counts
  case void
  case uncertified
  /// Witnesses decide, for each of these removals.
  case unlisted(Set<Int>)
}

extension ProductRun {
  /// The product's verdict on a message of the group, seen with a view.
  func verdict(of entry: Int, in view: EntrySet) -> MessageVerdict? {
    guard let group else { return nil }
    let here = history.entries[entry]
    let (groupView, officeView) = (groupView(view), officeView(view))
    let verdict = group.verdict(
      of: id(entry), feed: Keys.feed(history.feed(of: entry)), seq: UInt32(here.seq),
      certificate: id(here.certificate), groupView: self.groupView(here.past),
      officeView: self.officeView(here.past), roster: office.roster(at: officeView),
      membership: group.membership(groupView: groupView, officeView: officeView))
    return switch verdict {
    case .counts: .counts
    case .void: .void
    case .uncertified: .uncertified
    case .unlisted(let removals):
      .unlisted(Set(view.filter { entry in removals.contains { $0.id == id(entry) } }))
    }
  }

  /// for a message, by the model.
  func expectedVerdict(of entry: Int, in view: EntrySet) -> MessageVerdict {
    guard let facts = history.group else { return .counts }
    let model = GroupModel(history, facts)
    let found = model.evaluate(view)
    let here = history.entries[entry]
    guard found.office.effective.contains(here.certificate) else { return .uncertified }
    let lowerings = found.office.gathered.intersection(history.rankings)
    let movers = found.office.effective.intersection(history.removals.union(lowerings))
      .union(found.sight.effective.intersection(history.expulsions))
    var unlisted: Set<Int> = []
    for mover in movers
    where model.office.concerns(mover, here.certificate) && !here.past.contains(mover) {
      if let cut = model.office.listed(mover, entry) {
        if isBehind(cut, entry) { return .void }
      } else if !lowerings.contains(mover) {
        unlisted.insert(mover)
      }
    }
    return unlisted.isEmpty ? .counts : .unlisted(unlisted)
  }

  /// Of a forked feed counts the branch of the entry named, where that is here.
  private func isBehind(_ cut: History.ListedCut, _ entry: Int) -> Bool {
    if entry == cut.entry { return false }
    guard history.entries[entry].seq < cut.seq else { return true }
    guard let named = cut.entry, history.isForked(cut.feed, in: arrived) else { return false }
    return !history.leads(entry, to: named)
  }

  /// The removals with effect of a view, from the office and from the group.
  func removals(in view: EntrySet) -> [Int] {
    let (groupView, officeView) = (groupView(view), officeView(view))
    var names = Set(
      office.roster(at: officeView).removals.filter { !$0.isLowering }.map(\.entry.id))
    if let group {
      names.formUnion(
        group.membership(groupView: groupView, officeView: officeView).removals.map(\.entry.id))
    }
    return view.filter { names.contains(id($0)) }
  }
}
