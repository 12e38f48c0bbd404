import Control
import Format
import Platform
import TestSupport
import Testing

@testable import Simulation

/// Who is told what of a group, and on which feeds a node goes on: each of these checks is shown once what is
/// wrong.
@Suite struct RightsCanaryTests {
  private let said = SaidInOffice()

  /// A group of the first two, what each of the three has in the office, and the name of an entry of it.
  private struct Pair {
    let group: Long
    let entry: Long
    let devices: [Long]
  }

  private func pair(_ run: OfficeRun) -> Pair? {
    let call = GroupNewCall(title: "Zwei", purpose: nil, members: ["@P1"])
    _ = run.answer(of: run.people[0], to: .groupNew(call), "a group")
    run.world.run(for: .seconds(5))
    guard let entry = said.say(in: "Zwei", run),
      let group = run.world.audit.book.entries[entry]?.entry.group
    else {
      Issue.record("nobody says anything")
      return nil
    }
    run.world.run(for: .seconds(5))
    let devices = run.people.compactMap { said.device(of: $0, run) }
    #expect(devices.count == 3)
    return Pair(group: group, entry: entry, devices: devices)
  }

  private func key(_ device: Long) -> DeviceKey {
    DeviceKey(Bytes32(device.bytes) ?? Bytes32())
  }

  private func id(_ group: Long) -> GroupID { GroupID(Bytes32(group.bytes) ?? Bytes32()) }

  @Test func `a group that is told to who is not in it`() throws {
    var told: [String] = []
    _ = said.office { run in
      guard let pair = pair(run) else { return }
      let overhearing = Overhearing(run.people[0].host)
      let digest = FrontierDigest(Bytes32([UInt8](repeating: 1, count: 32)) ?? Bytes32())
      func tell(_ digest: FrontierDigest, to device: Long?) -> [String] {
        let before = run.world.faults.count
        overhearing.checkRight(
          .digests([.init(group: id(pair.group), digest: digest)]), on: 1, of: device.map(key))
        return Array(run.world.faults[before...])
      }
      #expect(tell(digest, to: pair.devices[0]) == [])
      #expect(tell(digest, to: pair.devices[1]) == [])
      #expect(tell(FrontierDigest(Bytes32()), to: pair.devices[2]) == [])
      told = tell(digest, to: nil) + tell(digest, to: pair.devices[2])
    }
    try #require(told.count == 2)
    #expect(told[0].contains("to nobody known, which has no right to it"))
    #expect(told[1].contains("tells the digest of group"))
  }

  @Test func `a log on the disk of who is not in the group`() throws {
    let run = said.office { run in
      guard let pair = pair(run) else { return }
      run.checkRights()
      #expect(run.world.faults == [])
      let other = run.people[2].host
      other.stop()
      let files = run.people[0].host.disk.files.filter { file in
        let name = HexIdentifier(bytes: pair.group.bytes).map { "\($0)" }
        return file.key.names.first == "logs" && file.key.names.dropFirst().first?.text == name
      }
      #expect(!files.isEmpty)
      #expect(throws: Never.self) {
        for path in Set(files.keys.map { DiskPath(names: Array($0.names.dropLast())) }) {
          try other.disk.createDirectory(path)
          try other.disk.flushDirectory(DiskPath(names: Array(path.names.dropLast())))
        }
        for (path, bytes) in files { try other.disk.replace(path, with: bytes.span) }
      }
      run.world.look(at: other)
      #expect(run.world.audit.isHeld(pair.entry, at: 2))
      run.checkRights()
    }
    #expect(try #require(run.world.faults.first).contains("to which it has no right"))
  }

  @Test func `an own feed that another copy wrote on, or is said to have`() throws {
    _ = said.office { run in
      guard let pair = pair(run), let known = run.world.audit.book.entries[pair.entry]?.entry
      else { return }
      let (host, own) = (run.people[0].host, run.world.audit.ownFeeds)
      func write(isOwn: Bool) -> String? {
        let record = SegmentReader.Record(
          isOwn: isOwn, feed: known.feed, first: known.seq, last: known.id, signature: [],
          entries: [])
        return own.fault(of: record, in: pair.group, at: host, isNew: true)
      }
      #expect(write(isOwn: true) == nil)
      func head(_ seq: Int) -> FrontierItem {
        FrontierItem(
          feed: FeedID(Bytes16(known.feed.high, known.feed.low)), branch: BranchID(Bytes16()),
          seq: UInt32(seq), prefix: Bytes16(known.id.first.high, known.id.first.low))
      }
      let listening = Listening(host)
      func hear(_ seq: Int, of device: Long) {
        listening.hear(.have(id(pair.group), [head(seq)]), of: key(device))
      }
      // What is here is no claim, and who may not have it is not believed.
      hear(known.seq, of: pair.devices[1])
      hear(known.seq + 1, of: pair.devices[2])
      #expect(write(isOwn: true) == nil)
      hear(known.seq + 1, of: pair.devices[1])
      #expect(write(isOwn: true)?.hasSuffix("had said to hold more") ?? false)
      own.begin(at: host)
      #expect(write(isOwn: true) == nil)
      #expect(write(isOwn: false) == nil)
      #expect(write(isOwn: true)?.hasSuffix("another copy's entries lie there") ?? false)
      own.begin(at: host)
      #expect(write(isOwn: true) != nil)
      own.readAnew(at: 0)
      #expect(write(isOwn: true) == nil)
    }
  }

  @Test func `a word before anybody has said what they hold`() throws {
    _ = said.office { run in
      guard let pair = pair(run), let known = run.world.audit.book.entries[pair.entry]?.entry
      else { return }
      let (host, own) = (run.people[0].host, run.world.audit.ownFeeds)
      let record = SegmentReader.Record(
        isOwn: true, feed: known.feed, first: known.seq, last: known.id, signature: [], entries: [])
      func write() -> String? { own.fault(of: record, in: pair.group, at: host, isNew: true) }
      host.losePower()
      own.begin(at: host)
      #expect(write()?.hasSuffix("before anybody has said what they hold") ?? false)
      Listening(host).hear(.frontier(id(pair.group), []), of: key(pair.devices[1]))
      #expect(write() == nil)
      host.start()
      host.losePower()
      own.begin(at: host)
      run.world.run(for: .seconds(3))
      #expect(write() == nil)
      host.start()
    }
  }
}
