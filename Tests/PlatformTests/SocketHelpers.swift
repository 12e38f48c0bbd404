import Platform
import Testing

// The expectation macros copy what they look at, which a socket does not allow; these functions
// stand between.

/// Waits, for ten seconds at most, until a socket is ready.
func waitUntilReady(_ socket: borrowing Socket, _ interest: Interest) throws {
  var poller = try Poller.open()
  try poller.add(socket.descriptor, token: 1, interest: interest)
  var events: [PollEvent] = []
  try poller.wait(until: LinuxClock().now() + .seconds(10), into: &events)
  try #require(!events.isEmpty, "nothing became ready in ten seconds")
}

func address(of socket: borrowing Socket) throws -> SocketAddress {
  let address = socket.localAddress()
  return try #require(address)
}

func write(_ bytes: [UInt8], to socket: borrowing Socket) -> Transfer { socket.write(bytes.span) }

/// What one read gives, or nil where it gives no bytes.
func read(_ count: Int, from socket: borrowing Socket) -> [UInt8]? {
  var buffer = [UInt8](repeating: 0, count: count)
  var span = buffer.mutableSpan
  guard case .bytes(let count) = socket.read(into: &span) else { return nil }
  return Array(buffer[..<count])
}

func outcomeOfRead(from socket: borrowing Socket) -> Transfer {
  var buffer = [UInt8](repeating: 0, count: 16)
  var span = buffer.mutableSpan
  return socket.read(into: &span)
}
