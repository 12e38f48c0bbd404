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
}
