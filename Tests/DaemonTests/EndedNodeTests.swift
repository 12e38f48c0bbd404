import Control
import Format
import TestSupport
import Testing

@testable import Daemon

/// What is left of a node that has ended: in one process many may follow each other.
struct EndedNodeTests {
  /// Whether anything is left of a node, or of its office, after it has ended with what was begun.
  private func isLeft(_ begin: (MemoryTurnedNode, NodeLoop) throws -> Void) throws -> Bool {
    weak var loop: NodeLoop?
    weak var office: OfficeNode?
    func run() throws {
      let node = MemoryTurnedNode()
      let begun = try node.start()
      (loop, office) = (begun, begun.office)
      try begin(node, begun)
      office = begun.office
      begun.stop()
    }
    try run()
    return loop != nil || office != nil
  }

  @Test func `it is gone though a program waits to be let in`() throws {
    let bytes = try #require(Bytes32([UInt8](repeating: 7, count: 32)))
    let ticket = TicketLine(
      office: GroupID(bytes), sharedKey: bytes, seed: bytes, member: MemberID(Bytes16()),
      addresses: [])
    let call = JoinCall(
      ticket: ticket.encode(lineChecksum), name: "Ben", account: nil, device: "pc-ben")
    let isLeft = try isLeft { _, loop in
      let line = RequestLine(id: .number(1), request: .join(call))
      loop.answer(ControlServer.Request(connection: 0, number: 0, line: line))
      #expect(loop.joining?.answer != nil)
    }
    #expect(!isLeft)
  }

  @Test func `it is gone though a message waits for the disk`() throws {
    let isLeft = try isLeft { node, loop in
      try node.found(loop)
      loop.send(SendCall(to: "everyone", text: "Hallo", id: nil)) { _ in }
      #expect(loop.office?.waiting.isEmpty == false)
    }
    #expect(!isLeft)
  }

  @Test func `it is gone though an office is being founded`() throws {
    let isLeft = try isLeft { node, loop in
      loop.officeNew(OfficeNewCall(office: "Werk", name: "Anna", device: "a")) { _ in }
      #expect(loop.office?.waiting.isEmpty == false)
    }
    #expect(!isLeft)
  }
}
