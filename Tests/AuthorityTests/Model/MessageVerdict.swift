import Format

@testable import Authority

/// What removals say about a message or an epoch, with entries as numbers.
enum MessageVerdict: Equatable {
  case counts
  case void
  case uncertified
  /// Witnesses decide, for each of these removals: beyond a cut it needs one.
  case hangs(beyond: Set<Int>, unlisted: Set<Int>)
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
    case .hangs(let doubts):
      .hangs(beyond: entries(view, doubts.beyond), unlisted: entries(view, doubts.unlisted))
    }
  }

  private func entries(_ view: EntrySet, _ references: [ControlReference]) -> Set<Int> {
    Set(view.filter { entry in references.contains { $0.id == id(entry) } })
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
    var (beyond, unlisted): (Set<Int>, Set<Int>) = ([], [])
    for mover in movers
    where model.office.concerns(mover, here.certificate) && !here.past.contains(mover) {
      if let cut = model.office.listed(mover, entry) {
        guard isBehind(cut, entry) else { continue }
        guard !isOfOneself(mover), !history.isForked(cut.feed, in: arrived) else { return .void }
        beyond.insert(mover)
      } else if !lowerings.contains(mover) {
        unlisted.insert(mover)
      }
    }
    return beyond.isEmpty && unlisted.isEmpty
      ? .counts : .hangs(beyond: beyond, unlisted: unlisted)
  }

  /// Whether a removal is of a device, by its own member.
  private func isOfOneself(_ removal: Int) -> Bool {
    guard case .removeDevice(let device, _) = history.entries[removal].act else { return false }
    return history.member(of: device) == history.author(of: removal)
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
