internal import CLinux
internal import Glibc

/// A request from outside that the daemon answers.
package enum Signal: Hashable, Sendable, CaseIterable {
  case terminate
  case interrupt
  case hangUp
  case windowChange

  var number: Int32 {
    switch self {
    case .terminate: SIGTERM
    case .interrupt: SIGINT
    case .hangUp: SIGHUP
    case .windowChange: SIGWINCH
    }
  }
}

/// Makes signals readable events instead of interruptions.
///
/// Open it before any thread starts: threads inherit that the signals are held back, and one
/// thread that does not hold them back would be ended by them.
package struct SignalDescriptor: ~Copyable {
  /// What the poller watches for reading.
  package let descriptor: FileDescriptor
  /// What this thread held back before.
  private var previous: sigset_t

  private init(_ descriptor: consuming FileDescriptor, previous: sigset_t) {
    self.descriptor = descriptor
    self.previous = previous
  }

  /// Holds back the signals on this thread and all threads it starts, and opens the descriptor.
  package static func open(_ signals: [Signal]) throws(SocketError) -> SignalDescriptor {
    var set = sigset_t()
    var previous = sigset_t()
    unsafe sigemptyset(&set)
    for signal in signals { unsafe sigaddset(&set, signal.number) }
    do throws(SystemError) {
      let flags = Int32(SFD_CLOEXEC | SFD_NONBLOCK)
      let number = try calling { unsafe signalfd(-1, &set, flags) }
      let descriptor = FileDescriptor(owning: number)
      let result = unsafe pthread_sigmask(SIG_BLOCK, &set, &previous)
      if result != 0 { throw SystemError(result) }
      return SignalDescriptor(descriptor, previous: previous)
    } catch {
      throw SocketError(.open, "signals", error)
    }
  }

  /// The next signal that arrived, or nil.
  package mutating func next() -> Signal? {
    var info = signalfd_siginfo()
    let size = MemoryLayout<signalfd_siginfo>.size
    let number = descriptor.number
    let count = retrying {
      // The kernel writes whole structures, at most `size` bytes.
      unsafe Glibc.read(number, &info, size)
    }
    guard count == size else { return nil }
    return Signal.allCases.first { $0.number == Int32(bitPattern: info.ssi_signo) }
  }

  deinit {
    var previous = previous
    unsafe pthread_sigmask(SIG_SETMASK, &previous, nil)
  }
}
