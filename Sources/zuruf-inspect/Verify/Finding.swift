import Format
import Storage
import Terminal

/// One thing that is not as it should be, with all that is known of where.
struct Finding: Sendable {
  /// Whether it is wrong, or only worth saying: after a crash, or while a node is writing.
  enum Weight: String, Sendable {
    case wrong, note
  }

  var weight = Weight.wrong
  /// Nil where it is about the data directory as a whole.
  var group: GroupID?
  var place: FeedPlace?
  var seq: UInt32?
  var segment: UInt32?
  var offset: UInt64?
  var length: UInt64?
  /// The label of the rule that is broken; empty where none speaks about it.
  var rule = ""
  let text: String

  /// The line for a person.
  var line: String {
    var parts: [String] = []
    if let group { parts.append("group \(short(group))") }
    if let place { parts.append("feed \(short(place))") }
    if let seq { parts.append("entry \(seq)") }
    if let segment { parts.append("segment \(segment)") }
    if let offset, let length, length > 0 {
      parts.append("bytes \(offset) to \(offset + length - 1)")
    }
    let label = rule.isEmpty ? "" : " (\(rule))"
    let place = parts.isEmpty ? "" : "\(parts.joined(separator: ", ")): "
    return "\(weight.rawValue): \(place)\(escaped(text, .shown))\(label)\n"
  }

  /// The line for a program.
  var json: JSON {
    var fields: [(String, JSON)] = [
      ("type", .text("finding")), ("weight", .text(weight.rawValue)),
    ]
    if let group { fields.append(("group", .id(group))) }
    if let place {
      fields.append(("feed", .id(place.feed)))
      if !place.branch.isZero { fields.append(("branch", .id(place.branch))) }
    }
    if let seq { fields.append(("seq", .number(seq))) }
    if let segment { fields.append(("segment", .number(segment))) }
    if let offset { fields.append(("offset", .number(offset))) }
    if let length { fields.append(("length", .number(length))) }
    if !rule.isEmpty { fields.append(("rule", .text(rule))) }
    fields.append(("text", .text(text)))
    return .object(fields)
  }

  /// In the order of the places, so that two runs say the same.
  static func precedes(_ a: Finding, _ b: Finding) -> Bool {
    guard a.group == b.group else {
      guard let one = a.group else { return true }
      guard let other = b.group else { return false }
      return one < other
    }
    let x = (a.segment ?? .max, a.offset ?? .max, a.seq ?? 0)
    let y = (b.segment ?? .max, b.offset ?? .max, b.seq ?? 0)
    return x != y ? x < y : a.text < b.text
  }
}

extension Finding {
  /// What opening the store found to be damaged.
  init(_ damage: Damage) {
    let (rule, text): (String, String) =
      switch damage.kind {
      case .group(let fault): ("S-7", fault.description)
      case .segment(.badHead(let isRead)):
        ("S-5", SegmentFault.badHead(isRead: isRead).description)
      case .segment(.irregular): ("S-2", SegmentFault.irregular.description)
      case .segment(let fault): ("", fault.description)
      case .gap(let expected, let found):
        // A record group of a branch may say by itself no entry that is missing before it.
        (
          "S-15",
          found > expected
            ? "\(entries(expected, found - 1)) of this feed can be read nowhere"
            : "nothing that was read says what this record group continues"
        )
      case .conflict: ("S-15", "this record group contradicts entries that are held")
      case .unsigned: ("F-11", "a record group bears no signature")
      case .unreadable(let words): ("", words)
      }
    var held = ""
    if let lost = damage.lost {
      let lostEntries = entries(lost.first, lost.last)
      if case .gap(let expected, let found) = damage.kind {
        held = "; \(found > expected ? "behind them " : "")\(lostEntries) cannot be used"
      } else {
        held = "; it held \(lostEntries)"
      }
    }
    self.init(
      group: damage.group, place: damage.lost?.place, seq: damage.lost?.first,
      segment: damage.segment, offset: damage.offset, length: damage.length, rule: rule,
      text: text + held)
  }
}

/// A range of entries in words: `entry 4`, `entries 4 to 6`.
func entries(_ first: UInt32, _ last: UInt32) -> String {
  first == last ? "entry \(first)" : "entries \(first) to \(last)"
}
