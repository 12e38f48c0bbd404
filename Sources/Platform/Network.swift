/// The way to other computers: streams of bytes, and places where they are taken.
package protocol Network {
  /// Begins a connection; it stands, or has failed, when the poller calls the stream writable.
  func connect(to address: SocketAddress) throws(SocketError) -> any ByteStream

  /// The interfaces of this computer, sorted by number.
  func interfaces() throws(SocketError) -> [NetworkInterface]

  /// Listens for connections. Port 0 lets the system choose; a taken port is
  /// `SocketError.Reason.addressInUse`.
  func listen(
    on address: SocketAddress, backlog: Int32
  ) throws(SocketError) -> any StreamListener
}

/// One end of a connection; it closes when nobody holds it any more. Nothing here waits.
package protocol ByteStream: AnyObject {
  /// What the poller watches.
  var number: Int32 { get }

  /// Reads what is there into the buffer, which holds room.
  func read(into buffer: inout MutableSpan<UInt8>) -> Transfer

  /// Writes as many of the bytes as can be taken now.
  func write(_ bytes: Span<UInt8>) -> Transfer

  /// Tells the other end that no more will be sent.
  func finishWriting()

  /// The error a connection attempt ended with, or nil where it succeeded; asking clears it.
  func pendingError() throws(SocketError) -> SystemError?

  /// Sends small writes at once instead of waiting for more to fill a packet.
  func setNoDelay() throws(SocketError)
}

/// A place where connections are taken, until nobody holds it any more.
package protocol StreamListener: AnyObject {
  /// What the poller watches.
  var number: Int32 { get }

  /// The port it has.
  var port: UInt16? { get }

  /// The next connection that waits, and where it comes from; nil where none does.
  func accept() throws(SocketError) -> (stream: any ByteStream, peer: SocketAddress?)?
}

/// TCP as the kernel has it.
package struct TCPNetwork: Network {
  /// Has no state.
  package init() {}

  package func interfaces() throws(SocketError) -> [NetworkInterface] { try networkInterfaces() }

  package func connect(to address: SocketAddress) throws(SocketError) -> any ByteStream {
    TCPStream(try Socket.connect(to: address))
  }

  package func listen(
    on address: SocketAddress, backlog: Int32
  ) throws(SocketError) -> any StreamListener {
    TCPListener(try Socket.listen(on: address, backlog: backlog))
  }
}

private final class TCPStream: ByteStream {
  private let socket: Socket

  init(_ socket: consuming Socket) { self.socket = socket }

  var number: Int32 { socket.descriptor.number }
  func read(into buffer: inout MutableSpan<UInt8>) -> Transfer { socket.read(into: &buffer) }
  func write(_ bytes: Span<UInt8>) -> Transfer { socket.write(bytes) }
  func finishWriting() { socket.finishWriting() }
  func pendingError() throws(SocketError) -> SystemError? { try socket.pendingError() }
  func setNoDelay() throws(SocketError) { try socket.setNoDelay() }
}

private final class TCPListener: StreamListener {
  private let socket: Socket

  init(_ socket: consuming Socket) { self.socket = socket }

  var number: Int32 { socket.descriptor.number }
  var port: UInt16? { socket.localAddress()?.port }

  func accept() throws(SocketError) -> (stream: any ByteStream, peer: SocketAddress?)? {
    switch try socket.accept() {
    case .wouldBlock: nil
    case .connection(let socket, let peer): (TCPStream(socket), peer)
    }
  }
}
