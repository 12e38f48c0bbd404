import Glibc
import TestSupport
import Testing

@testable import Platform

struct SocketTests {
  /// Connects to a listener and takes the connection.
  func connection(to listener: borrowing Socket) throws -> SocketPair {
    let address = try address(of: listener)
    let client = try Socket.connect(to: address)
    try waitUntilReady(listener, .read)
    switch try listener.accept() {
    case .connection(let server, let peer):
      try waitUntilReady(client, .write)
      let fault = try client.pendingError()
      #expect(fault == nil)
      let own = client.localAddress()
      #expect(peer == own)
      return SocketPair(first: client, second: server)
    case .wouldBlock:
      throw SocketError(.accept, "test", .wouldBlock)
    }
  }

  @Test(arguments: [IPAddress.loopbackV4, .loopbackV6])
  func `bytes go both ways and the end is seen`(ip: IPAddress) throws {
    let listener = try Socket.listen(on: SocketAddress(ip, port: 0), backlog: 8)
    let pair = try connection(to: listener)
    try pair.first.setNoDelay()
    #expect(write([1, 2, 3], to: pair.first) == .bytes(3))
    try waitUntilReady(pair.second, .read)
    #expect(read(16, from: pair.second) == [1, 2, 3])
    #expect(outcomeOfRead(from: pair.second) == .wouldBlock)
    #expect(write([9], to: pair.second) == .bytes(1))
    pair.first.finishWriting()
    try waitUntilReady(pair.second, .read)
    #expect(outcomeOfRead(from: pair.second) == .closed)
    try waitUntilReady(pair.first, .read)
    #expect(read(16, from: pair.first) == [9])
  }

  @Test func `with nobody waiting, accept says so`() throws {
    let listener = try Socket.listen(on: SocketAddress(.loopbackV4, port: 0), backlog: 8)
    guard case .wouldBlock = try listener.accept() else {
      Issue.record("a connection came from nowhere")
      return
    }
  }

  @Test func `a taken port is an error of its own, and the next one is free to try`() throws {
    let listener = try Socket.listen(on: SocketAddress(.loopbackV4, port: 0), backlog: 8)
    let address = try address(of: listener)
    do {
      _ = try Socket.listen(on: address, backlog: 8)
      Issue.record("two sockets listen on \(address)")
    } catch {
      #expect(error.reason == .addressInUse)
      #expect(
        error.description
          == "cannot listen on \"\(address)\": address already in use (EADDRINUSE)")
    }
  }

  @Test func `both families can share a port`() throws {
    let v6 = try Socket.listen(on: SocketAddress(.anyV6, port: 0), backlog: 8)
    let port = try address(of: v6).port
    do {
      let v4 = try Socket.listen(on: SocketAddress(.anyV4, port: port), backlog: 8)
      #expect(try address(of: v4).port == port)
    } catch {
      // Another process may hold the number for IPv4; the IPv6 socket must not be the reason.
      let again = try Socket.listen(on: SocketAddress(.loopbackV6, port: 0), backlog: 8)
      let other = try address(of: again).port
      let v4 = try Socket.listen(on: SocketAddress(.loopbackV4, port: other), backlog: 8)
      #expect(try address(of: v4).port == other)
    }
  }

  @Test func `an address this computer does not have is refused`() throws {
    do {
      _ = try Socket.listen(on: try SocketAddress(parsing: "192.0.2.1", defaultPort: 1), backlog: 1)
      Issue.record("listening on a documentation address")
    } catch let error as SocketError {
      #expect(error.reason == .addressMissing)
    }
  }

  @Test func `a refused connection shows as the pending error`() throws {
    let gone: SocketAddress
    do {
      let listener = try Socket.listen(on: SocketAddress(.loopbackV4, port: 0), backlog: 8)
      gone = try address(of: listener)
    }
    do {
      let client = try Socket.connect(to: gone)
      try waitUntilReady(client, .write)
      let fault = try client.pendingError()
      #expect(fault == .connectionRefused)
    } catch let error as SocketError {
      #expect(error.reason == .refused)
    }
  }

  @Test func `a full peer takes part of a write, then none, and nothing is lost`() throws {
    let pair = try Socket.pair()
    let bytes = (0..<(4 << 20)).map { UInt8(truncatingIfNeeded: $0 >> 7 &+ $0) }
    var sent = 0
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    var blocked = 0
    // Each turn moves something, so the bound is never reached by a working socket.
    for _ in 0..<1_000_000 where received.count < bytes.count {
      while sent < bytes.count {
        guard case .bytes(let count) = pair.first.write(bytes.span.extracting(sent...)) else {
          blocked += 1
          break
        }
        sent += count
      }
      var span = buffer.mutableSpan
      guard case .bytes(let count) = pair.second.read(into: &span) else { break }
      received += buffer[..<count]
    }
    #expect(blocked > 0)
    #expect(received == bytes)
  }

  @Test func `writing to a peer that is gone is a result and not a signal`() throws {
    let socket = try Socket.pair().takeFirst()
    #expect(write([1], to: socket) == .closed)
  }

  @Test func `an empty write moves nothing`() throws {
    let pair = try Socket.pair()
    #expect(write([UInt8](), to: pair.first) == .bytes(0))
  }
}

struct UnixSocketTests {
  let directory = TemporaryDirectory()
  var path: String { directory.path + "/zuruf.sock" }

  @Test func `the kernel says who connected`() throws {
    let listener = try UnixListener.listen(path: path, mode: 0o600, group: getegid(), backlog: 8)
    let client = try Socket.connect(path: path)
    switch try listener.socket.accept() {
    case .connection(let server, let address):
      let peer = try server.peerCredentials()
      #expect(address == nil)
      #expect(peer == PeerCredentials(process: getpid(), user: geteuid(), group: getegid()))
      #expect(write([5], to: client) == .bytes(1))
    case .wouldBlock:
      Issue.record("a local connection is there as soon as connect returns")
    }
  }

  @Test(arguments: [0o600, 0o660] as [UInt32])
  func `the socket has its mode, and is gone with the listener`(mode: UInt32) throws {
    do {
      let listener = try UnixListener.listen(path: path, mode: mode, group: nil, backlog: 8)
      let status = try #require(
        try ReadOnlyDisk(root: directory.path).status(at: .root.appending("zuruf.sock")))
      #expect(status.mode == mode)
      let listenerPath = listener.path
      #expect(listenerPath == path)
    }
    #expect(try ReadOnlyDisk(root: directory.path).list(.root).isEmpty)
  }

  @Test func `a second listener is refused while the first one answers`() throws {
    let listener = try UnixListener.listen(path: path, mode: 0o600, group: nil, backlog: 8)
    do {
      _ = try UnixListener.listen(path: path, mode: 0o600, group: nil, backlog: 8)
      Issue.record("two listeners at one path")
    } catch {
      #expect(error.reason == .addressInUse)
    }
    _ = try Socket.connect(path: listener.path)
  }

  @Test func `a socket whose process is gone is replaced`() throws {
    let dead = try Socket.open(family: AF_UNIX)
    let number = dead.descriptor.number
    let result = try unsafe withLocalForm(path) { unsafe bind(number, $0, $1) }
    #expect(result == 0)
    let listener = try UnixListener.listen(path: path, mode: 0o600, group: nil, backlog: 8)
    _ = try Socket.connect(path: listener.path)
  }

  @Test func `a plain file in the way stays there`() throws {
    let disk = try LinuxDisk(root: directory.path)
    _ = try disk.create(.root.appending("zuruf.sock"))
    do {
      _ = try UnixListener.listen(path: path, mode: 0o600, group: nil, backlog: 8)
      Issue.record("a file was replaced")
    } catch {
      #expect(error.reason == .addressInUse)
    }
    #expect(try disk.list(.root).map(\.kind) == [.file])
  }

  @Test func `no node at the path is an error that says so`() throws {
    do {
      _ = try Socket.connect(path: path)
      Issue.record("connected to nothing")
    } catch {
      #expect(error.reason == .missing)
      #expect(
        error.description == "cannot connect to \"\(path)\": no such file or directory (ENOENT)")
    }
  }

  @Test func `a path longer than the kernel takes is an error`() throws {
    for count in [108, 109, 5_000] {
      do {
        _ = try Socket.connect(path: String(repeating: "x", count: count))
        Issue.record("connected to nothing")
      } catch {
        #expect(error.system == .nameTooLong)
      }
    }
  }
}
