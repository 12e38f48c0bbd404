/// A fault of a socket: what was tried, on what, and what the system said.
package struct SocketError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was tried; the raw value completes "cannot …".
  package enum Operation: String, Hashable, Sendable {
    case open
    case listen = "listen on"
    case accept = "accept a connection on"
    case connect = "connect to"
    case configure
    case examine
    case send = "send to"
    case wait = "wait for events on"
  }

  /// What a caller may branch on.
  package enum Reason: Hashable, Sendable {
    /// The port or path is taken: try the next one, or say who may hold it.
    case addressInUse
    /// This computer has no such address (any more).
    case addressMissing
    /// Nobody listens there.
    case refused
    /// No way leads there.
    case unreachable
    /// Not allowed.
    case denied
    /// There is no such file.
    case missing
    /// Too many files are open in this process or on this computer.
    case tooManyFiles
    /// Anything else the system said.
    case other
  }

  package let operation: Operation
  package let subject: String
  package let system: SystemError

  /// A fault the system reported.
  package init(_ operation: Operation, _ subject: String, _ system: SystemError) {
    self.operation = operation
    self.subject = subject
    self.system = system
  }

  /// The error number sorted by what a caller does about it.
  package var reason: Reason {
    switch system {
    case .addressInUse: .addressInUse
    case .addressMissing: .addressMissing
    case .connectionRefused: .refused
    case .networkUnreachable, .hostUnreachable, .networkDown: .unreachable
    case .accessDenied, .notPermitted: .denied
    case .notFound: .missing
    case .tooManyFiles, .tooManyFilesOnComputer: .tooManyFiles
    default: .other
    }
  }

  package var description: String {
    "cannot \(operation.rawValue) \(quoted(subject)): \(system)"
  }
}
