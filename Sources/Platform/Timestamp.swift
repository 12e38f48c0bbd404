/// What a clock on the wall claims: milliseconds since 1970 in UTC. Never trusted for order.
package struct Timestamp: Hashable, Comparable, Sendable {
  package let milliseconds: UInt64

  /// The time that many milliseconds after 1970 began.
  @inlinable package init(milliseconds: UInt64) { self.milliseconds = milliseconds }

  /// Whether the left one claims an earlier time.
  @inlinable package static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.milliseconds < right.milliseconds
  }
}
