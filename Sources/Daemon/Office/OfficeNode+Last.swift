import Authority
import Control
import Format
import Replication
import Storage

/// How the newest messages of groups begin, so that no list reads them from the disk again.
struct LastTexts {
  private var known: [GroupID: Last] = [:]
  /// How often bodies were erased when these were read: nothing is kept of one that is.
  private var erasures = 0

  fileprivate struct Last {
    let place: EntryPlace
    let author: MemberID
    let text: String
  }

  /// What is kept of a group; setting nil lets go of it.
  fileprivate subscript(group: GroupID, erasures erasures: Int) -> Last? {
    mutating get {
      if erasures != self.erasures { (known, self.erasures) = ([:], erasures) }
      return known[group]
    }
    set { known[group] = newValue }
  }

  /// Lets go of a group: which of its messages can be shown, or read, may be others by now.
  mutating func forget(_ group: GroupID) { known[group] = nil }
}

extension OfficeNode {
  /// Who wrote the newest message of a group and how it begins; nil where it cannot be read here, or
  /// is shown to nobody. It is read from the disk once.
  func last(_ id: GroupID, _ newest: MessagePlace) -> LastInfo? {
    let place = EntryPlace(place: newest.place, seq: newest.seq)
    var last = lastTexts[id, erasures: store.erasures]
    if last?.place != place {
      last = readLast(id, newest, place)
      lastTexts[id, erasures: store.erasures] = last
    }
    return last.map {
      LastInfo(member: memberRef($0.author), own: $0.author == replica.member, text: $0.text)
    }
  }

  private func readLast(
    _ id: GroupID, _ newest: MessagePlace, _ place: EntryPlace
  ) -> LastTexts.Last? {
    guard let (batch, entry) = try? store.entry(id, place.place, place.seq),
      let author = replica.rosterNow().device(newest.device)?.member,
      !replica.isVoid(entry.id, place, in: id) || author == replica.member,
      let header = try? batch.header(entry),
      case .content(.text(_, let bytes, _)) = replica.read(id, header, batch.body(entry))
    else { return nil }
    let text = beginning(of: String(decoding: bytes, as: UTF8.self), LastInfo.textBytesMax)
    return LastTexts.Last(place: place, author: author, text: text)
  }
}
