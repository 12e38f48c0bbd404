internal import CLinux
internal import Glibc

/// A source of bytes nobody can foretell.
package protocol Entropy: Sendable {
  /// Overwrites the whole buffer with random bytes.
  func fill(_ buffer: inout MutableSpan<UInt8>)
}

extension Entropy {
  /// That many random bytes.
  package func bytes(_ count: Int) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: count)
    var span = result.mutableSpan
    fill(&span)
    return result
  }
}

/// The kernel's random generator.
package struct LinuxEntropy: Entropy {
  /// A view of the kernel's generator; has no state.
  package init() {}

  /// Fills the buffer from the kernel, which waits for nothing once the computer is up.
  package func fill(_ buffer: inout MutableSpan<UInt8>) {
    let count = buffer.count
    var done = 0
    while done < count {
      let got = unsafe buffer.withUnsafeMutableBytes { bytes in
        // `done` is below `count`, so pointer and length stay inside the buffer.
        unsafe getrandom(bytes.baseAddress.unsafelyUnwrapped + done, count - done, 0)
      }
      if got < 0 {
        // Going on with predictable keys would be worse than ending.
        precondition(errno == EINTR, "the kernel gives no random bytes: \(SystemError(errno))")
        continue
      }
      done += got
    }
  }
}
