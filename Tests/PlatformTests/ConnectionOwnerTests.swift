import Testing

@testable import Platform

/// Looking at what came without taking it, and asking whose a connection is.
struct ConnectionOwnerTests {
  @Test func `the kernel tells whose the other end of a connection is`() throws {
    let listener = try Socket.listen(on: SocketAddress(.loopbackV4, port: 0), backlog: 1)
    let server = try address(of: listener)
    let client = try Socket.connect(to: server)
    let own = try address(of: client)
    let owners = try ConnectionOwners.open()
    let user = try owners.user(at: own, to: server)
    #expect(user == Account.current().user)
    // Nobody has the other direction of a connection that was not accepted by anyone else.
    let nobody = try owners.user(at: SocketAddress(.loopbackV4, port: 1), to: server)
    #expect(nobody == nil)
    withExtendedLifetime((server, own)) {}
    client.finishWriting()
  }

  @Test func `an answer that is cut or of another kind is a fault, not a user`() {
    for bytes: [UInt8] in [[], [1, 2, 3], [UInt8](repeating: 0, count: 16)] {
      #expect(throws: SystemError.self) { try DiagnosisRequest.user(in: bytes[...]) }
    }
    let whole = [UInt8](repeating: 0, count: 4) + [20, 0] + [UInt8](repeating: 7, count: 118)
    #expect(throws: Never.self) { try DiagnosisRequest.user(in: whole[...]) }
    for count in 0..<84 {
      #expect(throws: SystemError.self) { try DiagnosisRequest.user(in: whole[..<count]) }
    }
  }

  @Test func `what was looked at is read again, and a threshold waits for more`() throws {
    let pair = try Socket.pair()
    #expect(write([1, 2, 3], to: pair.first) == .bytes(3))
    var room = [UInt8](repeating: 0, count: 8)
    for _ in 0..<2 {
      var span = room.mutableSpan
      let seen = pair.second.peek(into: &span)
      #expect(seen == .bytes(3))
    }
    #expect(read(8, from: pair.second) == [1, 2, 3])
    var span = room.mutableSpan
    let nothing = pair.second.peek(into: &span)
    #expect(nothing == .wouldBlock)
    pair.first.finishWriting()
    var last = room.mutableSpan
    let end = pair.second.peek(into: &last)
    #expect(end == .closed)
  }
}
