import Testing

@testable import Platform

/// Looking at what came without taking it, and asking whose a connection is.
struct ConnectionOwnerTests {
  @Test func `the kernel tells whose the other end of a connection is`() throws {
    let listener = try Socket.listen(on: SocketAddress(.loopbackV4, port: 0), backlog: 1)
    let server = try address(of: listener)
    let client = try Socket.connect(to: server)
    let own = try address(of: client)
    var owners = try ConnectionOwners.open()
    let user = try owners.user(at: own, to: server)
    #expect(user == Account.current().user)
    // Nobody has the other direction of a connection that was not accepted by anyone else.
    let nobody = try owners.user(at: SocketAddress(.loopbackV4, port: 1), to: server)
    #expect(nobody == nil)
    // One that sends no more is held still.
    client.finishWriting()
    let quiet = try owners.user(at: own, to: server)
    #expect(quiet == user)
  }

  @Test func `an end that was let go of is nobody's, and a listener is no end`() throws {
    let listener = try Socket.listen(on: SocketAddress(.loopbackV4, port: 0), backlog: 1)
    let server = try address(of: listener)
    var owners = try ConnectionOwners.open()
    let own = try closedEnd(of: server)
    let gone = try owners.user(at: own, to: server)
    #expect(gone == nil)
    // Where there is no connection the kernel tells of whoever listens at its address.
    let listens = try owners.user(at: server, to: SocketAddress(.loopbackV4, port: 1))
    #expect(listens == nil)
    withExtendedLifetime(own) {}
  }

  private func closedEnd(of server: SocketAddress) throws -> SocketAddress {
    let client = try Socket.connect(to: server)
    return try address(of: client)
  }

  @Test func `the kernel tells who listens at an address`() throws {
    var owners = try ConnectionOwners.open()
    for (ip, every) in [(IPAddress.loopbackV4, IPAddress.anyV4), (.loopbackV6, .anyV6)] {
      for place in [ip, every] {
        let listener = try Socket.listen(on: SocketAddress(place, port: 0), backlog: 1)
        let asked = SocketAddress(ip, port: try address(of: listener).port)
        let user = try owners.listener(at: asked)
        #expect(user == Account.current().user, "\(asked) while it listens at \(place)")
      }
    }
    let nobody = try owners.listener(at: SocketAddress(.loopbackV4, port: 1))
    #expect(nobody == nil)
  }

  @Test func `an answer says whether a program has the socket open, and whether it listens`() throws
  {
    func answer(state: UInt8, inode: UInt8) throws -> DiagnosedSocket? {
      var bytes = [UInt8](repeating: 0, count: 88)
      (bytes[4], bytes[8], bytes[17], bytes[80], bytes[84]) = (20, 9, state, 7, inode)
      #expect(DiagnosisRequest.number(of: bytes[...]) == 9)
      return try DiagnosisRequest.socket(in: bytes[...])
    }
    #expect(
      try answer(state: 1, inode: 5) == DiagnosedSocket(user: 7, isHeld: true, isListening: false))
    #expect(
      try answer(state: 1, inode: 0) == DiagnosedSocket(user: 7, isHeld: false, isListening: false))
    #expect(
      try answer(state: 6, inode: 5) == DiagnosedSocket(user: 7, isHeld: false, isListening: false))
    #expect(
      try answer(state: 10, inode: 5) == DiagnosedSocket(user: 7, isHeld: true, isListening: true))
  }

  @Test func `an answer that is cut or of another kind is a fault, not a user`() {
    for bytes: [UInt8] in [[], [1, 2, 3], [UInt8](repeating: 0, count: 16)] {
      #expect(throws: SystemError.self) { try DiagnosisRequest.socket(in: bytes[...]) }
    }
    let whole = [UInt8](repeating: 0, count: 4) + [20, 0] + [UInt8](repeating: 7, count: 118)
    #expect(throws: Never.self) { try DiagnosisRequest.socket(in: whole[...]) }
    for count in 0..<88 {
      #expect(throws: SystemError.self) { try DiagnosisRequest.socket(in: whole[..<count]) }
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
