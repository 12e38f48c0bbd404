internal import CLinux
internal import Glibc

/// An error number of the operating system; prints as `permission denied (EACCES)`.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The value of `errno`.
  package let number: Int32

  /// Wraps an error number.
  package init(_ number: Int32) { self.number = number }

  package static let notFound = SystemError(ENOENT)
  package static let alreadyExists = SystemError(EEXIST)
  package static let accessDenied = SystemError(EACCES)
  package static let notPermitted = SystemError(EPERM)
  package static let noSpace = SystemError(ENOSPC)
  package static let overQuota = SystemError(EDQUOT)
  package static let readOnly = SystemError(EROFS)
  package static let inputOutput = SystemError(EIO)
  package static let symbolicLink = SystemError(ELOOP)
  package static let notADirectory = SystemError(ENOTDIR)
  package static let isADirectory = SystemError(EISDIR)
  package static let invalid = SystemError(EINVAL)
  package static let tooLarge = SystemError(EFBIG)
  package static let wouldBlock = SystemError(EAGAIN)
  package static let addressInUse = SystemError(EADDRINUSE)
  package static let connectionRefused = SystemError(ECONNREFUSED)
  package static let connectionReset = SystemError(ECONNRESET)
  package static let brokenPipe = SystemError(EPIPE)
  package static let addressMissing = SystemError(EADDRNOTAVAIL)
  package static let networkUnreachable = SystemError(ENETUNREACH)
  package static let hostUnreachable = SystemError(EHOSTUNREACH)
  package static let networkDown = SystemError(ENETDOWN)
  package static let tooManyFiles = SystemError(EMFILE)
  package static let tooManyFilesOnComputer = SystemError(ENFILE)
  package static let noMemory = SystemError(ENOMEM)
  package static let interrupted = SystemError(EINTR)
  package static let nameTooLong = SystemError(ENAMETOOLONG)

  /// The symbol of the number, `EACCES`, or the number itself where the system knows none.
  package var name: String {
    // The C library returns a constant string that lives as long as the process, or null.
    guard let text = unsafe strerrorname_np(number) else { return String(number) }
    return unsafe String(cString: text)
  }

  /// What the number means, in English whatever the locale, with a small first letter.
  package var text: String {
    guard let text = unsafe strerrordesc_np(number) else { return "unknown error" }
    let meaning = unsafe String(cString: text)
    guard let first = meaning.first else { return meaning }
    return first.lowercased() + meaning.dropFirst()
  }

  package var description: String { "\(text) (\(name))" }
}

/// Runs a system call again while signals interrupt it; -1 becomes the error it left in `errno`.
func calling<R: FixedWidthInteger & SignedInteger>(
  _ body: () throws(SystemError) -> R
) throws(SystemError) -> R {
  while true {
    let result = try body()
    if result != -1 { return result }
    let number = errno
    if number != EINTR { throw SystemError(number) }
  }
}

/// Repeats a call that may move less than it was given until all `count` bytes have moved.
///
/// The step is told how many bytes are done and moves some of the rest; 0 ends the loop.
func transferring(
  _ count: Int, _ step: (Int) throws(SystemError) -> Int
) throws(SystemError) -> Int {
  var done = 0
  while done < count {
    let moved = try step(done)
    if moved == 0 { break }
    done += moved
  }
  return done
}
