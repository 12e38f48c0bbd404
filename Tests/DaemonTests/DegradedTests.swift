import Control
import Format
import Foundation
import Platform
import Replication
import Storage
import TestSupport
import Testing

@testable import Daemon

/// What `status` says where this node does less than it should.
@Suite(.serialized) struct DegradedTests {
  private let node = TurnedNode()

  @Test func `a computer that began more than the others take is told of, for as long as it lasts`()
    throws
  {
    let loop = try node.start()
    try node.found(loop)
    let office = try #require(loop.office)
    #expect(loop.degraded().isEmpty)
    office.happenings.append(.full(try #require(office.ownGroups().first)))
    loop.takeHappenings()
    let state = try #require(loop.degraded().first)
    #expect(state.word == .limitReached)
    #expect(state.detail.hasPrefix("a computer of the office began anew in everyone more often"))
    office.fullGroups = [GroupID(Bytes32())]
    #expect(loop.degraded().first?.detail.contains("began more groups than one may") ?? false)
  }

  @Test func `what one group asks for is said of that group, and not of the office`() throws {
    let loop = try node.start()
    try node.found(loop)
    let office = try #require(loop.office)
    let group = try #require(office.ownGroups().first)
    var events: [PollEvent] = []
    func write(_ id: GroupID) throws {
      var isWritten = false
      office.write(id, [.control(.unknown(code: 200))]) { _ in isWritten = true }
      while !isWritten { try loop.turn(&events) }
    }
    try write(group)
    let state = try #require(loop.degraded().first)
    #expect(state.word == .newerVersion && state.form == .groups)
    #expect(state.values == ["groups": "everyone"])
    #expect(state.detail.contains("in everyone needs a newer version"))
    try write(office.office)
    #expect(loop.degraded().map(\.form) == [nil, .groups])
    #expect(loop.degraded().first?.detail == "this office needs a newer version of Zuruf")
    loop.stop()
  }

  @Test func `an own message that the disk lost is told as that, and what is left of it is kept`()
    throws
  {
    // Each node is gone, and its lock with it, before the next one starts.
    func write() throws -> GroupID {
      let loop = try node.start()
      defer { loop.stop() }
      try node.found(loop)
      let office = try #require(loop.office)
      let group = try #require(office.ownGroups().first)
      _ = try node.answer(loop) { reply in
        loop.send(SendCall(to: "everyone", text: "the last one", id: nil), reply)
      }.get()
      return group
    }
    let group = try write()
    let log = node.directory.path + "/data/logs/\(group)/00000001.segment"
    var bytes = try Data(contentsOf: URL(fileURLWithPath: log))
    let last = try #require(bytes.lastIndex { $0 != 0 })
    bytes[last] ^= 1
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
    try file.seek(toOffset: UInt64(last))
    try file.write(contentsOf: bytes[last...last])
    try file.close()
    func look() throws -> [DegradedInfo] {
      let again = try node.start()
      defer { again.stop() }
      return again.degraded()
    }
    let states = try look()
    let told = states.filter { $0.word == .dataDamaged }
    #expect(told.contains { $0.detail.contains("cannot be read, and 1 messages or changes") })
    #expect(told.contains { $0.detail.contains("that were written here in everyone are gone") })
    #expect(!states.contains { $0.word == .continuityNotProven })
    #expect(try Data(contentsOf: URL(fileURLWithPath: log))[last] == bytes[last])
    // What cannot be read is still said when the lock names the feed no more.
    #expect(try look().contains { $0.word == .dataDamaged })
  }

  @Test func `only what cannot be read is told as such`() throws {
    let memory = MemoryTurnedNode()
    let loop = try memory.start()
    try memory.found(loop)
    let office = try #require(loop.office)
    let lost = LostEntries(place: FeedPlace(feed: FeedID(Bytes16(1, 2))), first: 0, last: 1)
    func tells(_ kinds: [Damage.Kind]) -> DegradedInfo? {
      office.damages = kinds.map { kind in
        Damage(
          group: office.office, segment: 1, offset: 128, length: 500, kind: kind, lost: lost)
      }
      return loop.degraded().first { $0.word == .dataDamaged }
    }
    // What contradicts what is held is read, and nobody could send it for that place.
    #expect(tells([.conflict, .gap(expected: 0, found: 1)]) == nil)
    #expect(tells([.conflict, .unreadable("")])?.detail.contains("1 place of") ?? false)
    #expect(tells([.conflict, .unreadable("")])?.detail.contains("and 2 messages") ?? false)
    loop.stop()
  }

  @Test func `how much room a full disk has is told in numbers for people`() throws {
    let memory = MemoryTurnedNode()
    let loop = try memory.start()
    try memory.found(loop)
    let used = memory.disk.files.values.reduce(0) { $0 + $1.count }
    memory.disk.limit(room: used + 3_500_000)
    #expect(try memory.send(loop, "one") != nil)
    let states = loop.degraded().map(\.detail)
    #expect(states == ["only 3 MiB are free at memory, and 8 MiB are to stay free"])
    loop.stop()
  }
}
