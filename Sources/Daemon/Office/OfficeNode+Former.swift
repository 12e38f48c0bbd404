import Authority
import Control
import Format
import Platform
import Replication

/// Groups that this device's member left or was removed from: what was had stays readable, nothing
/// is written there any more.
extension OfficeNode {
  private static let dayMilliseconds: UInt64 = 24 * 3_600_000

  /// Whether `status` still tells of a removal then, for a week; the list of groups tells of it for
  /// good.
  func isOfLateDays(_ milliseconds: UInt64) -> Bool {
    isLater(milliseconds, than: 7 * Self.dayMilliseconds)
  }

  func isOfLastDay(_ milliseconds: UInt64) -> Bool {
    isLater(milliseconds, than: Self.dayMilliseconds)
  }

  private func isLater(_ milliseconds: UInt64, than ago: UInt64) -> Bool {
    let (end, overflow) = milliseconds.addingReportingOverflow(ago)
    return !overflow && end > wall
  }

  /// Whether a group's messages are shown here: its member is in it, or was.
  func isShownGroup(_ id: GroupID) -> Bool { isOwnGroup(id) || isFormerGroup(id) }

  func isFormerGroup(_ id: GroupID) -> Bool {
    guard replica.kind(of: id) != nil, !isOwnGroup(id) else { return false }
    return replica.holdsKey(of: id) || replica.departure(of: replica.member, from: id) != nil
  }

  /// In the order of their titles; of two people's groups only the one that stands for all.
  func formerGroups() -> [GroupID] {
    replica.groupIDs.filter { id in
      guard isFormerGroup(id) else { return false }
      guard let pair = replica.pair(of: id) else { return true }
      return replica.directGroup(pair) == id
    }.sorted { a, b in (title(a) ?? "", a) < (title(b) ?? "", b) }
  }

  /// How this device's member comes to be in a group no more; nil while it is in it.
  func gone(_ id: GroupID) -> GoneInfo? {
    guard isFormerGroup(id) else { return nil }
    let departure = replica.departure(of: replica.member, from: id)
    if let departure, !departure.isRemoval {
      return GoneInfo(
        word: .notAdded, by: memberRef(departure.author), lost: replica.unheardCount(in: id))
    }
    let author = departure?.author ?? remover
    return GoneInfo(
      word: author == replica.member ? .left : .removed, by: author.map { memberRef($0) },
      lost: lost(in: id))
  }

  /// How many own messages nobody gets, of two people in all their groups.
  private func lost(in id: GroupID) -> Int {
    conversation(of: id).reduce(0) { $0 + replica.voidCount(in: $1, of: replica.member) }
  }

  /// That this computer was removed, whose member is in the group still.
  func goneWithComputer(_ id: GroupID) -> GoneInfo? {
    guard isRemoved, isOwnGroup(id) else { return nil }
    return GoneInfo(
      word: .removed, by: remover.map { memberRef($0) },
      lost: lost(in: id), computer: true)
  }

  /// Who removed this device or its member from the office, where that is proven here.
  var remover: MemberID? {
    let roster = replica.rosterNow()
    return roster.device(replica.secrets.device).flatMap { roster.removals(of: $0).first?.author }
  }

  /// How this device, which is in the office no more, comes to be out of it.
  var exclusion: Shortfall {
    guard let remover else { return .removed(by: nil) }
    let isOut = replica.rosterNow().member(replica.member)?.isRemoved ?? false
    return remover == replica.member && isOut ? .left : .removed(by: memberName(remover))
  }

  /// Who took a member out of the office, which may be that member; nil where nothing here says so.
  func outTaker(_ member: MemberID) -> MemberID? {
    let roster = replica.rosterNow()
    return roster.removals.last { removal in
      guard !removal.isLowering else { return false }
      return switch removal.target {
      case .member(let named): named == member
      case .device(let device): roster.device(device)?.member == member
      }
    }?.author
  }

  /// How a member comes to be out of the office, as it stands behind a name.
  func outWords(_ member: MemberID) -> String {
    outTaker(member) == member ? "left the office" : "was removed from the office"
  }

  /// Why nothing can be written where somebody reads; nil where it can, as far as is known here.
  func endWords(of followed: Followed) -> String? {
    switch followed {
    case .all: return nil
    case .group(let id): return goneWords(id)
    case .pair(let pair):
      let other = pair.a == replica.member ? pair.b : pair.a
      guard replica.rosterNow().member(other)?.isRemoved ?? false else { return nil }
      return "\(memberName(other)) \(outWords(other))"
    }
  }

  /// That somebody is in a group no more, as a sentence (C-14).
  func goneWords(_ id: GroupID) -> String? {
    guard let gone = gone(id) else { return nil }
    let name = title(id) ?? "a group whose name was never readable here"
    switch gone.word {
    case .left: return "you left \(name)"
    case .removed:
      return "you were removed from \(name)" + (gone.by.map { " by \($0.name)" } ?? "")
    case .notAdded:
      return "\(gone.by?.name ?? "whoever added you") was no longer allowed to add you to \(name)"
    }
  }

  /// Removals from groups of the last days, and additions that lost their effect, for `status`: who
  /// leaves knows it.
  func removalsToTell() -> [DegradedInfo] {
    formerGroups().compactMap { id in
      guard let departure = replica.departure(of: replica.member, from: id),
        departure.author != replica.member,
        isOfLateDays(departure.effectiveMilliseconds),
        let words = goneWords(id), let gone = gone(id)
      else { return nil }
      guard departure.isRemoval else { return notAdded(id, gone, words) }
      let lost = gone.lost
      return DegradedInfo(
        word: .removedFromGroup,
        detail: words
          + (lost > 0
            ? "; \(lost) message\(lost == 1 ? "" : "s") of yours came after that, and nobody gets "
              + (lost == 1 ? "it" : "them") : ""),
        hint: "what you had stays readable: zuruf read \(typedName(of: id)); "
          + "\(memberName(departure.author)) can add you again",
        since: ClaimedTime(ms: Int64(clamping: departure.effectiveMilliseconds)),
        values: ["group": title(id) ?? "", "by": memberName(departure.author)])
    }
  }

  /// Nothing says since when: for those who stay this member was never in it.
  private func notAdded(_ id: GroupID, _ gone: GoneInfo, _ words: String) -> DegradedInfo {
    let by = gone.by?.name ?? ""
    return DegradedInfo(
      word: .removedFromGroup,
      detail: words
        + (gone.lost > 0
          ? "; nobody is known to have \(gone.lost) message\(gone.lost == 1 ? "" : "s") of yours"
          : ""),
      hint: "what you had stays readable: zuruf read \(typedName(of: id)); "
        + "whoever leads the group can add you again",
      since: nil, form: .notAdded, values: ["group": title(id) ?? "", "by": by])
  }
}

extension GroupInfo {
  /// How the group would be without some members; `leaver` is the one who asks, if it leaves too.
  func without(_ members: Set<MemberID>, leaver: MemberRef?) -> GroupInfo {
    GroupInfo(
      id: id, title: title, kind: kind, purpose: purpose,
      members: self.members.filter { one in
        !members.contains { $0.bytes.array == one.id.bytes }
      }, readable: readable, messages: messages, latest: latest,
      gone: leaver.map { GoneInfo(word: .left, by: $0, lost: 0) } ?? gone, partner: partner,
      also: also)
  }
}
