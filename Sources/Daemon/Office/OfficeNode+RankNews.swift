import Authority
import Control
import Format
import Platform
import Replication

/// What `status` tells for a while of who owns the office and of this member's own rank.
extension OfficeNode {
  /// Room for a line of all owners and their signatures, and the time before it.
  private static let ownersLineBytesMax = 1 << 16

  func rankNews() -> [DegradedInfo] { [pendingOwners(), newOwners(), newRank()].compactMap { $0 } }

  /// Keeps the line of a change that waits for other owners: the person who began it is shown it
  /// until they have agreed.
  func remember(_ change: OwnerChange) {
    guard let line = change.line else { return }
    do {
      try home.writeText(Home.ownersLine, Array("\(wall) \(line)\n".utf8))
    } catch {
      log(.warning, "the change of owners that waits is not remembered: \(error)")
    }
  }

  /// The change that waits; nothing once the owners have changed, for then its line counts no more.
  private func pendingOwners() -> DegradedInfo? {
    guard let bytes = try? home.text(Home.ownersLine, limit: Self.ownersLineBytesMax) else {
      return nil
    }
    let words = String(decoding: bytes, as: UTF8.self).split { $0 == " " || $0 == "\n" }
    guard words.count == 2, let began = UInt64(words[0]), isOfLateDays(began),
      let list = try? proposal(String(words[1]))
    else { return nil }
    let change = change(list)
    let names = change.owners.map(\.name).joined(separator: ", ")
    return DegradedInfo(
      word: .ownersPending,
      detail:
        "\(change.signed) of the \(change.needed) owners it takes have agreed to these owners: "
        + names,
      hint: "another owner types: zuruf office agree \(words[1])",
      since: ClaimedTime(ms: Int64(clamping: began)))
  }

  /// Another one changed who owns the office, which this member does or did.
  private func newOwners() -> DegradedInfo? {
    let roster = replica.rosterNow()
    guard let entry = roster.lastOwnersReference, let origin = replica.origin(of: entry),
      origin.author != replica.member, isNewsHere(origin.effectiveMilliseconds)
    else { return nil }
    let (isOwner, wasOwner) = (
      roster.owners.contains(replica.member), roster.ownersBefore.contains(replica.member)
    )
    // Whom it left as they were is told by the list of members.
    guard isOwner != wasOwner else { return nil }
    let names = roster.owners.map { memberName($0) }.sorted().joined(separator: ", ")
    return DegradedInfo(
      word: .rankChanged,
      detail: isOwner
        ? "you own the office now: \(names)"
        : "you own the office no more; its owners are \(names)",
      hint: isOwner ? "zuruf member rank --help says what owners do" : nil,
      since: ClaimedTime(ms: Int64(clamping: origin.effectiveMilliseconds)))
  }

  /// Whether a change of ranks is told: for a day, and not on a computer that came in after it.
  private func isNewsHere(_ milliseconds: UInt64) -> Bool {
    guard let at = replica.find(replica.certificate, in: office),
      let joined = replica.readingPlace(at, in: office)?.effective
    else { return isOfLastDay(milliseconds) }
    return milliseconds >= joined && isOfLastDay(milliseconds)
  }

  /// Somebody set this member's rank.
  private func newRank() -> DegradedInfo? {
    let roster = replica.rosterNow()
    guard let rank = roster.rank(of: replica.member), rank == .admin || rank == .member,
      let newest = roster.ranking(of: replica.member).flatMap({ replica.origin(of: $0) }),
      newest.author != replica.member, isNewsHere(newest.effectiveMilliseconds)
    else { return nil }
    return DegradedInfo(
      word: .rankChanged,
      detail: "\(memberName(newest.author)) made you \(rank == .admin ? "an admin" : "a member")",
      hint: rank == .admin
        ? "you can let people in now: zuruf ticket new" : "zuruf member shows who lets people in",
      since: ClaimedTime(ms: Int64(clamping: newest.effectiveMilliseconds)))
  }
}
