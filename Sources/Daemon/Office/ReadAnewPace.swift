import Format
import Platform

/// How often the logs are read anew: each time costs all links and a reading of all logs, and a disk may
/// say at once again what it said before.
struct ReadAnewPace {
  /// Not before.
  private(set) var dueAt = Moment.distantPast
  private var pauseSeconds = 0

  /// They were read anew, well or in vain. The pause grows as long as nothing comes of it: as long as
  /// nothing that others wrote was stored since the time before.
  mutating func note(_ now: Moment, hasStoredOthers: Bool) {
    pauseSeconds =
      hasStoredOthers || pauseSeconds == 0
      ? Limits.lockSyncSeconds : min(2 * pauseSeconds, Limits.readAnewSecondsMax)
    dueAt = now + .seconds(pauseSeconds)
  }
}
