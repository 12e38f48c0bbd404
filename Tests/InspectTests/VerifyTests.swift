import Cryptography
import Format
import Foundation
import Platform
import Storage
import TestSupport
import Testing

@testable import Replication
@testable import zuruf_inspect

/// What verify says of whole stores and of spoiled ones.
struct VerifyTests {
  private func place(
    _ office: SampleOffice, _ seq: UInt32
  ) throws -> (record: RecordPlace, batch: Batch, entry: EntrySummary) {
    let record = try #require(
      office.store.index(office.group)?.recordPlace(office.feed, seq))
    let found = try office.store.entry(office.group, office.feed, seq)
    return (record, found.batch, found.entry)
  }

  @Test func `a whole store is called whole with all it holds`() throws {
    let office = try SampleOffice(commits: 5, texts: 3)
    let run = InspectRun("verify", "--home", office.home)
    #expect(run.code == 0)
    #expect(
      run.output
        == "whole: 2 groups, 2 feeds, 18 entries, 7 signatures: every chain, hash, signature, body "
        + "and right holds\n")
    #expect(run.errors == "")
  }

  @Test func `who watches hears how far it is, and the result stands alone in the end`() throws {
    let office = try SampleOffice(commits: 5, texts: 3)
    let run = InspectRun("verify", "--home", office.home, isWatched: true)
    #expect(run.code == 0)
    let said = run.errors.components(separatedBy: "\r").dropFirst()
    #expect(said.count > 1)
    #expect(said.dropLast().allSatisfy { $0.hasSuffix(" entries") || $0.hasSuffix(" entry") })
    #expect(said.last == "\u{1b}[K")
    #expect(run.output.hasPrefix("whole: "))
  }

  @Test func `a flipped byte of a body is named with its place`() throws {
    let office = try SampleOffice(commits: 4, texts: 2)
    let (record, batch, entry) = try place(office, 5)
    let at = Int(record.offset) + entry.bodyAt + 3
    try SpoiledFile(office.home, office.group, Int(record.segment)).flip(at: at)
    let run = InspectRun("verify", "--home", office.home)
    #expect(run.code == 1)
    let first = try #require(run.lines.first)
    let number = entry.seq - batch.first
    #expect(
      first
        == "wrong: group \(short(office.group)), feed \(short(office.feed)), entry \(batch.first), "
        + "segment \(record.segment), bytes \(record.offset) to \(record.end - 1): the body of "
        + "entry \(number) of a record group is damaged; it held entries \(batch.first) to "
        + "\(batch.last.seq) (S-7)")
    #expect(
      run.output.contains(
        "entries 4 to 5 of this feed can be read nowhere; behind them entries 6 to 9 cannot be used "
          + "(S-15)"))
    #expect(run.lines.last?.hasPrefix("not whole: 2 findings") ?? false)
  }

  @Test func `a log that ends in the middle of a record group is noted with the bytes`() throws {
    let office = try SampleOffice(commits: 2, texts: 2)
    try office.say(["of this", "no head lock tells"])
    let last = try #require(office.store.index(office.group)?[office.feed]?.last)
    let (record, _, _) = try place(office, last)
    try SpoiledFile(office.home, office.group, Int(record.segment)).cut(to: Int(record.end) - 10)
    let run = InspectRun("verify", "--home", office.home)
    #expect(run.code == 0)
    #expect(
      run.lines.first
        == "note: group \(short(office.group)), segment \(record.segment), bytes \(record.offset) "
        + "to \(record.end - 11): nothing vouches for these last bytes: being written, or cut "
        + "short by a crash (S-17)")
  }

  @Test func `a missing segment is named, and what it leaves a gap before`() throws {
    let office = try SampleOffice(commits: 9, texts: 3, size: 60_000, segmentBytesMax: 400_000)
    try SpoiledFile(office.home, office.group, 2).remove()
    let run = InspectRun("verify", "--home", office.home)
    #expect(run.code == 1)
    #expect(
      run.lines.contains(
        "wrong: group \(short(office.group)), segment 2: the segment is missing"))
    #expect(
      run.output.contains(
        "entries 8 to 13 of this feed can be read nowhere; behind them entries 14 to "))
  }

  @Test func `a body that its header does not name is found though all checksums hold`() throws {
    let office = try SampleOffice(commits: 1, texts: 1)
    var builder = try office.builder()
    _ = builder.append(
      .message, body: [UInt8](repeating: 7, count: 168), epoch: EpochID(Bytes16(1, 1)), wall: 5)
    var batch = builder.sign(office.replica.secrets)
    batch.records[batch.entries[0].bodyAt] ^= 1
    try office.append(batch)
    let run = InspectRun("verify", "--home", office.home)
    #expect(run.code == 1)
    #expect(run.lines.count == 2)
    #expect(run.output.contains("entry \(batch.first), "))
    #expect(run.output.contains(": its body is not the one that its header names (E-20)\n"))
  }

  @Test func `a body that is not here is found, for nobody erases one and nobody brings it`() throws
  {
    let office = try SampleOffice(commits: 1, texts: 1)
    let (_, _, entry) = try place(office, 2)
    #expect(entry.bodySize > 0)
    try office.store.writer.erase(
      try office.store.prepareErase(office.group, office.feed, entry.seq))
    let run = InspectRun("verify", "--home", office.home)
    #expect(run.code == 1)
    #expect(run.lines.count == 2)
    #expect(run.output.contains("entry \(entry.seq), "))
    #expect(
      run.output.contains(
        ": its body is not here, and no computer of this version erases one (R-16)\n"))
  }

  @Test func `a foreign signature is found`() throws {
    let office = try SampleOffice(commits: 1, texts: 1)
    var builder = try office.builder()
    _ = builder.append(
      .message, body: [UInt8](repeating: 7, count: 168), epoch: EpochID(Bytes16(1, 1)), wall: 5)
    let batch = builder.sign(DeviceSecrets())
    try office.append(batch)
    let run = InspectRun("verify", "--home", office.home)
    #expect(run.code == 1)
    #expect(
      run.output.contains(
        ": its signature is not that of device \(short(office.replica.secrets.device)) (F-2)\n"))
  }

  @Test func `a header whose hash the next entry does not name is found`() throws {
    let office = try SampleOffice(commits: 1, texts: 1)
    var builder = try office.builder()
    for _ in 0..<2 {
      _ = builder.append(
        .message, body: [UInt8](repeating: 7, count: 168), epoch: EpochID(Bytes16(1, 1)), wall: 5)
    }
    var batch = builder.sign(office.replica.secrets)
    // The claimed time, which no other rule looks at.
    batch.records[Int(batch.entries[0].headerAt) + HeaderLayout.wall + 7] ^= 1
    try office.append(batch)
    let run = InspectRun("verify", "--home", office.home)
    #expect(run.code == 1)
    #expect(run.output.contains("and the entry after it says \(short(batch.entries[0].id)) (F-1)"))
  }

  @Test func `a feed of a device that nobody certified may not stand there`() throws {
    let office = try SampleOffice(commits: 1, texts: 1)
    let stranger = DeviceSecrets()
    let head = try #require(
      office.store.index(office.office)?[
        FeedPlace(feed: FeedID(office.office.bytes.prefix))])
    let facts = GenesisFacts(
      device: stranger.device, certificate: EntryID(office.office.bytes), nonce: Bytes16(3, 4),
      group: nil)
    var builder = CommitBuilder(
      group: office.office, feed: FeedID(Bytes16()), prev: EntryID(Bytes32()), nextSeq: 0,
      lamport: 0)
    _ = builder.append(
      .genesis, body: [],
      deps: [
        Reference(
          feed: FeedID(office.office.bytes.prefix), seq: head.last ?? 0,
          prefix: head.headID.prefix)
      ], depLamport: head.last.flatMap { head.lamport($0) } ?? 0, ext: facts.extensions, wall: 5)
    try office.append(builder.sign(stranger))
    let run = InspectRun("verify", "--home", office.home)
    #expect(run.code == 1)
    #expect(run.output.contains("entry 0, "))
    #expect(run.output.contains(": it may not stand here: "))
    #expect(run.output.contains("(F-6)\n"))
    let why = InspectRun("why", "\(short(FeedID(builder.prev.prefix))):0", "--home", office.home)
    #expect(why.code == 0)
    #expect(why.output.contains("has no effect: it may not stand there: "))
  }

  @Test func `a node that holds its lock and its open files is no hindrance, nor is verify one`()
    throws
  {
    let office = try SampleOffice(commits: 3, texts: 2)
    let disk = try LinuxDisk.creating(root: office.home)
    let before = try disk.list(.root).map(\.name.text)
    let first = InspectRun("verify", "--home", office.home)
    #expect(first.code == 0)
    #expect(try disk.list(.root).map(\.name.text) == before)
    // Were a lock left behind or a file made, this would be refused or seen.
    let lock = try DirectoryLock.take("lock", in: disk)
    let second = InspectRun("verify", "--home", office.home)
    #expect(second.output == first.output)
    _ = consume lock
    try office.say(["one more"])
    #expect(InspectRun("verify", "--home", office.home).output.contains("10 entries"))
  }

  @Test func `without the office file the logs say which is the office`() throws {
    let office = try SampleOffice(commits: 1, texts: 1)
    try FileManager.default.removeItem(atPath: office.home + "/office")
    let run = InspectRun("verify", "--home", office.home)
    #expect(run.code == 0)
    // Whose directory it is nobody says, and so neither which head lock is its.
    #expect(run.lines.first?.hasPrefix("note: no head lock of this device was found") ?? false)
    #expect(run.lines.last?.hasPrefix("whole: 2 groups") ?? false)
  }

  @Test func `each finding and the sum are lines of JSON where that is asked for`() throws {
    let office = try SampleOffice(commits: 2, texts: 1)
    try SpoiledFile(office.home, office.group, 1).flip(at: 310)
    let run = InspectRun("verify", "--json", "--home", office.home)
    #expect(run.code == 1)
    for line in run.lines {
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      #expect(object["type"] != nil)
    }
    #expect(run.lines.last?.contains("\"whole\":false") ?? false)
  }

  @Test func `one damage is one finding however many entries lie behind it`() throws {
    let office = try SampleOffice(commits: 300, texts: 1)
    let (record, _, entry) = try place(office, 5)
    try SpoiledFile(office.home, office.group, Int(record.segment)).flip(
      at: Int(record.offset) + entry.bodyAt + 3)
    let run = InspectRun("verify", "--home", office.home)
    #expect(run.code == 1)
    #expect(run.lines.count == 3)
    #expect(
      run.output.contains(
        "entry 5 of this feed can be read nowhere; behind them entries 6 to 301 cannot be used"))
  }
}
