import Authority
import Format

/// What was asked in one state of a group about who is in it no more: worked out once for each member, for
/// a peer may say over and over what it holds.
final class GroupEnds {
  let membership: GroupMembership
  private var endings: [MemberID: [GroupEnding]] = [:]
  private var endedByOffice: [MemberID: Bool] = [:]
  /// How often something was worked out; tests of cost count by it.
  private(set) var count = 0

  init(_ membership: GroupMembership) { self.membership = membership }

  /// What ended that a member was in the group.
  func endings(of member: MemberID, orElse find: () -> [GroupEnding]) -> [GroupEnding] {
    if let known = endings[member] { return known }
    count += 1
    let found = find()
    endings[member] = found
    return found
  }

  /// Whether the office alone ended that a member might change the list of the group.
  func isEndedByOffice(_ member: MemberID, orElse find: () -> Bool) -> Bool {
    if let known = endedByOffice[member] { return known }
    count += 1
    let found = find()
    endedByOffice[member] = found
    return found
  }
}
