package import Format

/// A group of everyone that the device founded which founded the office, and what decides which of several
/// is the office's (C-22): the canonical order of the foundings.
package struct EveryoneGroup: Hashable, Sendable {
  package let id: GroupID
  let lamport: UInt32
  let founding: EntryID

  func isBefore(_ other: EveryoneGroup) -> Bool {
    (lamport, founding) < (other.lamport, other.founding)
  }
}
