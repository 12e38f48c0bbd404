import Control
import Format
import Testing

@testable import Daemon

@Suite struct MessageStreamTests {
  private let first = GroupID(Bytes32([UInt8](repeating: 1, count: 32)) ?? Bytes32())
  private let second = GroupID(Bytes32([UInt8](repeating: 2, count: 32)) ?? Bytes32())

  @Test func `messages stand in the order in which they came, over all groups`() throws {
    var stream = MessageStream(start: [UInt8](repeating: 9, count: 8))
    stream.extend(first, to: 2)
    stream.extend(second, to: 1)
    stream.extend(first, to: 3)
    stream.extend(first, to: 3)
    #expect(stream.count == 4)
    #expect((0..<4).map { stream[$0].group } == [first, first, second, first])
    #expect((0..<4).map { stream[$0].index } == [0, 1, 0, 2])
  }

  @Test func `a cursor leads back to its place, one of another start to none`() throws {
    var stream = MessageStream(start: [UInt8](repeating: 9, count: 8))
    stream.extend(first, to: 5)
    #expect(stream.position(stream.cursor(at: 3)) == 3)
    let other = MessageStream(start: [UInt8](repeating: 8, count: 8))
    #expect(stream.position(other.cursor(at: 0)) == nil)
    #expect(stream.position(stream.cursor(at: 6)) == nil)
  }
}
