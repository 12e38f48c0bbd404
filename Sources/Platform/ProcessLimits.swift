internal import Glibc

/// What a daemon arranges with the kernel before it starts.
package enum ProcessLimits {
  /// Lets this process open as many files as its hard limit allows; returns that number.
  package static func raiseOpenFiles() throws(SystemError) -> UInt64 {
    var limit = rlimit()
    _ = try calling { unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) }
    limit.rlim_cur = limit.rlim_max
    _ = try calling { unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) }
    return UInt64(limit.rlim_cur)
  }

  /// Forbids memory images of a crashed process: they would hold its keys.
  package static func forbidCoreDumps() throws(SystemError) {
    var limit = rlimit(rlim_cur: 0, rlim_max: 0)
    _ = try calling { unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) }
  }

  /// Makes writing to a closed pipe an error of that write instead of the process's end.
  package static func ignoreBrokenPipes() {
    _ = signal(SIGPIPE, SIG_IGN)
  }
}
