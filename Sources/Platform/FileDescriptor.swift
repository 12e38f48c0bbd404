internal import Glibc

/// A file descriptor of the kernel, closed when the value ends.
package struct FileDescriptor: ~Copyable, Sendable {
  /// The kernel's number; valid as long as this value lives.
  package let number: Int32

  /// Takes over a descriptor that nobody else will close.
  package init(owning number: Int32) {
    precondition(number >= 0, "a file descriptor is never negative")
    self.number = number
  }

  /// Ends the value without closing: whoever gets the number closes it.
  package consuming func release() -> Int32 {
    let number = self.number
    discard self
    return number
  }

  // Linux frees the number even where close() reports an error, so there is nothing to repeat;
  // an error of the disk shows in fdatasync, which is what durability rests on.
  deinit { _ = Glibc.close(number) }
}

/// Another number for the same open file, closed on exec.
func duplicate(_ number: Int32) throws(SystemError) -> FileDescriptor {
  FileDescriptor(owning: try calling { fcntl(number, F_DUPFD_CLOEXEC, 0) })
}
