import Format
import Replication
import Testing

@testable import Daemon

/// Which of a group's titles counts, and whose it is, where titles were said again (E-23).
@Suite struct SaidTitleTests {
  private static func entry(_ byte: UInt8) -> EntryID {
    EntryID(Bytes32([UInt8](repeating: byte, count: 32)) ?? Bytes32())
  }

  /// Where an entry stands that a device wrote.
  private static func place(_ byte: UInt8, _ lamport: UInt32, by device: UInt8) -> TitlePlace {
    let key = DeviceKey(Bytes32([UInt8](repeating: device, count: 32)) ?? Bytes32())
    return TitlePlace(
      lamport: lamport, entry: entry(byte),
      notice: MessagePlace(
        place: FeedPlace(feed: FeedID(Bytes16())), seq: lamport,
        device: key, effectiveMilliseconds: UInt64(lamport), isLate: false))
  }

  private func said(
    _ byte: UInt8, _ lamport: UInt32, by device: UInt8, _ title: String, again: UInt8? = nil
  ) throws -> NoticeIndex.Title {
    NoticeIndex.Title(
      number: Int(lamport), at: Self.place(byte, lamport, by: device),
      title: GroupTitle(
        title: try Name(title), purpose: "", first: Self.entry(again ?? byte)))
  }

  private func list(
    _ titles: [NoticeIndex.Title], closed: [TitlePlace] = []
  ) -> [String] {
    SaidTitle.list(titles) { id in closed.first { $0.entry == id } }
      .map { "\($0.title.title.text) by \($0.at.notice.device.bytes.array[0])" }
  }

  @Test func `a title that is said again stands where it was said first`() throws {
    let titles = [
      try said(1, 2, by: 1, "Werkstatt"), try said(2, 5, by: 2, "Halle"),
      try said(3, 9, by: 3, "Werkstatt", again: 1), try said(4, 12, by: 1, "Halle", again: 2),
    ]
    #expect(list(titles) == ["Werkstatt by 1", "Halle by 2"])
    // Whatever comes first here.
    #expect(list(titles.reversed()) == ["Werkstatt by 1", "Halle by 2"])
    // One that names nothing is a new one.
    #expect(
      list(titles + [try said(5, 20, by: 3, "Werkstatt")]) == [
        "Werkstatt by 1", "Halle by 2", "Werkstatt by 3",
      ])
  }

  @Test func `who can read repetitions alone sees the title that counts, and whose it is`() throws {
    let again = [
      try said(4, 12, by: 1, "Halle", again: 2), try said(6, 30, by: 3, "Werkstatt", again: 1),
    ]
    let closed = [Self.place(1, 2, by: 1), Self.place(2, 5, by: 2)]
    #expect(list(again, closed: closed) == ["Werkstatt by 1", "Halle by 2"])
    // What is named and is not there, is void, or says something else makes nothing older.
    #expect(list(again) == ["Halle by 1", "Werkstatt by 3"])
  }

  @Test func `who says something else in another's name says it alone`() throws {
    let titles = [
      try said(1, 2, by: 1, "Werkstatt"), try said(2, 5, by: 2, "Halle"),
      try said(3, 9, by: 3, "Lohn", again: 1),
    ]
    #expect(list(titles) == ["Werkstatt by 1", "Halle by 2", "Lohn by 3"])
  }

  @Test func `of two that are said to be what nobody can read the one said last counts`() throws {
    let titles = [
      try said(3, 9, by: 1, "Halle", again: 1), try said(4, 12, by: 2, "Lohn", again: 1),
    ]
    let closed = [Self.place(1, 2, by: 1)]
    for all in [titles, titles.reversed()] {
      #expect(list(all, closed: closed) == ["Halle by 1", "Lohn by 1"])
    }
  }
}
