import Control

/// What somebody who follows was shown last: where to go on when the node was stopped meanwhile,
/// for after that it counts its messages anew.
struct LastShown {
  /// More than come late and stand behind one that was shown before them.
  private static let most = 64
  private var entries: [HexIdentifier] = []

  init(_ messages: [MessageInfo]) {
    entries = messages.suffix(Self.most).map(\.entry)
  }

  mutating func note(_ message: MessageInfo) {
    if entries.count == Self.most { entries.removeFirst() }
    entries.append(message.entry)
  }

  /// Those of the newest messages that stand behind what was shown and can be read.
  func news(in page: [MessageInfo]) -> [MessageInfo] {
    let shown = page.lastIndex { entries.contains($0.entry) }
    return page[(shown.map { $0 + 1 } ?? 0)...].filter { !$0.isClosed }
  }
}

extension Failure {
  /// Whether the node went away, so that it may come back.
  var isNodeGone: Bool {
    switch self {
    case .control(.ended), .control(.noNode): true
    default: false
    }
  }
}

extension Session {
  /// Whether whoever follows waits for a node that went away. A program decides that itself.
  func waits(after failure: Failure) -> Bool { failure.isNodeGone && !json }

  /// Connects to the node once it runs again; nil where `typed`, which is asked when something is to be
  /// read from that descriptor, ends the waiting.
  func connectAgain(
    orReadable number: Int32?, _ typed: () throws(Failure) -> Bool
  ) throws(Failure) -> ControlClient? {
    while true {
      switch world.pause(number) {
      case .closed: throw .outputClosed
      case .readable: guard try typed() else { return nil }
      case .over:
        do throws(Failure) {
          return try connect()
        } catch {
          guard error.isNodeGone else { throw error }
        }
      }
    }
  }
}
