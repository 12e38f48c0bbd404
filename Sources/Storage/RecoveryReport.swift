package import Format

/// What opening a store found; everything but `damages` is ordinary after a crash.
package struct RecoveryReport: Sendable {
  /// Places that cannot be read, none of which was changed.
  package var damages: [Damage] = []
  /// Ends of logs that were cut off because nothing vouched that they were ever flushed.
  package var cuts: [TailCut] = []
  package var groups = 0
  package var records = 0
  package var entries = 0
  /// Record groups of which a newer copy was found.
  package var repeated = 0
  /// Names in the data directory's `logs` that no store gave.
  package var strangers: [String] = []

  package init() {}

  /// Adds what was found in the log of one group.
  mutating func add(_ other: RecoveryReport) {
    damages += other.damages
    cuts += other.cuts
    strangers += other.strangers
    groups += 1
    records += other.records
    entries += other.entries
    repeated += other.repeated
  }
}

/// Bytes taken off the end of a log.
package struct TailCut: Hashable, Sendable {
  package let group: GroupID
  package let segment: UInt32
  package let offset: UInt64
  package let length: UInt64

  package init(group: GroupID, segment: UInt32, offset: UInt64, length: UInt64) {
    (self.group, self.segment, self.offset, self.length) = (group, segment, offset, length)
  }
}
