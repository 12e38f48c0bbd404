internal import CLinux
internal import Glibc

/// Tells the time, ours and the wall's.
package protocol Clock: Sendable {
  /// Monotonic time, counting on through suspend; never runs backwards.
  func now() -> Moment

  /// Monotonic time that stands still in suspend; beside `now` it tells that there was one.
  func awake() -> Moment

  /// The wall clock, which a person or a server may set at any time.
  func wall() -> Timestamp
}

extension Clock {
  /// That of a computer which never sleeps.
  package func awake() -> Moment { now() }
}

/// The clocks of the Linux kernel.
package struct LinuxClock: Clock {
  /// A view of the kernel's clocks; has no state.
  package init() {}

  /// The time since this computer started, suspend included.
  package func now() -> Moment { read(CLOCK_BOOTTIME) }

  /// The wall clock as it is set; one that stands before 1970 reads as its beginning.
  package func wall() -> Timestamp {
    // A clock set before 1970 shows as its beginning.
    Timestamp(milliseconds: UInt64(max(0, read(CLOCK_REALTIME).nanoseconds)) / 1_000_000)
  }

  /// Monotonic time that stands still in suspend; beside `now` it tells that there was one.
  package func awake() -> Moment { read(CLOCK_MONOTONIC) }

  private func read(_ clock: clockid_t) -> Moment {
    var time = timespec()
    let result = unsafe clock_gettime(clock, &time)
    precondition(result == 0, "the kernel lacks a clock it has had since 2.6.39")
    let (whole, overflow) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return Moment(nanoseconds: time.tv_sec < 0 ? .min : .max) }
    return Moment(nanoseconds: whole) + .nanoseconds(Int64(time.tv_nsec))
  }
}
