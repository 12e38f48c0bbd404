import Authority
import Control
import Format
import Platform
import Replication
import Storage

/// What `status` tells for a while of who owns the office and of this member's own rank.
extension OfficeNode {
  /// Room for a line of all owners and their signatures, and the time before it.
  private static let ownersLineBytesMax = 1 << 16

  func rankNews() -> [DegradedInfo] {
    let seen = (try? home.text(Home.newsSeen, limit: Self.newsSeenBytesMax)) ?? []
    let told = ranksToTell().filter { !Self.entries(seen).contains($0.entry) }.map(\.info)
    return [pendingOwners()].compactMap { $0 } + told
  }

  /// A person was shown what became of the ranks: that is over then.
  func seeRankNews() {
    let entries = ranksToTell().map(\.entry)
    let bytes = entries.flatMap(\.bytes.array)
    guard !bytes.isEmpty, bytes != (try? home.text(Home.newsSeen, limit: Self.newsSeenBytesMax))
    else { return }
    do {
      try home.writeText(Home.newsSeen, bytes)
    } catch {
      log(.warning, "that a change of rank was shown is not remembered: \(error)")
    }
  }

  /// What is told once, and the entry that says so.
  private struct RankNews {
    let entry: EntryID
    let info: DegradedInfo
  }

  /// The last change of owners and the last one of the own rank.
  private static let newsSeenBytesMax = 2 * 32

  private static func entries(_ bytes: [UInt8]) -> [EntryID] {
    stride(from: 0, to: bytes.count - bytes.count % 32, by: 32).compactMap { at in
      Bytes32(Array(bytes[at..<at + 32])).map { EntryID($0) }
    }
  }

  private func ranksToTell() -> [RankNews] { [newOwners(), newRank()].compactMap { $0 } }

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
  func pendingChange() -> (change: OwnerChange, began: UInt64)? {
    guard let bytes = try? home.text(Home.ownersLine, limit: Self.ownersLineBytesMax) else {
      return nil
    }
    let words = String(decoding: bytes, as: UTF8.self).split { $0 == " " || $0 == "\n" }
    guard words.count == 2, let began = UInt64(words[0]), isOfLateDays(began),
      let list = try? proposal(String(words[1]))
    else { return nil }
    return (change(list), began)
  }

  private func pendingOwners() -> DegradedInfo? {
    guard let (change, began) = pendingChange() else { return nil }
    let names = change.owners.map(\.name).joined(separator: ", ")
    return DegradedInfo(
      word: .ownersPending,
      detail:
        "\(change.signed) of the \(change.needed) owners it takes have agreed to these owners: "
        + names,
      hint: "zuruf office shows how it goes on, and how it ends",
      since: ClaimedTime(ms: Int64(clamping: began)),
      values: [
        "names": names, "signed": String(change.signed), "needed": String(change.needed),
      ])
  }

  /// Another one changed who owns the office, which this member does or did.
  private func newOwners() -> RankNews? {
    let roster = replica.rosterNow()
    guard let entry = roster.lastOwnersReference, let origin = replica.origin(of: entry),
      origin.author != replica.member, isNewsHere(origin.effectiveMilliseconds)
    else { return nil }
    let (isOwner, wasOwner) = (
      roster.owners.contains(replica.member), roster.ownersBefore.contains(replica.member)
    )
    // Whom it left as they were is told by the list of members; of the key no list tells.
    let isRecovery = isByRecovery(entry.id)
    guard isOwner != wasOwner || isOwner && isRecovery else { return nil }
    let key = isRecovery ? "\(memberName(origin.author)) used the recovery key: " : ""
    let names = roster.owners.map { memberName($0) }.sorted().joined(separator: ", ")
    return RankNews(
      entry: entry.id,
      info: DegradedInfo(
        word: .rankChanged,
        detail: key
          + (isOwner == wasOwner
            ? "its owners are \(names)"
            : isOwner
              ? "you own the office now: \(names)"
              : "you own the office no more; its owners are \(names)"),
        hint: isRecovery
          ? "ask the others in person: if nobody was to use it, it is in wrong hands, and whoever "
            + "has it can name the owners at any time"
          : isOwner ? "zuruf member rank --help says what owners do" : nil,
        since: ClaimedTime(ms: Int64(clamping: origin.effectiveMilliseconds)),
        form: isOwner ? .owner : .ownerNoMore,
        values: ["by": memberName(origin.author), "names": names]))
  }

  private func isByRecovery(_ entry: EntryID) -> Bool {
    guard let at = replica.find(entry, in: office),
      let (batch, summary) = try? store.entry(office, at.place, at.seq),
      let body = batch.body(summary),
      case .owners(let list)? = try? Format.Operation(decoding: body)
    else { return false }
    return list.isByRecovery
  }

  /// Whether a change of ranks is told: for a day, and not on a computer that came in after it.
  private func isNewsHere(_ milliseconds: UInt64) -> Bool {
    guard let at = replica.find(replica.certificate, in: office),
      let joined = replica.readingPlace(at, in: office)?.effective
    else { return isOfLastDay(milliseconds) }
    return milliseconds >= joined && isOfLastDay(milliseconds)
  }

  /// Somebody set this member's rank.
  private func newRank() -> RankNews? {
    let roster = replica.rosterNow()
    guard let rank = roster.rank(of: replica.member), rank == .admin || rank == .member,
      let ranking = roster.ranking(of: replica.member), let newest = replica.origin(of: ranking),
      newest.author != replica.member, isNewsHere(newest.effectiveMilliseconds)
    else { return nil }
    return RankNews(
      entry: ranking.id,
      info: DegradedInfo(
        word: .rankChanged,
        detail: "\(memberName(newest.author)) made you \(rank == .admin ? "an admin" : "a member")",
        hint: rank == .admin
          ? "you can let people in now: zuruf admit" : "zuruf member shows who lets people in",
        since: ClaimedTime(ms: Int64(clamping: newest.effectiveMilliseconds)),
        form: rank == .admin ? .admin : .member, values: ["by": memberName(newest.author)]))
  }
}
