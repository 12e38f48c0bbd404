import Format
import Platform
import Testing

@testable import Storage

/// What people read of faults.
struct FaultTextTests {
  private static let group = GroupID(Bytes32([UInt8](repeating: 0xab, count: 32)) ?? Bytes32())
  private static let disk = DiskError(.write, "logs/x", SystemError.inputOutput)
  private static let said = "cannot write \"logs/x\": \(SystemError.inputOutput)"

  private func text(_ kind: Damage.Kind, _ lost: LostEntries?) -> String {
    Damage(group: Self.group, segment: 3, offset: 10, length: 5, kind: kind, lost: lost).description
  }

  @Test func `a damage says where it is, what it is and what it costs`() {
    let place = "group \(Self.group), segment 3, bytes 10 to 15: "
    let feed = FeedID(Bytes16(1, 2))
    let lost = LostEntries(place: FeedPlace(feed: feed), first: 4, last: 6)
    #expect(
      text(.group(.badHead), lost)
        == place + "the head of a record group is damaged (feed \(feed), entries 4 to 6)")
    for (kind, words) in [
      (.group(.cutShort), "a record group is cut short"),
      (.group(.badHeader(entry: 2)), "the header of entry 2 of a record group is damaged"),
      (.group(.badBody(entry: 2)), "the body of entry 2 of a record group is damaged"),
      (
        .group(.badContent(entry: 2)),
        "entry 2 of a record group breaks a rule though its checksums hold"
      ),
      (.segment(.badHead(isRead: true)), "the head of the segment is damaged"),
      (
        .segment(.badHead(isRead: false)),
        "the head of the segment is damaged and its entries cannot be read"
      ),
      (.segment(.foreign(Self.group)), "the segment belongs to group \(Self.group)"),
      (.segment(.misnamed(7)), "the segment is number 7 by its head"),
      (.segment(.missing), "the segment is missing"),
      (.segment(.irregular), "the segment is no ordinary file"),
      (.segment(.badLink), "the segment does not follow the one before it"),
      (
        .gap(expected: 3, found: 5),
        "entry 5 of a feed does not continue it: entry 3 is missing"
      ),
      (.unsigned, "a record group bears no signature"),
      (.conflict, "a record group contradicts entries that are held"),
      (.unreadable("cannot read it"), "cannot read it"),
    ] as [(Damage.Kind, String)] {
      #expect(text(kind, nil) == place + words)
    }
  }

  @Test func `a store that does not write says why`() {
    for (state, words) in [
      (.writing, "the disk is written"),
      (.full(.system(Self.disk)), "full disk: \(Self.said)"),
      (
        .full(.floor(free: 5, floor: 9, refused: .own)),
        "full disk: 5 bytes are free, 9 are to stay free"
      ),
      (
        .full(.floor(free: 5, floor: 9, refused: .others)),
        "full disk: 5 bytes are free, 9 are to stay free; what others write is not taken in"
      ),
      (.exhausted(Self.disk), "the system has too little left: \(Self.said)"),
      (.unmeasured(Self.disk), "the disk does not say how much room it has: \(Self.said)"),
      (.readOnly(Self.disk), "read-only disk: \(Self.said)"),
      (.failed(Self.disk), "the disk failed, restart to go on: \(Self.said)"),
    ] as [(StoreState, String)] {
      #expect(state.description == words)
      #expect(StorageError.notWriting(state).description == "nothing can be stored: \(words)")
    }
  }

  @Test func `an error of the store says what it is, and whether something may be on the disk`() {
    let damage = Damage(
      group: Self.group, segment: 1, offset: 0, length: 1, kind: .unsigned, lost: nil)
    let space = DiskError(.measureSpace, "logs", SystemError.inputOutput)
    for (error, words, mayHaveWritten) in [
      (.disk(Self.disk), Self.said, true), (.disk(space), space.description, false),
      (.full(.system(Self.disk)), "full disk: \(Self.said)", false),
      (.stale, "the batch was prepared before the store was resumed", false),
      (
        .tooNew(subject: "logs/x", version: 2),
        "\"logs/x\" has version 2, this program knows 1", false
      ),
      (.unknownEntry, "the store holds no such entry", false),
      (.damaged(damage), damage.description, false),
      (.notErasable, "an entry of this kind is never erased", false),
    ] as [(StorageError, String, Bool)] {
      #expect(error.description == words)
      #expect(error.mayHaveWritten == mayHaveWritten)
    }
    #expect(HomeFault.disk(Self.disk).description == Self.said)
    #expect(
      HomeFault.damaged("keys").description
        == "the file \"keys\" is damaged; put it back from a copy of this computer, never of another"
    )
  }
}
