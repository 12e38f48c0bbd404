import Control
import Format
import Platform
import Replication
import TestSupport
import Testing

@testable import Daemon
@testable import Storage

/// Programs that send again what they do not know to be written, on a disk that cannot be read in parts.
@Suite struct UnreadRequestsTests {
  private let node = MemoryTurnedNode()

  private func send(
    _ loop: NodeLoop, _ text: String, id: UInt8
  ) throws -> Result<ControlResult, ControlError> {
    let id = HexIdentifier(bytes: [UInt8](repeating: id, count: 16))
    return try node.answer(loop) {
      loop.send(SendCall(to: "everyone", text: text, id: id), $0)
    }
  }

  private func isRepeated(_ answer: Result<ControlResult, ControlError>) throws -> Bool {
    guard case .send(let sent) = try answer.get() else { return false }
    return sent.repeated
  }

  /// Where the record groups of the own feed lie, the last one last, with the file that they are in.
  private func records(_ loop: NodeLoop) throws -> (path: DiskPath, bytes: [Range<Int>]) {
    let office = try #require(loop.office)
    let head = try #require(office.replica.ownHeads.last { $0.group != office.office })
    let chain = try #require(office.store.index(head.group)?[FeedPlace(feed: head.feed)])
    let bytes = chain.pieces.map { piece in
      Int(piece.place.offset)..<Int(piece.place.offset) + Int(piece.place.length)
    }
    return (StorePaths.segment(head.group, 1), bytes)
  }

  /// Longer than what a disk reads at once, so that each message can be unreadable alone.
  private func text(_ id: UInt8) -> String {
    String(repeating: "\(id)", count: 2 * Limits.readBlockBytes)
  }

  /// A node that was started again behind three messages, with the ids 1, 2 and 3.
  private func startedAgain() throws -> NodeLoop {
    let before = try node.start()
    try node.found(before)
    for id: UInt8 in 1...3 { #expect(try !isRepeated(send(before, text(id), id: id))) }
    before.stop()
    return try node.start()
  }

  private func expectRefusal(_ loop: NodeLoop, id: UInt8) throws {
    guard case .failure(let error) = try send(loop, text(id), id: id) else {
      Issue.record("it was written again")
      return
    }
    #expect(error.name == .readOnly && error.message.contains("cannot be told"))
    #expect(error.hint?.contains("nothing was sent") ?? false)
  }

  @Test func `a place that cannot be read hides no id but those that stand there`() throws {
    let loop = try startedAgain()
    let (path, bytes) = try records(loop)
    node.disk.failReads(of: path, at: try #require(bytes.dropLast(2).last))
    for id: UInt8 in 2...3 { #expect(try isRepeated(send(loop, text(id), id: id))) }
    loop.stop()
  }

  @Test func `what was written in between lets nothing through that cannot be told`() throws {
    let loop = try startedAgain()
    node.disk.exhaust(.tooManyFiles)
    try expectRefusal(loop, id: 3)
    let other = try node.answer(loop) {
      loop.send(SendCall(to: "everyone", text: "without an id", id: nil), $0)
    }
    #expect(throws: Never.self) { try other.get() }
    try expectRefusal(loop, id: 3)
    node.disk.exhaust(nil)
    #expect(try isRepeated(send(loop, text(3), id: 3)))
    loop.stop()
  }

  @Test func `what was written since the start is not what a retry repeats`() throws {
    let loop = try startedAgain()
    let other = try node.answer(loop) {
      loop.send(SendCall(to: "everyone", text: "without an id", id: nil), $0)
    }
    #expect(throws: Never.self) { try other.get() }
    let (path, bytes) = try records(loop)
    node.disk.failReads(of: path, at: try #require(bytes.dropLast().last))
    try expectRefusal(loop, id: 3)
    #expect(try isRepeated(send(loop, text(2), id: 2)))
    loop.stop()
    node.disk.failReads(of: path, at: 0..<0)
    let again = try node.start()
    #expect(try isRepeated(send(again, text(3), id: 3)))
    #expect(try !isRepeated(send(again, "new", id: 4)))
    again.stop()
  }

  @Test func `what can be read again is known again`() throws {
    let loop = try startedAgain()
    node.disk.exhaust(.tooManyFiles)
    for id: UInt8 in [3, 1] { try expectRefusal(loop, id: id) }
    node.disk.exhaust(nil)
    for id: UInt8 in [1, 3] { #expect(try isRepeated(send(loop, text(id), id: id))) }
    #expect(try !isRepeated(send(loop, "new", id: 4)))
    loop.stop()
  }

  @Test func `nothing is written again while what was written last cannot be read`() throws {
    let loop = try startedAgain()
    let (path, bytes) = try records(loop)
    node.disk.failReads(of: path, at: try #require(bytes.last))
    for _ in 0..<2 { try expectRefusal(loop, id: 3) }
    #expect(try isRepeated(send(loop, text(2), id: 2)))
    loop.stop()
    node.disk.failReads(of: path, at: 0..<0)
    let again = try node.start()
    #expect(try isRepeated(send(again, text(3), id: 3)))
    again.stop()
  }
}
