import Platform
import Storage
import Terminal

/// Why a command ends without having shown what it was asked for.
enum Failure: Error {
  case usage(UsageMistake)
  case refused(String, hints: [String])
  case noSuchName(String, hints: [String])
  /// What was looked at is not as it should be, and standard output says what.
  case wrong
  /// Nobody reads standard output any more: no error, but a reason to stop.
  case outputClosed

  /// How the program ends.
  var exit: ExitCode {
    switch self {
    case .usage: .usage
    case .refused, .wrong: .refused
    case .noSuchName: .noSuchName
    case .outputClosed: .done
    }
  }

  /// The lines for a person; empty where there is nothing to say.
  func text(_ voice: Voice) -> String {
    switch self {
    case .usage(let mistake): voice.error(mistake.message, hints: mistake.hints)
    case .refused(let message, let hints), .noSuchName(let message, let hints):
      voice.error(message, hints: hints)
    case .wrong, .outputClosed: ""
    }
  }

  /// A fault of the disk or the store.
  static func fault(_ error: StorageError) -> Failure {
    .refused(escaped(error.description, .shown), hints: [])
  }
}
