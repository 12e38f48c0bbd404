internal import Format
internal import Platform

/// A machine and the stream it speaks through; owned by the link set alone.
final class Connection {
  let id: LinkID
  let address: SocketAddress
  let isInitiator: Bool
  var machine: LinkMachine
  /// None where the connection could not even begin.
  let stream: (any ByteStream)?
  /// Until when the TCP connection must stand; nil once it does.
  var connectUntil: Moment?
  /// What the poller watches the socket for; nil where it does not know it.
  var watched: Interest?
  var isPaused = false
  /// The handshake was done and told.
  var wasUp = false
  /// There was no room for a batch when the node asked or sent.
  var wasFull = false
  /// The socket took no more; the poller says when it does.
  var isBlocked = false
  var hasFinishedWriting = false
  /// The peer has finished writing, or the connection is gone.
  var isPeerDone = false
  /// Until when a farewell may take.
  var lingerUntil: Moment?
  var sentBytes: UInt64 = 0
  var receivedBytes: UInt64 = 0
  /// Until when there is nothing to do here; nil where something was done to it since it was last flushed.
  private var restsUntil: Moment?

  init(
    id: LinkID, address: SocketAddress, isInitiator: Bool, machine: consuming LinkMachine,
    stream: (any ByteStream)?, connectUntil: Moment?
  ) {
    self.id = id
    self.address = address
    self.isInitiator = isInitiator
    self.machine = machine
    self.stream = stream
    self.connectUntil = connectUntil
  }

  /// When this connection wants to be looked at next.
  var deadline: Moment { restsUntil ?? due }

  private var due: Moment {
    min(machine.deadline, min(connectUntil ?? .distantFuture, lingerUntil ?? .distantFuture))
  }

  /// Something was, or is to be, done to it: the next flush looks at it. Of many links few are busy.
  func stir() { restsUntil = nil }

  /// It was flushed; until its deadline it need not be looked at, unless something is done to it.
  func rest() { restsUntil = due }

  var isResting: Bool { restsUntil != nil }

  /// Whether nothing is left to do but to close the socket.
  var isOver: Bool { machine.isFinished && (isPeerDone || !machine.hasFarewell) }

  /// What the poller should watch the socket for.
  var interest: Interest {
    if connectUntil != nil { return .write }
    var interest: Interest = isPaused && machine.isUp ? [] : .read
    if isBlocked { interest.insert(.write) }
    return interest
  }

  /// Writes what the machine has, as far as the socket takes it.
  func write() {
    guard connectUntil == nil, machine.hasOutput else { return }
    var sent: UInt64 = 0
    let stop = machine.flush { bytes in
      let result = stream?.write(bytes) ?? .closed
      if case .bytes(let count) = result { sent += UInt64(count) }
      return result
    }
    sentBytes += sent
    isBlocked = stop == .wouldBlock
    switch stop {
    case .failed(let error): lose(.failed(error))
    case .closed: lose(.cut)
    case nil, .wouldBlock, .bytes: break
    }
  }

  /// Reads once, at most what `buffer` holds.
  func read(into buffer: inout [UInt8], at now: Moment) {
    var span = buffer.mutableSpan
    switch stream?.read(into: &span) ?? .closed {
    case .bytes(let count):
      receivedBytes += UInt64(count)
      machine.received(&buffer, count: count, at: now)
    case .wouldBlock: break
    case .closed: lose(.cut)
    case .failed(let error): lose(.failed(error))
    }
  }

  /// The connection is gone, or the peer will send nothing more.
  func lose(_ end: LinkEnd) {
    isPeerDone = true
    machine.connectionEnded(end)
  }

  /// The connection attempt has ended one way or the other.
  func finishConnecting() {
    guard connectUntil != nil else { return }
    connectUntil = nil
    do throws(SocketError) {
      if let error = try stream?.pendingError() { return lose(.failed(error)) }
      try stream?.setNoDelay()
    } catch {
      lose(.failed(error.system))
    }
  }
}
