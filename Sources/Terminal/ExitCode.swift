/// How a program ends, for scripts.
package enum ExitCode: Int32, CaseIterable, Sendable {
  case done = 0
  case refused = 1
  case usage = 2
  case noNode = 3
  case noSuchName = 4
  case notAllowed = 5
  case notYet = 6

  /// What the code means, for help and manual pages.
  package var meaning: String {
    switch self {
    case .done: "done"
    case .refused: "refused, or something went wrong"
    case .usage: "the command line was not understood"
    case .noNode: "no node is running"
    case .noSuchName: "no such name, or an ambiguous one"
    case .notAllowed: "not allowed"
    case .notYet: "not yet"
    }
  }
}
