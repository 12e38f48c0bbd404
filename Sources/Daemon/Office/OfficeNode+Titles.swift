import Authority
import Control
import Format
import Replication

/// What a group is called, since when, and by whom (E-23).
extension OfficeNode {
  /// The title that was said last, of those that can be read here and are not void.
  @discardableResult
  func groupTitle(_ id: GroupID) -> GroupTitle? {
    saidTitles(id).last?.title ?? voidTitle(id)
  }

  /// What whoever lost the right to added somebody in vain called the group last: that one reads no
  /// other, and is to know which group it is not in.
  private func voidTitle(_ id: GroupID) -> GroupTitle? {
    guard let said = notices[id]?.titles, !said.isEmpty, !isOwnGroup(id) else { return nil }
    return said.max { $0.at < $1.at }?.title
  }

  /// All titles of a group in the order in which they stand, each once, however often it was said.
  private func saidTitles(_ id: GroupID) -> [SaidTitle] {
    if let known = titles[id] { return known }
    readNotices(id)
    let all = (notices[id]?.titles ?? []).filter { !isVoid($0.number, $0.at.entry, in: id) }
    let said = SaidTitle.list(all) { closedTitle($0, in: id) }
    titles[id] = said
    // Whoever reads one of these alone, under a new epoch, calls the group as it is called no more.
    let overtaken = all.filter { one in said.last.map { !$0.title.hasWords(of: one.title) } ?? false
    }
    replica.overtake(titles: Set(overtaken.map(\.at.entry)), in: id)
    return said
  }

  /// Where a message stands that others say again, where it cannot be read here and they are all that
  /// tells what it says; nil for any other.
  private func closedTitle(_ first: EntryID, in id: GroupID) -> TitlePlace? {
    guard let closed = notices[id]?.closed[first.prefix],
      let notice = replica.notice(closed.number, of: id), !isVoid(closed.number, first, in: id)
    else { return nil }
    return TitlePlace(lamport: closed.lamport, entry: first, notice: notice)
  }

  // MARK: Who said so

  /// Who called a group otherwise, and when, in milliseconds since 1970; the first title that can be
  /// read here is as the group was found.
  private func renames(of id: GroupID) -> [(title: GroupTitle, moment: UInt64, info: NewsInfo)] {
    guard replica.kind(of: id) == .listed else { return [] }
    let said = saidTitles(id)
    let roster = replica.rosterNow()
    return zip(said, said.dropFirst()).compactMap { before, one in
      guard before.title.title != one.title.title,
        let member = roster.device(one.at.notice.device)?.member
      else { return nil }
      let moment = one.at.notice.effectiveMilliseconds
      let info = NewsInfo(
        word: .groupRenamed,
        // By the name that it was given then.
        group: GroupRef(
          id: identifier(id.bytes.array), title: one.title.title.text, kind: .listed),
        by: memberRef(member), members: [memberRef(member)], rank: nil,
        own: member == replica.member, was: before.title.title.text,
        time: ClaimedTime(ms: Int64(clamping: moment)))
      return (one.title, moment, info)
    }
  }

  /// Who called a group otherwise, each with when that was, in milliseconds since 1970.
  func pastTitles(of id: GroupID) -> [(moment: UInt64, info: NewsInfo)] {
    renames(of: id).map { ($0.moment, $0.info) }
  }

  /// Who called a group otherwise since somebody was told of its title last; what it was called when
  /// nobody was is news to nobody.
  func freshTitles(of id: GroupID) -> [NewsInfo] {
    let titles = Set(saidTitles(id).map(\.title))
    guard let told = toldNames?.titles.updateValue(titles, forKey: id) else { return [] }
    return renames(of: id).filter { !told.contains($0.title) }.map(\.info)
  }
}

/// A group's title and purpose.
struct GroupTitle: Hashable {
  let title: Name
  let purpose: String
  /// The message that said so first, which those name that say it again (E-23).
  let first: EntryID

  /// What an entry says that says it again.
  func again(_ request: Format.RequestID) -> Content {
    .title(request, title: title, purpose: Array(purpose.utf8), again: first)
  }

  /// What it says, whoever said so first.
  var words: TitleWords { TitleWords(title: title, purpose: Array(purpose.utf8)) }

  /// Whether both call the group alike.
  func hasWords(of other: GroupTitle) -> Bool { words == other.words }
}

/// How a group is called and what it is for.
struct TitleWords: Hashable {
  let title: Name
  let purpose: [UInt8]
}

/// Where a title was said, and on which device; ordered as entries are.
struct TitlePlace: Comparable {
  let lamport: UInt32
  let entry: EntryID
  let notice: MessagePlace

  static func < (a: TitlePlace, b: TitlePlace) -> Bool {
    (a.lamport, a.entry) < (b.lamport, b.entry)
  }
}

/// A title that was said, however often.
struct SaidTitle {
  let title: GroupTitle
  /// Where it stands, and whose it is.
  var at: TitlePlace
  /// Where it was said last.
  private var again: TitlePlace

  /// The titles that were said, in the order in which they stand; `closed` tells where one stands that
  /// others say again and that cannot be read.
  static func list(
    _ all: [NoticeIndex.Title], closed: (EntryID) -> TitlePlace?
  ) -> [SaidTitle] {
    var found: [GroupTitle: SaidTitle] = [:]
    for one in all {
      var known = found[one.title] ?? SaidTitle(title: one.title, at: one.at, again: one.at)
      known.at = min(known.at, one.at)
      known.again = max(known.again, one.at)
      found[one.title] = known
    }
    let read = Set(all.map(\.at.entry))
    for (title, var known) in found where !read.contains(title.first) {
      guard let at = closed(title.first) else { continue }
      known.at = min(known.at, at)
      found[title] = known
    }
    return found.values.sorted { ($0.at, $0.again) < ($1.at, $1.again) }
  }
}
