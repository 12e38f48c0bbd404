package import Platform
import Storage

/// Why the daemon ends; the raw value is its exit status, one for each cause.
package enum FatalCause: Int32, Error, Sendable {
  case usage = 2
  case directoryInUse = 3
  case directoryNotPrivate = 4
  case dataDamaged = 5
  case otherMachine = 6
  case socketUnavailable = 7
  case portUnavailable = 8
  case diskFault = 9
  /// A bug, or the system gave a start no poller, waker or thread, which no sound one refuses.
  case bug = 70
}

/// A cause with the sentence for the log.
package struct Fatal: Error {
  package let cause: FatalCause
  package let text: String
  package var hint: String?

  /// A cause, a sentence without a full stop, and what to do about it.
  package init(_ cause: FatalCause, _ text: String, hint: String? = nil) {
    (self.cause, self.text, self.hint) = (cause, text, hint)
  }

  /// What a start ends with that cannot read what is stored.
  ///
  /// What the disk or the system refused may pass, and whoever runs the node starts it again; that
  /// something is not what a node writes does not.
  init(reading error: StorageError) {
    if case .disk(let fault) = error {
      self.init(reading: fault)
    } else {
      self.init(.dataDamaged, error.description)
    }
  }

  /// The same of a small file beside the logs.
  init(reading error: HomeFault) {
    switch error {
    case .disk(let fault): self.init(reading: fault)
    case .damaged: self.init(.dataDamaged, error.description)
    }
  }

  /// The cause of a fault of the disk at a start: what this user may not use a person has to see to, and
  /// another start would only repeat it.
  package static func cause(of fault: DiskError) -> FatalCause {
    fault.reason == .denied ? .directoryNotPrivate : .diskFault
  }

  private init(reading fault: DiskError) {
    switch fault.reason {
    case .missing, .exists, .wrongKind, .tooLong: self.init(.dataDamaged, fault.description)
    case .exhausted:
      self.init(
        .diskFault, fault.description,
        hint: "end other programs, or let this one open more files: ulimit -n")
    case .denied:
      self.init(
        Self.cause(of: fault), fault.description,
        hint:
          "it must belong to whoever runs the node, with the folders above it; ls -l shows whose it is"
      )
    case .full, .readOnly, .broken, .locked, .other:
      self.init(
        .diskFault, fault.description,
        hint: "the disk may be failing; what is there can be looked at: zuruf-inspect")
    }
  }

  /// What to do where a start ended because it may open too few files; nil for any other error.
  package static func descriptorsHint(_ error: SocketError) -> String? {
    guard error.reason == .tooManyFiles else { return nil }
    return "let it open more files: ulimit -n, or LimitNOFILE= of its service"
  }
}
