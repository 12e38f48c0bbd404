package import Format

/// A group of everyone, and what decides which of several is the office's (C-22): those that the device
/// founded which founded the office come first, each in canonical order of the foundings.
package struct EveryoneGroup: Hashable, Sendable {
  package let id: GroupID
  /// Whether the device founded it which founded the office.
  package let isFounders: Bool
  let lamport: UInt32
  let founding: EntryID

  func isBefore(_ other: EveryoneGroup) -> Bool {
    guard isFounders == other.isFounders else { return isFounders }
    return (lamport, founding) < (other.lamport, other.founding)
  }
}
