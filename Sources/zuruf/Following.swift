import Control

/// The newest messages that were there when somebody began to follow, shown or not, and what was shown
/// since: where to go on when the node was stopped meanwhile, for after that it counts its messages
/// anew.
struct LastShown {
  /// More than come late and stand behind one that was shown before them.
  static let most = 64
  private var entries: [HexIdentifier]
  /// Between which of them the day changes.
  var days: DayLine

  /// Begins with the newest there are, the oldest of them first; none where there are no messages.
  init(newest entries: [HexIdentifier], days: DayLine = DayLine()) {
    self.entries = entries.suffix(Self.most)
    self.days = days
  }

  mutating func note(_ message: MessageInfo) {
    if entries.count == Self.most { entries.removeFirst() }
    entries.append(message.entry)
  }

  func holds(_ entry: HexIdentifier) -> Bool { entries.contains(entry) }

  /// Those of all messages from some place on that stand behind the last known one and can be read;
  /// nil where none of them is known, though there were some.
  func news(in messages: [MessageInfo]) -> [MessageInfo]? {
    let known = messages.lastIndex { holds($0.entry) }
    guard known != nil || entries.isEmpty else { return nil }
    return messages[(known.map { $0 + 1 } ?? 0)...].filter { !$0.isClosed }
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
  /// So many seconds a program waits that hands over lines and cannot see that no node is there: a
  /// node that is started anew is back in a few.
  static let awaySecondsMax = 60

  /// Whether whoever follows waits for a node that went away. A program decides that itself.
  func waits(after failure: Failure) -> Bool { failure.isNodeGone && !json }

  /// Connects to the node once it runs again; nil where `typed`, which is asked when something is to be
  /// read from that descriptor, ends the waiting. After so many seconds it is given up, where any
  /// number is said.
  func connectAgain(
    orReadable number: Int32?, secondsMax: Int? = nil, _ typed: () throws(Failure) -> Bool
  ) throws(Failure) -> ControlClient? {
    var seconds = 0
    while true {
      switch world.pause(number) {
      case .closed: throw .outputClosed
      case .readable: guard try typed() else { return nil }
      case .over:
        do throws(Failure) {
          return try connect()
        } catch {
          seconds += 1
          guard error.isNodeGone, secondsMax.map({ seconds < $0 }) ?? true else { throw error }
        }
      }
    }
  }
}
