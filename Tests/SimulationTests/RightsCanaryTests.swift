import Control
import Daemon
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
          .digests([.init(group: id(pair.group), digest: digest)]), on: 1,
          to: end(device, nil, run))
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

  /// Where a link leads that is a device's, or of somebody who names a certificate.
  private func end(_ device: Long?, _ certificate: Long?, _ run: OfficeRun) -> OverheardEnd {
    let named = certificate.flatMap { Bytes32($0.bytes) }
    let noise = certificate.flatMap(run.world.audit.book.noise).flatMap { Bytes32($0.bytes) }
    return OverheardEnd(
      address: run.world.segments.address(of: 1, from: 0).map { SocketAddress($0, port: 1) },
      device: device.map(key), certificate: EntryID(named ?? Bytes32()),
      noise: NoiseIdentity(noise ?? Bytes32()))
  }

  /// The batch of an entry, as it would be sent but for its entries and its signature.
  private func batch(_ entry: PlainEntry) -> Message? {
    var content = [UInt8](repeating: 0, count: 16) + entry.group.bytes + entry.feed.bytes
    content += [UInt8](entry.seq, bytes: 4) + [UInt8](1, bytes: 2)
    content += [UInt8](repeating: 0, count: 12 + 64)
    return (try? EntriesMessage(decoding: content)).map { .entries($0) }
  }

  @Test func `the office log for whoever is not known to be in it`() throws {
    var told: [String] = []
    _ = said.office { run in
      guard let pair = pair(run), let office = run.world.audit.book.office,
        let own = run.world.audit.book.entries[office]?.entry, let whole = batch(own)
      else { return }
      let overhearing = Overhearing(run.people[0].host)
      func say(_ message: Message, _ end: OverheardEnd) -> [String] {
        let before = run.world.faults.count
        overhearing.checkRight(message, on: 1, to: end)
        return Array(run.world.faults[before...])
      }
      let head = FrontierItem(
        feed: FeedID(Bytes16(own.feed.high, own.feed.low)), branch: BranchID(Bytes16()), seq: 0,
        prefix: Bytes16(own.id.first.high, own.id.first.low))
      let digest = FrontierDigest(Bytes32([UInt8](repeating: 1, count: 32)) ?? Bytes32())
      let all: [Message] = [
        .digests([.init(group: id(office), digest: digest)]), .frontier(id(office), [head]),
        .have(id(office), [head]), whole,
      ]
      let certificate = run.certificate(at: run.people[1].host)
      for message in all {
        #expect(say(message, end(pair.devices[1], nil, run)) == [])
        #expect(say(message, end(nil, certificate, run)).count == 1)
        told += say(message, end(nil, nil, run))
      }
      let asking = FrontierDigest(Bytes32())
      #expect(say(.digests([.init(group: id(office), digest: asking)]), end(nil, nil, run)) == [])
      #expect(say(.frontier(id(office), []), end(nil, nil, run)) == [])
    }
    try #require(told.count == 4)
    #expect(told.allSatisfy { $0.contains("the office to nobody known, which has no right to it") })
  }

  @Test func `what a removed device is shown, and what not`() {
    _ = said.office { run in
      let certificate = run.certificate(at: run.people[1].host)
      let call = MemberRemoveCall(member: "@P1", look: nil)
      _ = run.answer(of: run.people[0], to: .memberRemove(call), "remove")
      let rank = MemberRankCall(member: "@P2", rank: .admin)
      _ = run.answer(of: run.people[0], to: .memberRank(rank), "make an admin")
      run.world.run(for: .seconds(5))
      let book = run.world.audit.book
      guard let removal = book.removals.first, let raise = book.raises.last,
        let office = book.office
      else {
        Issue.record("nobody was removed")
        return
      }
      func say(_ entry: Long, naming certificate: Long?) -> Int {
        guard let known = book.entries[entry]?.entry, let batch = batch(known) else { return -1 }
        let before = run.world.faults.count
        Overhearing(run.people[0].host).checkRight(batch, on: 1, to: end(nil, certificate, run))
        return run.world.faults.count - before
      }
      for entry in [office, removal.entry] {
        #expect(say(entry, naming: certificate) == 0)
        // Who is in it is not shown what is shown to who was removed.
        #expect(say(entry, naming: run.certificate(at: run.people[2].host)) == 1)
      }
      #expect(book.isAware(raise.entry, of: removal.entry))
      #expect(say(raise.entry, naming: certificate) == 1)
    }
  }

  @Test func `a link that goes on to a device that was removed for good`() throws {
    let run = said.office { run in
      guard let pair = pair(run), let office = run.world.audit.book.office else { return }
      let host = run.people[0].host
      let overhearing = Overhearing(host)
      let digest = FrontierDigest(Bytes32([UInt8](repeating: 1, count: 32)) ?? Bytes32())
      func say() {
        overhearing.checkRight(
          .digests([.init(group: id(office), digest: digest)]), on: 1,
          to: end(pair.devices[1], nil, run))
      }
      say()
      let call = MemberRemoveCall(member: "@P1", look: nil)
      _ = run.answer(of: run.people[0], to: .memberRemove(call), "remove")
      say()
      run.world.run(for: .seconds(50))
      say()
      #expect(run.world.faults == [])
      run.world.run(for: .seconds(20))
      say()
    }
    #expect(try #require(run.world.faults.first).hasSuffix("which was removed for good"))
  }

  @Test func `what is spoken of at a door`() throws {
    let run = said.office { run in
      let door = OverheardEnd(address: nil, device: nil, certificate: nil, noise: nil)
      let overhearing = Overhearing(run.people[0].host)
      overhearing.hear(.ping(1), on: 1, to: door)
      #expect(run.world.faults == [])
      overhearing.hear(.digests([]), on: 1, to: door)
    }
    #expect(try #require(run.world.faults.first).hasSuffix("speaks of logs at a door"))
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
