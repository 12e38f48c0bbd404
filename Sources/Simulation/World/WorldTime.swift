internal import Format
import Platform
internal import Synchronization

/// The one time of a simulated world: it stands still until the world moves it.
final class WorldTime: Sendable {
  private let state = Mutex<Int64>(1_000_000_000)

  var now: Moment { Moment(nanoseconds: state.withLock { $0 }) }

  /// Never back.
  func advance(to moment: Moment) {
    state.withLock { $0 = max($0, moment.nanoseconds) }
  }
}

/// The clocks of one host: what runs on is the world's time, what hangs on the wall may be wrong.
final class HostClock: Clock {
  /// 2026-11-02, a Monday morning.
  private static let wallBegin: Int64 = 1_793_600_000_000

  private let time: WorldTime
  /// How far the wall clock is set wrong, in milliseconds, and how long the host has slept, in
  /// nanoseconds.
  private let state = Mutex<(skew: Int64, slept: Int64)>((0, 0))
  /// What the wall clock shows for good, where it stands still.
  private let frozen = Mutex<Timestamp?>(nil)
  private let wrong = Mutex(false)

  init(_ time: WorldTime) { self.time = time }

  /// Whether the wall clock was ever wrong.
  var wasWrong: Bool { wrong.withLock { $0 } }

  package func now() -> Moment { time.now }

  package func awake() -> Moment {
    Moment(nanoseconds: time.now.nanoseconds - state.withLock { $0.slept })
  }

  package func wall() -> Timestamp {
    if let frozen = frozen.withLock({ $0 }) { return frozen }
    let right = Self.wallBegin + time.now.nanoseconds / 1_000_000
    return Timestamp(milliseconds: UInt64(max(0, right + state.withLock { $0.skew })))
  }

  func setWrong(by milliseconds: Int64) {
    frozen.withLock { $0 = nil }
    state.withLock { $0.skew = milliseconds }
    if milliseconds != 0 { wrong.withLock { $0 = true } }
  }

  /// The wall clock stands still until it is set.
  func freeze() {
    let now = wall()
    frozen.withLock { $0 = now }
    wrong.withLock { $0 = true }
  }

  /// One that stood still goes on.
  func fallBack(by milliseconds: Int64) {
    frozen.withLock { $0 = nil }
    state.withLock { $0.skew -= milliseconds }
    wrong.withLock { $0 = true }
  }

  func sleep(for duration: Duration) {
    state.withLock { $0.slept += duration.wholeNanoseconds }
  }
}
