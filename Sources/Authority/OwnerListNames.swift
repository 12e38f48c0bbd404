import Format

/// What owner lists say and follow: entries of the same previous list and the same members are one
/// list, for the signatures under it stand in the log for everybody to write again.
struct OwnerListNames {
  private struct Name: Hashable {
    let previous: Int?
    let members: [MemberID]
  }

  private var numbers: [Name: Int] = [:]
  /// Of each list by its number the one that it follows; nil where that is the founder's.
  private var previous: [Int?] = []
  /// Of each entry the number of the list that it states.
  private var lists: [Int: Int] = [:]

  /// Takes in an entry that states a list, with the entry that this names as its previous; nil where it
  /// names none.
  mutating func insert(_ entry: Int, _ list: Operation.OwnerList, after before: Int?) {
    let name = Name(previous: before.flatMap { lists[$0] }, members: list.members)
    let number = numbers[name] ?? previous.count
    if numbers.updateValue(number, forKey: name) == nil { previous.append(name.previous) }
    lists[entry] = number
  }

  /// The list that an entry states; nil for no entry, and for one that states none.
  func list(_ entry: Int?) -> Int? { entry.flatMap { lists[$0] } }

  /// The list that a list follows; nil where that is the founder's.
  func previous(_ list: Int) -> Int? { previous[list] }
}
