import Control
import Format
import Platform

/// One program that speaks to this node.
final class ControlConnection {
  let id: UInt64
  let socket: Socket
  var lines = LineBuffer(bytesMax: Limits.controlLineBytesMax)
  /// What is still to be written; everything before `written` is gone.
  private var output: [UInt8] = []
  private var written = 0
  /// The events that wait, once this connection subscribed.
  var events: EventQueue?
  /// What it follows.
  var followed = Followed.all
  /// The degraded states that it was told of and that are not over.
  var toldDegraded: Set<ToldState> = []
  /// Whether a person sees the messages that it is told.
  var seesMessages = false
  /// Whether it was told that everything before now has been told.
  var isCaughtUp = false
  /// Up to where in the stream of messages it was told.
  var position = 0
  /// Requests that were read, and how many of them are answered; the answers between wait for
  /// those asked before them (C-3).
  private var asked: UInt64 = 0
  private var answered: UInt64 = 0
  private var early: [UInt64: [UInt8]] = [:]
  /// Nothing more is read; it closes when all is written.
  var isEnding = false
  var interest: Interest = .read

  /// Answers that may wait to be written before reading stops.
  static let outputBytesMax = 4 * Limits.controlLineBytesMax
  static let pendingMax = Limits.controlPendingMax

  init(id: UInt64, socket: consuming Socket) {
    self.id = id
    self.socket = socket
  }

  /// Requests that are not answered yet; at the limit nothing more is read.
  var pending: Int { Int(asked - answered) }

  var hasOutput: Bool { written < output.count || !(events?.isEmpty ?? true) }
  var isFull: Bool { output.count - written > Self.outputBytesMax || pending >= Self.pendingMax }

  /// Whether something is to be told to it of a stream of so many messages.
  func hasMore(than count: Int) -> Bool { position < count || !isCaughtUp }

  /// Gives a request that was read its number on this connection.
  func number() -> UInt64 {
    asked += 1
    return asked
  }

  /// Answers the request of this number, as soon as all before it are answered (C-3).
  func answer(_ number: UInt64, _ line: [UInt8]) {
    early[number] = line
    while let next = early.removeValue(forKey: answered + 1) {
      answered += 1
      output.append(contentsOf: next)
    }
  }

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
