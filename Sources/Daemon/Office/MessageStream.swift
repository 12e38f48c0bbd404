import Control
import Format

/// All messages of all groups in the order in which this node admitted them, for followers.
struct MessageStream {
  /// Changes with every start, for the order is only this start's.
  private let start: [UInt8]
  private var groups: [GroupID] = []
  private var numbers: [GroupID: UInt32] = [:]
  private var rows: [(group: UInt32, index: UInt32)] = []
  private var taken: [GroupID: Int] = [:]

  init(start: [UInt8]) { self.start = Array(start.prefix(8)) }

  var count: Int { rows.count }

  /// The group and the index in its arrivals of one message.
  subscript(position: Int) -> (group: GroupID, index: Int) {
    let row = rows[position]
    return (groups[Int(row.group)], Int(row.index))
  }

  /// Takes in that a group has that many arrivals now.
  mutating func extend(_ group: GroupID, to count: Int) {
    let known = taken[group] ?? 0
    guard count > known else { return }
    let number = numbers[group] ?? UInt32(groups.count)
    if numbers[group] == nil {
      numbers[group] = number
      groups.append(group)
    }
    for index in known..<count { rows.append((number, UInt32(index))) }
    taken[group] = count
  }

  /// A place in the stream, as programs hand it back.
  func cursor(at position: Int) -> HexIdentifier {
    var writer = Writer()
    writer.append(start)
    writer.u64(UInt64(position))
    return identifier(writer.bytes)
  }

  /// The place a cursor of this stream stands for; nil for one of an earlier start.
  func position(_ cursor: HexIdentifier) -> Int? {
    let bytes = cursor.bytes
    guard bytes.count == 16, Array(bytes[..<8]) == start else { return nil }
    let position = load64(bytes.raw, 8)
    return position <= UInt64(rows.count) ? Int(position) : nil
  }
}
