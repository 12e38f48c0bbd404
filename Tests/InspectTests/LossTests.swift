import Format
import Foundation
import Platform
import Storage
import TestSupport
import Testing

@testable import Replication
@testable import zuruf_inspect

/// What verify says where something is gone that no checksum can miss.
struct LossTests {
  private func verify(_ office: SampleOffice) -> InspectRun {
    InspectRun("verify", "--home", office.home)
  }

  /// Runs verify and demands one finding that says so.
  private func expectWrong(_ office: SampleOffice, _ words: String) {
    let run = verify(office)
    #expect(run.code == 1, "\(words)")
    #expect(
      run.lines.contains { $0.hasPrefix("wrong: ") && $0.contains(words) }, "\(run.output)")
    #expect(run.lines.last?.hasPrefix("not whole: ") ?? false)
  }

  private func log(_ office: SampleOffice, _ group: GroupID) -> String {
    "\(office.home)/logs/\(group)"
  }

  @Test(arguments: [true, false])
  func `a lost office log is wrong, with and without the file that names it`(_ isNamed: Bool) throws
  {
    let office = try SampleOffice(commits: 2, texts: 2)
    try FileManager.default.removeItem(atPath: log(office, office.office))
    if !isNamed { try FileManager.default.removeItem(atPath: office.home + "/office") }
    expectWrong(
      office, isNamed ? "the genesis of the office is not here" : "there is no office log")
  }

  @Test func `logs that are gone altogether are wrong`() throws {
    let office = try SampleOffice(commits: 2, texts: 2)
    for group in [office.office, office.group] {
      try FileManager.default.removeItem(atPath: log(office, group))
    }
    expectWrong(office, "the genesis of the office is not here")
  }

  @Test func `a lost log of a group is wrong by the head lock`() throws {
    let office = try SampleOffice(commits: 2, texts: 2)
    try FileManager.default.removeItem(atPath: log(office, office.group))
    expectWrong(office, "which the head lock knows, can be read nowhere (S-18)")
  }

  @Test func `an emptied segment is wrong by the head lock`() throws {
    let office = try SampleOffice(commits: 2, texts: 2)
    try SpoiledFile(office.home, office.group, 1).cut(to: 0)
    expectWrong(office, "which the head lock knows, can be read nowhere (S-18)")
  }

  @Test func `a symbolic link in the place of a segment is wrong and not followed`() throws {
    let office = try SampleOffice(commits: 2, texts: 2)
    let file = SpoiledFile(office.home, office.group, 1)
    try FileManager.default.moveItem(atPath: file.path, toPath: office.folder.path + "/moved")
    try FileManager.default.createSymbolicLink(
      atPath: file.path, withDestinationPath: office.folder.path + "/moved")
    expectWrong(office, "the segment is no ordinary file (S-2)")
  }

  @Test func `own entries cut off the end are wrong by the head lock`() throws {
    let office = try SampleOffice(commits: 3, texts: 2)
    try cutLast(office)
    expectWrong(office, "entries 6 to 7 of this device's own feed, which the head lock knows")
  }

  /// Writes down that another device was known to hold the feed up to an entry.
  private func noteDelivered(_ office: SampleOffice, upTo seq: UInt32) throws {
    var writer = Writer()
    writer.id(office.group)
    writer.id(DeviceSecrets().device)
    writer.id(office.feed.feed)
    writer.id(office.feed.branch)
    writer.u32(seq)
    try Data(writer.bytes).write(to: URL(fileURLWithPath: office.home + "/delivered"))
  }

  @Test func `own entries cut off the end are wrong by what others were known to hold`() throws {
    let office = try SampleOffice(commits: 3, texts: 2)
    try FileManager.default.removeItem(atPath: office.folder.path + "/state")
    try noteDelivered(office, upTo: 6)
    let before = verify(office)
    #expect(before.code == 0)
    #expect(before.lines.first?.contains("no head lock of this device was found") ?? false)
    try cutLast(office)
    expectWrong(office, "entry 6 of this device's own feed, which others were known to hold")
  }

  @Test(arguments: [0, 300])
  func `a lost log is wrong by what others were known to hold, without the state directory`(
    _ size: Int
  ) throws {
    let office = try SampleOffice(commits: 3, texts: 2)
    try FileManager.default.removeItem(atPath: office.folder.path + "/state")
    try noteDelivered(office, upTo: 2)
    #expect(verify(office).code == 0)
    try SpoiledFile(office.home, office.group, 1).cut(to: size)
    expectWrong(
      office, "entries 0 to 2 of a feed that was stored here, which others were known to hold")
    try FileManager.default.removeItem(atPath: log(office, office.group))
    expectWrong(
      office, "entries 0 to 2 of a feed that was stored here, which others were known to hold")
  }

  @Test func `the state is found for the folder that Tools/start made, and for a node of the user`()
    throws
  {
    let office = try SampleOffice(commits: 2, texts: 2)
    let folder = office.folder.path
    try FileManager.default.createSymbolicLink(
      atPath: folder + "/data", withDestinationPath: office.home)
    let started = InspectRun(
      "verify", "--home", folder, directories: [folder + "/data/logs"])
    #expect(started.code == 0)
    #expect(started.lines.count == 1, "\(started.output)")
    // A data directory that has a folder "data" in it stays what was named.
    let plain = InspectRun(
      "verify", "--home", office.home,
      directories: [office.home + "/logs", office.home + "/data/logs"])
    #expect(plain.lines.count == 1, "\(plain.output)")
    try FileManager.default.createDirectory(
      atPath: folder + "/own", withIntermediateDirectories: false)
    try FileManager.default.moveItem(atPath: folder + "/state", toPath: folder + "/own/zuruf")
    let named = InspectRun(
      "verify", "--home", office.home, environment: ["XDG_STATE_HOME": folder + "/own"])
    #expect(named.lines.count == 1, "\(named.output)")
    try cutLast(office)
    #expect(
      InspectRun("verify", "--home", office.home, environment: ["XDG_STATE_HOME": folder + "/own"])
        .output.contains("which the head lock knows"))
  }

  /// Cuts the last record group of the group's log off, at its first byte.
  private func cutLast(_ office: SampleOffice) throws {
    let index = try #require(office.store.index(office.group))
    let last = try #require(index[office.feed]?.last)
    let record = try #require(index.recordPlace(office.feed, last))
    try SpoiledFile(office.home, office.group, Int(record.segment)).cut(to: Int(record.offset))
  }

  @Test func `a damaged file that names the office is wrong`() throws {
    let office = try SampleOffice(commits: 1, texts: 1)
    let path = office.home + "/office"
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[20] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
    expectWrong(office, "the file \"office\" is damaged")
  }

  @Test func `an empty directory of a group is only noted`() throws {
    let office = try SampleOffice(commits: 1, texts: 1)
    let group = GroupID(Bytes32(InlineArray(repeating: 0x77)))
    try FileManager.default.createDirectory(
      atPath: log(office, group), withIntermediateDirectories: false)
    let run = verify(office)
    #expect(run.code == 0)
    #expect(
      run.lines.first
        == "note: group \(short(group)): nothing of this group is stored: it is being made, or a "
        + "crash came before")
  }

  @Test func `entries that wait for what is not here are counted and not called right`() throws {
    let office = try SampleOffice(commits: 2, texts: 2)
    // A device that the office log, as it lies here, does not certify.
    let stranger = DeviceSecrets()
    let facts = GenesisFacts(
      device: stranger.device, certificate: EntryID(Bytes32(InlineArray(repeating: 9))),
      nonce: Bytes16(3, 4), group: nil)
    var builder = CommitBuilder(
      group: office.group, feed: FeedID(Bytes16()), prev: EntryID(Bytes32()), nextSeq: 0,
      lamport: 0)
    _ = builder.append(
      .genesis, body: [],
      deps: [Reference(feed: FeedID(Bytes16(5, 5)), seq: 3, prefix: Bytes16(6, 6))],
      depLamport: 40, ext: facts.extensions, wall: 5)
    try office.append(builder.sign(stranger))
    let run = verify(office)
    #expect(run.code == 0)
    #expect(run.lines.contains { $0.hasPrefix("note: ") && $0.contains("wait for an entry") })
    #expect(
      run.lines.last?.hasSuffix(
        "every chain, hash, signature and body holds; 1 entry not judged, as others are not here")
        ?? false)
    let json = InspectRun("verify", "--json", "--home", office.home)
    #expect(json.lines.last?.contains("\"unjudged\":1") ?? false)
  }

  @Test(arguments: [
    (0, "nothing that was read says what this record group continues; entries 3 to 5"),
    (2, "entries 0 to 1 of this feed can be read nowhere; behind them entries 3 to 5"),
  ])
  func `what a record group does not continue is told, also where it begins with the first entry`(
    found: UInt32, words: String
  ) {
    let place = FeedPlace(feed: FeedID(Bytes16(1, 1)), branch: BranchID(Bytes16(2, 2)))
    let damage = Damage(
      group: GroupID(Bytes32()), segment: 1, offset: 128, length: 64,
      kind: .gap(expected: 0, found: found), lost: LostEntries(place: place, first: 3, last: 5))
    #expect(Finding(damage).text == words + " cannot be used")
  }
}
