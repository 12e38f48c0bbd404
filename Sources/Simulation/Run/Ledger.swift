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
  private var acknowledged: [String: Set<String>] = [:]
  private var count = 0

  /// A new message that nobody else writes.
  mutating func begin(_ group: String) -> Message {
    count += 1
    let text = "\(group) \(count)"
    begun[group, default: []].insert(text)
    return Message(group: group, text: text, id: SeededRandomness.bytes(16))
  }

  /// The author's node said that it is durable.
  mutating func acknowledge(_ message: Message, as entry: HexIdentifier) {
    acknowledged[message.group, default: []].insert(message.text)
  }

  /// What is wrong with what a node shows of a group, if anything.
  func check(_ texts: [String], of group: String) -> String? {
    let shown = Set(texts)
    if shown.count < texts.count { return "a message is there twice" }
    if let lost = acknowledged[group, default: []].subtracting(shown).min() {
      return "\"\(lost)\" was acknowledged and is lost"
    }
    if let foreign = shown.subtracting(begun[group, default: []]).min() {
      return "\"\(foreign)\" was never written"
    }
    return nil
  }

  /// How many messages were acknowledged.
  var acknowledgedCount: Int { acknowledged.values.reduce(0) { $0 + $1.count } }
}
