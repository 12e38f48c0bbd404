/// Notices that the computer slept, from two clocks of which one stands still in sleep.
package struct SuspendWatch: Sendable {
  /// Shorter sleep than this breaks no connection, and reading two clocks takes a moment.
  private static let least = Duration.milliseconds(500)
  private var lead: Duration

  /// Starts with what the two clocks show now.
  package init(now: Moment, awake: Moment) { lead = now - awake }

  /// How long the computer slept since the last call, or nil where it did not.
  package mutating func sleep(now: Moment, awake: Moment) -> Duration? {
    let slept = now - awake - lead
    // Never let go of the smallest lead: the error of reading must not add up.
    if slept < SuspendWatch.least { return nil }
    lead = now - awake
    return slept
  }
}
