internal import Format
import Platform

/// One end of a simulated connection.
final class SimulatedStream: ByteStream, Watched {
  let number: Int32
  private let network: HostNetwork
  private var wire: Wire?
  private var side = Wire.Side.first
  private var inbox: [UInt8] = []
  private var isEnded = false
  private var failure: SystemError?
  private var hasFinished = false

  /// What may wait at the other end and on the way to it.
  static let window = 262_144

  init(_ number: Int32, _ network: HostNetwork) {
    (self.number, self.network) = (number, network)
  }

  deinit {
    network.forget(number)
    abandon(silently: false)
  }

  var waitingBytes: Int { inbox.count }

  var isReadable: Bool { !inbox.isEmpty || isEnded }
  var isWritable: Bool { failure != nil || wire.map { $0.room(from: side) > 0 } ?? false }
  var isClosed: Bool { failure != nil }

  // MARK: What the wire does

  func stand(on wire: Wire, side: Wire.Side) {
    guard failure == nil else { return }
    (self.wire, self.side) = (wire, side)
    network.stir(number)
  }

  func receive(_ bytes: [UInt8]) {
    inbox += bytes
    network.stir(number)
  }

  func finish() {
    isEnded = true
    network.stir(number)
  }

  func `break`(by error: SystemError) {
    failure = error
    wire = nil
    network.stir(number)
  }

  /// What stands between cuts the connection, if it leads to this host.
  func cut(from other: Int) {
    if let wire, wire.leads(to: other) { wire.cut() }
  }

  /// There is room again.
  func stir() { network.stir(number) }

  /// Nobody holds it any more, or the process is gone.
  func abandon(silently isSilent: Bool) {
    guard let wire else { return }
    self.wire = nil
    if isSilent {
      wire.fallSilent(side)
    } else if inbox.isEmpty {
      if !hasFinished { wire.send(.end, from: side) }
      wire.leave(side)
    } else {
      wire.send(.reset, from: side)
      wire.leave(side)
    }
  }

  // MARK: ByteStream

  func read(into buffer: inout MutableSpan<UInt8>) -> Transfer {
    if !inbox.isEmpty {
      let count = min(buffer.count, inbox.count)
      for index in 0..<count { buffer[index] = inbox[index] }
      inbox.removeFirst(count)
      wire?.hasRoom(towards: side)
      return .bytes(count)
    }
    if let failure { return .failed(failure) }
    return isEnded ? .closed : .wouldBlock
  }

  func write(_ bytes: Span<UInt8>) -> Transfer {
    if let failure { return .failed(failure) }
    guard let wire else { return .wouldBlock }
    let count = min(bytes.count, wire.room(from: side))
    guard count > 0 else { return .wouldBlock }
    let sent = unsafe bytes.extracting(0..<count).withUnsafeBufferPointer { unsafe Array($0) }
    wire.send(.bytes(sent), from: side)
    return .bytes(count)
  }

  func finishWriting() {
    guard !hasFinished else { return }
    hasFinished = true
    wire?.send(.end, from: side)
  }

  func pendingError() throws(SocketError) -> SystemError? { failure }
  func setNoDelay() throws(SocketError) {}
}
