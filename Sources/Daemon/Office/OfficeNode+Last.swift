import Authority
import Control
import Format
import Replication
import Storage

/// How the newest messages of groups begin, so that no list reads them from the disk again; a class, for the
/// store tells it what is erased.
final class LastTexts {
  /// By group; held until a body of any is to be erased.
  var known: [GroupID: Last] = [:]

  struct Last {
    let place: EntryPlace
    let author: MemberID
    /// Nil where it cannot be read here, which is so until a key comes.
    let text: String?
  }

  /// Lets go of a group: what can be read of it may be more by now.
  func forget(_ group: GroupID) { known[group] = nil }

  func forgetAll() { known = [:] }
}

extension OfficeNode {
  /// Who wrote a message, the newest that is shown of a group, and how it begins; nil where it cannot
  /// be read here. It is read from the disk once, or again where that failed.
  func last(_ id: GroupID, _ newest: MessagePlace) -> LastInfo? {
    let place = EntryPlace(place: newest.place, seq: newest.seq)
    var last = lastTexts.known[id]
    if last?.place != place {
      // Asked before it is read: what is being erased may still be there now, and not a moment later.
      let isKept = !store.isErasing
      last = readLast(id, newest, place)
      lastTexts.known[id] = isKept ? last : nil
    }
    guard let last, let text = last.text else { return nil }
    return LastInfo(member: memberRef(last.author), own: last.author == replica.member, text: text)
  }

  private func readLast(
    _ id: GroupID, _ newest: MessagePlace, _ place: EntryPlace
  ) -> LastTexts.Last? {
    guard let author = replica.rosterNow().device(newest.device)?.member,
      let (batch, entry) = try? store.entry(id, place.place, place.seq),
      let header = try? batch.header(entry)
    else { return nil }
    var text: String?
    if case .content(.text(_, let bytes, _)) = replica.read(id, header, batch.body(entry)) {
      text = beginning(of: String(decoding: bytes, as: UTF8.self), LastInfo.textBytesMax)
    }
    return LastTexts.Last(place: place, author: author, text: text)
  }
}
