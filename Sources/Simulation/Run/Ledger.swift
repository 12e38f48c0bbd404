import Control
import Format
import TestSupport

/// What people were told is sent, kept apart from the product: none of it may be lost or doubled.
struct Ledger {
  struct Message {
    let group: String
    let text: String
    let id: [UInt8]
  }

  /// By the group's title.
  private var begun: [String: Set<String>] = [:]
  /// By the entry that the author's node named.
  private var acknowledged: [Long: Message] = [:]
  /// What no disk holds any more, through nobody's fault but the disk's.
  private(set) var excused: Set<Long> = []
  /// Where somebody said which words.
  private var sayings: [String: Set<Int>] = [:]
  private var count = 0

  /// A new message that nobody else writes.
  mutating func begin(_ group: String) -> Message {
    count += 1
    let text = "\(group) \(count)"
    begun[group, default: []].insert(text)
    return Message(group: group, text: text, id: SeededRandomness.bytes(16))
  }

  /// Somebody says it at a host, for the first time or again.
  mutating func say(_ message: Message, at host: Int) {
    sayings[message.text, default: []].insert(host)
  }

  /// The hosts at which somebody said these words; nil where nobody did.
  func hosts(saying text: String) -> Set<Int>? { sayings[text] }

  /// The author's node said that it is durable.
  mutating func acknowledge(_ message: Message, as entry: Long) { acknowledged[entry] = message }

  /// The only disk that held these is gone.
  mutating func excuse(_ entries: Set<Long>) { excused.formUnion(entries) }

  /// What is wrong with what a node shows of a group, if anything. `counts` says whether what was
  /// acknowledged must be shown, `mayDouble` whether a message may stand there beside another copy.
  func fault(
    in shown: [Shown], of group: String, counts: (Long) -> Bool, mayDouble: (Long) -> Bool
  ) -> String? {
    let texts = shown.compactMap(\.text)
    let once = shown.filter { !mayDouble($0.entry) }.compactMap(\.text)
    if Set(once).count < once.count { return "a message is there twice" }
    let entries = Set(shown.map(\.entry))
    let missing = acknowledged.filter {
      $0.value.group == group && !entries.contains($0.key) && !excused.contains($0.key)
        && counts($0.key)
    }
    if let lost = missing.values.map(\.text).min() {
      return "\"\(lost)\" was acknowledged and is lost"
    }
    if let foreign = Set(texts).subtracting(begun[group, default: []]).min() {
      return "\"\(foreign)\" was never written"
    }
    for message in shown {
      guard let text = message.text, let said = acknowledged[message.entry], said.text != text
      else { continue }
      return "\"\(said.text)\" is shown as \"\(text)\""
    }
    return nil
  }

  /// How many messages were acknowledged.
  var acknowledgedCount: Int { acknowledged.count }

  /// What was acknowledged and is not excused so far.
  var demanded: Set<Long> { Set(acknowledged.keys).subtracting(excused) }

  /// How many of these need not be there.
  var excusedCount: Int { acknowledged.keys.count { excused.contains($0) } }

  /// The entries that say this, in an order that is the same in every run.
  func entries(saying text: String) -> [Long] {
    acknowledged.filter { $0.value.text == text }.keys.sorted()
  }
}

/// A message as a node shows it.
struct Shown {
  let entry: Long
  /// Nil where this device cannot open it.
  let text: String?
  let isLate: Bool
}
