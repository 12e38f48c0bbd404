import Control
import Format
import Foundation
import Platform
import Replication
import TestSupport
import Testing

@testable import Daemon
@testable import Storage

/// What is stored is read anew without a restart, and as often as it takes.
@Suite struct ReadAnewTests {
  private let node = TurnedNode()

  private func send(_ loop: NodeLoop, _ text: String) throws -> ErrorName? {
    let answer = try node.answer(loop) { reply in
      loop.send(SendCall(to: "everyone", text: text, id: nil), reply)
    }
    guard case .failure(let error) = answer else { return nil }
    return error.name
  }

  /// The head of a segment as a newer version would write it.
  private var newerHead: [UInt8] {
    var bytes = SegmentHead(
      group: GroupID(Bytes32(InlineArray(repeating: 0x77))), number: 1, previousEnd: 0,
      previousChecksum: 0, mark: 9
    ).encode()
    bytes[5] = 2
    let sum = Crc32c.finish(Crc32c.extend(Crc32c.begin, Array(bytes[..<124]).raw))
    for index in 0..<4 { bytes[124 + index] = UInt8(sum >> (24 - 8 * index) & 0xff) }
    return bytes
  }

  @Test func `a reading that failed is owed until it is done, and said as long`() throws {
    let loop = try node.start()
    try node.found(loop)
    let old = try #require(loop.office)
    let folder = node.directory.path + "/data/logs/" + String(repeating: "77", count: 32)
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    #expect(
      FileManager.default.createFile(
        atPath: folder + "/00000001.segment", contents: Data(newerHead),
        attributes: [.posixPermissions: 0o600]))
    old.readFault = "it is owed"
    for _ in 0..<2 {
      loop.resumeStore()
      #expect(loop.office === old)
      #expect(old.readFault?.contains("has version 2") ?? false)
      #expect(try send(loop, "not now") == .readOnly)
      #expect(
        loop.degraded().contains {
          $0.word == .readOnlyDisk && $0.detail.contains("cannot be read")
        })
    }
    try FileManager.default.removeItem(atPath: folder)
    loop.resumeStore()
    #expect(loop.office !== old && loop.office?.readFault == nil)
    #expect(try send(loop, "again") == nil)
    loop.stop()
  }

  /// A program that follows everything, on the node's own socket; what is sent is read by nobody.
  private func subscriber(_ loop: NodeLoop) throws -> ControlConnection {
    var events: [PollEvent] = []
    func first() -> ControlConnection? {
      for token in LoopToken.controlBase...LoopToken.controlBase + 9 {
        if let found = loop.control.connection(token) { return found }
      }
      return nil
    }
    while first() == nil { try loop.turn(&events) }
    let found = try #require(first())
    let office = try #require(loop.office)
    _ = try loop.subscribe(SubscribeCall(group: nil, after: nil), found.id, office)
    try loop.turn(&events)
    return found
  }

  /// What waits for a follower, by text.
  private func texts(_ follower: ControlConnection) -> [String?] {
    var texts: [String?] = []
    while let event = follower.events?.next() {
      if case .message(let message) = event { texts.append(message.text) }
    }
    return texts
  }

  @Test func `who follows is told what came before the logs are read anew`() throws {
    let loop = try node.start()
    try node.found(loop)
    let socket = try Socket.connect(path: loop.socketPath)
    let follower = try subscriber(loop)
    for number in 0..<300 { #expect(try send(loop, "\(number)") == nil) }
    // All of it, and more than one page, was not told yet when a damaged place is to be read anew.
    while follower.events?.next() != nil {}
    let old = try #require(loop.office)
    follower.position = old.stream.count - 300
    old.readFault = "it is owed"
    loop.resumeStore()
    #expect(loop.office !== old)
    #expect(texts(follower) == (0..<300).map { "\($0)" })
    #expect(try send(loop, "and on") == nil)
    #expect(follower.position == loop.office?.stream.count)
    withExtendedLifetime(socket) {}
    loop.stop()
  }

  /// The file of what was seen, as far as there is one.
  private var seen: Data? {
    FileManager.default.contents(atPath: node.directory.path + "/data/seen")
  }

  private func see(_ loop: NodeLoop) throws {
    _ = try #require(loop.office).see(GroupSeenCall(group: "everyone", cursor: nil, from: nil))
  }

  @Test
  func `what people saw is written down once that can be, and known when the logs are read anew`()
    throws
  {
    let loop = try node.start()
    try node.found(loop)
    #expect(try send(loop, "one") == nil)
    try see(loop)
    let path = node.directory.path + "/data/seen"
    // Nothing can be written there, as on a full disk.
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    loop.remember(loop.clock.now())
    #expect(seen == nil)
    let old = try #require(loop.office)
    old.readFault = "it is owed"
    loop.resumeStore()
    #expect(loop.office !== old)
    try FileManager.default.removeItem(atPath: path)
    loop.remember(loop.clock.now())
    let written = try #require(seen)
    #expect(written.count == SeenMarks.lineSize)
    // What was seen after that, too.
    #expect(try send(loop, "two") == nil)
    try see(loop)
    loop.office?.readFault = "it is owed"
    loop.resumeStore()
    loop.remember(loop.clock.now())
    #expect(seen != nil && seen != written)
    loop.stop()
  }

  @Test func `a reading in vain is not tried again at once, and less and less often`() throws {
    let memory = MemoryTurnedNode()
    let loop = try memory.start()
    try memory.found(loop)
    let old = try #require(loop.office)
    memory.disk.failLists(true)
    old.readFault = "it is owed"
    let now = loop.clock.now()
    loop.remember(now)
    #expect(old.readFault?.contains("list") ?? false)
    memory.disk.failLists(false)
    // Not because of whoever links, nor because of the clock.
    loop.remember(now)
    #expect(loop.office === old)
    loop.remember(now + .seconds(Limits.lockSyncSeconds + 1))
    #expect(loop.office !== old && loop.office?.readFault == nil)
    loop.stop()
    var pace = ReadAnewPace()
    var pauses: [Duration] = []
    for hasStored in [false, false, false, true, false] + [Bool](repeating: false, count: 9) {
      pace.note(now, hasStoredOthers: hasStored)
      pauses.append(pace.dueAt - now)
    }
    let first: [Duration] = [10, 20, 40, 10, 20, 40].map { .seconds($0) }
    #expect(Array(pauses.prefix(6)) == first)
    #expect(pauses.last == .seconds(Limits.readAnewSecondsMax))
  }

  @Test func `where a quota is used up nothing is read anew, whoever links`() throws {
    let memory = MemoryTurnedNode()
    let loop = try memory.start()
    try memory.found(loop)
    let old = try #require(loop.office)
    let used = memory.disk.files.values.reduce(0) { $0 + $1.count }
    memory.disk.limit(room: used, isTold: false)
    while old.storeState == .writing {
      _ = try memory.send(loop, String(repeating: "x", count: 10_000))
    }
    guard case .full(.system) = old.storeState else {
      Issue.record("the disk is \(old.storeState)")
      return
    }
    for second in 0..<10 {
      loop.remember(loop.clock.now() + .seconds(1_000 * second))
      #expect(loop.office === old)
    }
    memory.disk.limit(room: .max)
    loop.remember(loop.clock.now() + .seconds(20_000))
    #expect(loop.office !== old)
    #expect(try memory.send(loop, "and on") == nil)
    loop.stop()
  }

  @Test func `a link that comes up brings forward where it was reached, and nothing else`() throws {
    let loop = try node.start()
    try node.found(loop)
    let (now, due) = (loop.clock.now(), loop.rememberAt)
    loop.keepReachedSoon(now)
    loop.keepReachedSoon(now + .milliseconds(100))
    #expect(loop.keepReachedAt == now + .milliseconds(200) && loop.rememberAt == due)
    loop.reachedKeptAt = now + .milliseconds(200)
    loop.keepReachedAt = nil
    loop.keepReachedSoon(now + .milliseconds(300))
    #expect(loop.keepReachedAt == now + .milliseconds(1_200))
    loop.stop()
  }

  @Test func `a stop writes down what is known, and begins nothing`() throws {
    let loop = try node.start()
    try node.found(loop)
    #expect(try send(loop, "one") == nil)
    try see(loop)
    let office = try #require(loop.office)
    office.readFault = "it is owed"
    loop.stop()
    #expect(loop.office === office && seen?.count == SeenMarks.lineSize)
  }

  @Test func `a node that finds itself on another computer ends, to start closed`()
    throws
  {
    let memory = MemoryTurnedNode()
    do {
      let loop = try memory.start()
      try memory.found(loop)
      loop.stop()
    }
    let lock = try #require(try HeadLockFiles.newest(memory.state))
    memory.state.exhaust(.tooManyFiles)
    let loop = try memory.start()
    #expect(loop.office?.continuity == nil && loop.ending == nil)
    memory.state.exhaust(nil)
    var elsewhere = lock
    elsewhere.counter += 1
    elsewhere.surroundings = HeadLock.Surroundings(
      machine: Bytes16(9, 9), boot: lock.surroundings.boot, device: lock.surroundings.device,
      inode: lock.surroundings.inode)
    try HeadLockFiles(state: memory.state, runtime: nil).flush(elsewhere)
    loop.remember(loop.clock.now())
    #expect(loop.ending?.cause == .otherMachine && loop.isStopping)
    loop.stop()
  }
}
