/// A point in monotonic time: nanoseconds since the computer started, sleep included.
///
/// Moments are ours alone; they mean nothing to another computer or after a restart.
package struct Moment: Hashable, Comparable, Sendable {
  /// Nanoseconds since the clock's zero.
  package let nanoseconds: Int64

  /// The moment that many nanoseconds after the clock's zero.
  @inlinable package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Earlier than every moment a clock shows: a deadline that has passed.
  package static let distantPast = Moment(nanoseconds: 0)
  /// Later than every moment a clock shows: a deadline that never comes.
  package static let distantFuture = Moment(nanoseconds: .max)

  /// Whether the left one comes earlier.
  @inlinable package static func < (left: Moment, right: Moment) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// The moment after a duration; ends at the distant future and never overflows.
  package static func + (moment: Moment, duration: Duration) -> Moment {
    let (sum, overflow) = moment.nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
    if overflow { return Moment(nanoseconds: duration < .zero ? .min : .max) }
    return Moment(nanoseconds: sum)
  }

  /// The time from an earlier moment to this one; negative where that one is later.
  package static func - (later: Moment, earlier: Moment) -> Duration {
    let (difference, overflow) = later.nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
    if overflow { return .nanoseconds(later < earlier ? Int64.min : Int64.max) }
    return .nanoseconds(difference)
  }
}

extension Duration {
  /// The duration in nanoseconds, rounded towards zero and kept within 64 bits.
  package var wholeNanoseconds: Int64 {
    // Divided in two steps: 10⁹ is 2⁹ · 5⁹, and what is left after the first one fits into 64 bits for
    // an hour, where a division of 128 bits is slow. Nodes reckon with moments all the time.
    if let part = UInt64(exactly: attoseconds >> 9) { return Int64(part / 1_953_125) }
    return Int64(clamping: attoseconds / 1_000_000_000)
  }
}
