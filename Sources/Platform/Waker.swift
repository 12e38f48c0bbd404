internal import CLinux
internal import Glibc

/// Wakes a poller from any thread: readable from `wake` until `reset`.
package final class Waker: Sendable {
  /// What the poller watches for reading.
  package let descriptor: FileDescriptor

  private init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }

  /// Opens a waker that is not yet awake.
  package static func open() throws(SocketError) -> Waker {
    do throws(SystemError) {
      let flags = Int32(EFD_CLOEXEC | EFD_NONBLOCK)
      return Waker(FileDescriptor(owning: try calling { eventfd(0, flags) }))
    } catch {
      throw SocketError(.open, "waker", error)
    }
  }

  /// Makes the poller's wait return; calling it again before `reset` changes nothing.
  package func wake() {
    // The only failure is a full counter, and then the poller is awake already.
    _ = retrying { Int(eventfd_write(descriptor.number, 1)) }
  }

  /// Lets the poller sleep again. Reset first, then look for work, or a wake is lost.
  package func reset() {
    var count: eventfd_t = 0
    // It fails where nobody woke, which is what is wanted.
    _ = unsafe eventfd_read(descriptor.number, &count)
  }
}
