import Control
import Format
import Platform

/// One program that speaks to this node.
final class ControlConnection {
  let id: UInt64
  let socket: Socket
  let credentials: PeerCredentials
  var lines = LineBuffer(bytesMax: Limits.controlLineBytesMax)
  /// What is still to be written; everything before `written` is gone.
  private var output: [UInt8] = []
  private var written = 0
  /// The events that wait, once this connection subscribed.
  var events: EventQueue?
  /// What it follows.
  var followed = Followed.all
  /// Whether it was told that everything before now has been told.
  var isCaughtUp = false
  /// Up to where in the stream of messages it was told.
  var position = 0
  /// Requests that are not answered yet; at the limit nothing more is read.
  var pending = 0
  /// Nothing more is read; it closes when all is written.
  var isEnding = false
  var interest: Interest = .read

  /// Answers that may wait to be written before reading stops.
  static let outputBytesMax = 4 * Limits.controlLineBytesMax
  static let pendingMax = 256

  init(id: UInt64, socket: consuming Socket, credentials: PeerCredentials) {
    self.id = id
    self.socket = socket
    self.credentials = credentials
  }

  var hasOutput: Bool { written < output.count || !(events?.isEmpty ?? true) }
  var isFull: Bool { output.count - written > Self.outputBytesMax || pending >= Self.pendingMax }

  /// Whether something is to be told to it of a stream of so many messages.
  func hasMore(than count: Int) -> Bool { position < count || !isCaughtUp }

  func write(_ line: [UInt8]) { output.append(contentsOf: line) }

  /// Writes what the kernel takes; false when the connection is gone.
  func flush() -> Bool {
    while true {
      if written == output.count {
        output.removeAll(keepingCapacity: true)
        written = 0
        guard let event = events?.next() else { break }
        output = EventLine(event: event).encoded()
      }
      switch socket.write(output.span.extracting(written...)) {
      case .bytes(let count): written += count
      case .wouldBlock: return true
      case .closed, .failed: return false
      }
    }
    if events?.isFinished ?? false { isEnding = true }
    return true
  }
}
