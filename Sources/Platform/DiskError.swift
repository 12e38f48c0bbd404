/// A fault of a disk: what was tried, on what, and what the system said.
package struct DiskError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was tried; the raw value completes "cannot …".
  package enum Operation: String, Hashable, Sendable {
    case open
    case create
    case read
    case write
    case flush
    case truncate
    case reserve
    case rename
    case remove
    case list
    case examine
    case createDirectory = "create the directory"
    case flushDirectory = "flush the directory"
    case measureSpace = "measure the free space of"
    case lock
  }

  /// What a caller may branch on.
  package enum Reason: Hashable, Sendable {
    /// Nothing of that name.
    case missing
    /// Something of that name is there already.
    case exists
    /// Not allowed by owner or mode.
    case denied
    /// The disk or a quota is full.
    case full
    /// The file system is mounted read-only, or the disk was given without leave to write.
    case readOnly
    /// The system has no memory or no open files left for it; the disk has nothing to do with it.
    case exhausted
    /// The device failed.
    case broken
    /// A symbolic link, a directory, a pipe or a device where a plain file belongs, or the like.
    case wrongKind
    /// The file holds more than the caller will read.
    case tooLong
    /// Another process holds the lock.
    case locked
    /// Anything else the system said.
    case other
  }

  package let operation: Operation
  /// The whole path, from the root of the file system where there is one.
  package let subject: String
  package let reason: Reason
  /// What the system said; nil where the fault was found without its help.
  package let system: SystemError?

  /// A fault the system reported.
  package init(_ operation: Operation, _ subject: String, _ system: SystemError) {
    self.operation = operation
    self.subject = subject
    self.reason = Reason(system)
    self.system = system
  }

  /// A fault found without the system's help.
  package init(_ operation: Operation, _ subject: String, _ reason: Reason) {
    self.operation = operation
    self.subject = subject
    self.reason = reason
    self.system = nil
  }

  package var description: String {
    "cannot \(operation.rawValue) \(quoted(subject)): \(system?.description ?? reason.text)"
  }
}

extension DiskError.Reason {
  /// Sorts the system's error numbers by what a caller does about them.
  init(_ error: SystemError) {
    switch error {
    case .notFound: self = .missing
    case .alreadyExists: self = .exists
    case .accessDenied, .notPermitted: self = .denied
    case .noSpace, .overQuota: self = .full
    case .readOnly: self = .readOnly
    case .tooManyFiles, .tooManyFilesOnComputer, .noMemory: self = .exhausted
    case .inputOutput: self = .broken
    case .symbolicLink, .notADirectory, .isADirectory: self = .wrongKind
    default: self = .other
    }
  }

  /// The fault in words, for one that has no error number.
  var text: String {
    switch self {
    case .missing: "there is nothing of that name"
    case .exists: "something of that name is there already"
    case .denied: "not allowed"
    case .full: "the disk is full"
    case .readOnly: "it may only be read"
    case .exhausted: "the system has nothing left for it"
    case .broken: "the device failed"
    case .wrongKind: "it is not of the kind expected here"
    case .tooLong: "it is longer than allowed"
    case .locked: "another process holds it"
    case .other: "unknown fault"
    }
  }
}
