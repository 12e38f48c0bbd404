/// A bounded memory of answers: at the bound the older half is forgotten.
struct RecentValues<Key: Hashable, Value> {
  private let capacity: Int
  private var values: [Key: Value] = [:]
  private var order: [Key] = []

  init(capacity: Int) { self.capacity = capacity }

  /// The remembered answers, the newest first.
  var newestFirst: some Sequence<Value> { order.reversed().lazy.compactMap { values[$0] } }

  subscript(key: Key) -> Value? {
    get { values[key] }
    set {
      if values[key] == nil {
        if order.count >= capacity {
          for old in order.prefix(capacity / 2) { values[old] = nil }
          order.removeFirst(capacity / 2)
        }
        order.append(key)
      }
      values[key] = newValue
    }
  }

  /// Forgets the answers to these keys.
  mutating func removeAll(where isStale: (Key) -> Bool) {
    let stale = Set(order.filter(isStale))
    guard !stale.isEmpty else { return }
    for key in stale { values[key] = nil }
    order.removeAll { stale.contains($0) }
  }

  mutating func removeAll() {
    values.removeAll()
    order.removeAll()
  }
}
