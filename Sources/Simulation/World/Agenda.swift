internal import Format
import Platform

/// What is to happen, in order: by moment, then by host, then as it was written down.
struct Agenda {
  private struct Item {
    let moment: Moment
    let host: Int
    let number: UInt64
    let action: () -> Void

    static func < (left: Item, right: Item) -> Bool {
      (left.moment, left.host, left.number) < (right.moment, right.host, right.number)
    }
  }

  /// A heap, the next one first.
  private var items: [Item] = []
  private var written: UInt64 = 0

  var next: Moment? { items.first?.moment }

  mutating func add(at moment: Moment, host: Int, _ action: @escaping () -> Void) {
    written += 1
    items.append(Item(moment: moment, host: host, number: written, action: action))
    var at = items.count - 1
    while at > 0, items[at] < items[(at - 1) / 2] {
      items.swapAt(at, (at - 1) / 2)
      at = (at - 1) / 2
    }
  }

  /// Takes out the next one, where it is due.
  mutating func take(until moment: Moment) -> (moment: Moment, action: () -> Void)? {
    guard let first = items.first, first.moment <= moment else { return nil }
    let last = items.removeLast()
    if !items.isEmpty {
      items[0] = last
      sink()
    }
    return (first.moment, first.action)
  }

  private mutating func sink() {
    var at = 0
    while true {
      var least = at
      for child in [2 * at + 1, 2 * at + 2] where child < items.count && items[child] < items[least]
      {
        least = child
      }
      if least == at { return }
      items.swapAt(at, least)
      at = least
    }
  }
}
