/// What a disk does when one of its files is let go.
package protocol FileCloser: Sendable {
  /// Closes the file of that number; called exactly once for each.
  func close(_ number: Int32)
}

/// An open file of some disk, closed when the value ends; hand it only to the disk it came from.
package struct DiskFile: ~Copyable, Sendable {
  /// The disk's own number for the file.
  package let number: Int32
  /// Where the file was when it was opened, for messages.
  package let subject: String
  private let closer: any FileCloser

  /// Made by disks alone.
  package init(number: Int32, subject: String, closer: any FileCloser) {
    self.number = number
    self.subject = subject
    self.closer = closer
  }

  deinit { closer.close(number) }
}
