import Authority
import Format

/// An entry that an own one may cite.
private struct Candidate {
  let feed: FeedState
  let seq: UInt32
  /// Whether it brings control entries that are not in the own past yet.
  let isNews: Bool
  let inOffice: Bool
  /// Whether a cut of the removal that is written names it.
  var isNamed = false

  /// Whether an entry is in its past that stands in a strand of the same feed.
  func holds(_ prefix: Bytes16, as place: UInt32, of strand: FeedState) -> Bool {
    feed.place.feed == strand.place.feed && seq >= place && feed.prefix(place) == prefix
  }
}

/// What an own entry cites (F-9).
extension Replica {
  /// Heads that are not in the own past yet, with which what is to be written has its right, or an epoch
  /// where that is nothing: where all that is known here gives it, but not what fits into one entry,
  /// what was left out comes before what was not.
  mutating func cite(
    _ group: GroupState, _ feed: FeedState?, for drafts: [Draft]
  ) -> Cited {
    let cuts = cuts(in: drafts)
    let usual = cite(group, feed, naming: cuts)
    guard isRefused(drafts, group, feed, usual.view),
      !isRefused(drafts, group, feed, viewOfAll(group))
    else { return usual }
    var (tried, last) = (Set<FeedPlace>(), usual)
    // As often as one device has feeds that nobody cited: who makes more is not to cost each word more.
    for _ in 0..<Limits.feedsPerDeviceMax / Limits.depsMax {
      guard !tried.isSuperset(of: last.chosen) else { break }
      tried.formUnion(last.chosen)
      last = cite(group, feed, naming: cuts, last: tried)
      if !isRefused(drafts, group, feed, last.view) { return last }
    }
    return usual
  }

  private mutating func isRefused(
    _ drafts: [Draft], _ group: GroupState, _ feed: FeedState?, _ view: FeedState.ViewChange
  ) -> Bool {
    if drafts.isEmpty { return writerRefusal(group, view) != nil }
    do throws(ComposeRefusal) {
      try checkRights(drafts, group, view, builder(group, feed))
      return false
    } catch {
      return true
    }
  }

  /// All control entries that are known here.
  private func viewOfAll(_ group: GroupState) -> FeedState.ViewChange {
    .init(seq: 0, office: officeLog.view, group: group.isOffice ? .empty : group.view)
  }

  /// At most 16 of these heads, those that cuts name of forked feeds before all others, then control
  /// entries (F-9); those of `last` behind others.
  mutating func cite(
    _ group: GroupState, _ feed: FeedState?, naming cuts: [Cut] = [], last: Set<FeedPlace> = []
  ) -> Cited {
    var cited = Cited()
    if let composing = group.composing, composing.feed === feed {
      cited.seqs = composing.cited
      cited.view = composing.view
      // What was written last may bear witness of something, and is then in views itself.
      if let last = feed?.lastView {
        cited.view.group = views.union(cited.view.group, last.group)
      }
    } else if let last = feed?.lastView {
      (cited.view.office, cited.view.group) = (last.office, last.group)
    }
    var candidates = named(by: cuts.filter { $0.feed != feed?.place.feed }, in: group)
    for other in group.feedList + (group.isOffice ? [] : officeLog.feedList)
    where other.place.feed != feed?.place.feed {
      let inOffice = !group.isOffice && officeLog.feeds[other.place] === other
      guard let seq = seqToCite(of: other, cited, inOffice ? officeLog : group) else { continue }
      candidates.append(
        Candidate(
          feed: other, seq: seq, isNews: isNews(other, seq, cited, inOffice: inOffice),
          inOffice: inOffice))
    }
    // A new feed shows first that its device is certified and that its group exists (F-6, F-16).
    let certifier = feed == nil ? certifyingFeed : nil
    let founder =
      feed == nil && !group.isOffice ? group.feedList.first { $0.admittedCount > 0 } : nil
    // Of a forked feed any branch that holds what is needed does, and one may bring news.
    func isNeeded(_ one: Candidate) -> Bool {
      one.feed.place.feed == founder?.place.feed
        || certifier.map { one.holds(certificate.prefix, as: $0.seq, of: $0.feed) } ?? false
    }
    candidates.sort { a, b in
      if isNeeded(a) != isNeeded(b) { return isNeeded(a) }
      // Before what a cut names, too: of the same feed another branch may give the right.
      let (isLate, isLater) = (last.contains(a.feed.place), last.contains(b.feed.place))
      if isLate != isLater { return isLater }
      if a.isNamed != b.isNamed { return a.isNamed }
      if a.isNews != b.isNews { return a.isNews }
      let (x, y) = (a.feed.mark(a.seq).lamport, b.feed.mark(b.seq).lamport)
      return x != y ? x > y : a.feed.place < b.feed.place
    }
    // Heads of the office log without news say nothing that a group's entry needs.
    var taken: Set<FeedID> = []
    let chosen = candidates.filter {
      // One entry names a feed but once; another branch's turn is the next entry.
      ($0.isNews || !$0.inOffice || isNeeded($0))
        && taken.insert($0.feed.place.feed).inserted
    }.prefix(Limits.depsMax)
    var pasts: (office: [ViewID], group: [ViewID]) = ([], [])
    for one in chosen {
      cited.deps.append(
        Reference(
          feed: one.feed.place.feed, seq: one.seq, prefix: one.feed.prefix(one.seq)))
      cited.lamport = max(cited.lamport, one.feed.mark(one.seq).lamport)
      cited.seqs[one.feed.place] = one.seq
      cited.chosen.insert(one.feed.place)
      if let past = one.feed.view(at: one.seq) {
        pasts.office.append(past.office)
        if !one.inOffice { pasts.group.append(past.group) }
      }
    }
    cited.view.office = views.union(cited.view.office, pasts.office)
    cited.view.group = views.union(cited.view.group, pasts.group)
    cited.deps.sort { $0.feed < $1.feed }
    return cited
  }

  /// The entries that cuts name of feeds of this log that are forked: with them in the past of the
  /// removal all nodes know alike which branch it keeps.
  private func named(by cuts: [Cut], in group: GroupState) -> [Candidate] {
    cuts.compactMap { cut in
      let end = Reference(feed: cut.feed, seq: cut.seq, prefix: cut.entry.prefix)
      guard group.isForked(cut.feed), let strand = group.feed(holding: end),
        Int(cut.seq) < strand.admittedCount
      else { return nil }
      return Candidate(feed: strand, seq: cut.seq, isNews: true, inOffice: false, isNamed: true)
    }
  }

  /// The cuts of a removal or lowering among drafts.
  func cuts(in drafts: [Draft]) -> [Cut] {
    drafts.flatMap { draft -> [Cut] in
      switch draft {
      case .control(.remove(_, let cuts)), .control(.rank(_, _, let cuts)),
        .control(.groupRemove(_, let cuts)):
        return cuts
      default: return []
      }
    }
  }

  /// Which entry of a strand to cite; nil where it has none that is not cited yet.
  ///
  /// Behind a fork only control entries are cited, the last one of the strand: whoever signs twice
  /// gets no weight from others.
  private func seqToCite(
    of other: FeedState, _ cited: Cited, _ log: GroupState
  ) -> UInt32? {
    guard other.admittedCount > Int(other.start) else { return nil }
    var seq = UInt32(other.admittedCount - 1)
    if let parting = log.firstParting(of: other.place.feed) {
      let first = other.parent == nil ? parting : other.start
      if seq >= first, let control = lastControl(of: other, log), control >= first,
        !views.contains(log.isOffice ? cited.view.office : cited.view.group, other.place, control)
      {
        seq = control
      } else {
        guard other.parent == nil else { return nil }
        seq = min(seq, parting - 1)
      }
    }
    if let known = cited.seqs[other.place], known >= seq { return nil }
    return seq
  }

  /// The last admitted control entry that stands in a strand itself.
  private func lastControl(of feed: FeedState, _ log: GroupState) -> UInt32? {
    guard let view = feed.lastView else { return nil }
    if log.isOffice { return views.highest(view.office, feed.place) }
    return log.authority?.lastControl(in: view.group, at: feed.place)
  }

  /// Whether an entry has control entries in its past that what is cited so far has not.
  private func isNews(
    _ other: FeedState, _ seq: UInt32, _ cited: Cited, inOffice: Bool
  ) -> Bool {
    guard let past = other.view(at: seq) else { return false }
    return !views.contains(cited.view.office, all: past.office)
      || (!inOffice && !views.contains(cited.view.group, all: past.group))
  }

  /// The feed of the office log that holds this device's certificate, and where.
  private var certifyingFeed: (feed: FeedState, seq: UInt32)? {
    for feed in officeLog.feedList {
      if let seq = feed.seq(of: certificate.prefix) { return (feed, seq) }
    }
    return nil
  }
}
