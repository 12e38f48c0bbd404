import Format

/// Some bytes of an entry, what they are and which rule speaks about them.
struct Field: Sendable {
  let offset: Int
  let bytes: [UInt8]
  let name: String
  let meaning: String
  let rule: String
  /// Said instead of the bytes, where they are secret or somebody's words.
  var hidden: String?

  var hexLines: [String] { hidden.map { [$0] } ?? digits(bytes) }
}

/// Hexadecimal digits, 16 bytes a line.
func digits(_ bytes: [UInt8]) -> [String] {
  stride(from: 0, to: bytes.count, by: 16).map { start in
    hex(bytes[start..<min(start + 16, bytes.count)])
  }
}

/// Takes an entry apart, field by field.
enum FieldWalk {
  /// Every field of a header that was read from the store, which has checked it.
  static func header(_ batch: Batch, _ entry: EntrySummary) -> [Field] {
    let bytes = Array(batch.records[Int(entry.headerAt)..<entry.bodyAt])
    guard let header = try? EntryHeader(decoding: bytes) else { return [] }
    var fields: [Field] = []
    func add(_ offset: Int, _ count: Int, _ name: String, _ meaning: String, _ rule: String) {
      fields.append(
        Field(
          offset: offset, bytes: Array(bytes[offset..<offset + count]), name: name,
          meaning: meaning, rule: rule))
    }
    let isFirst = header.seq == 0
    add(0, 1, "fmt", "format 1", "E-1")
    add(1, 1, "kind", kindName(entry.kind), "E-2")
    add(2, 2, "flags", flags(header.flags), "E-10")
    add(4, 32, "group_id", header.group.isZero ? "founds the group" : "", "E-12")
    add(36, 16, "feed_id", isFirst ? "a genesis" : "", isFirst ? "E-5" : "E-12")
    add(52, 4, "seq", "\(header.seq)", "E-5")
    add(56, 32, "prev", isFirst ? "none" : "entry \(header.seq - 1)", isFirst ? "E-5" : "F-1")
    add(88, 8, "wall_ms", claimedTime(header.wallMilliseconds), "F-7")
    add(96, 4, "lamport", "\(header.lamport)", "F-5")
    add(100, 16, "epoch_id", header.epoch.isZero ? "not encrypted for a group" : "", "E-9")
    add(116, 4, "body_size", "\(header.bodySize)", "E-4")
    add(120, 32, "body_hash", header.bodySize == 0 ? "no body" : "", "E-20")
    add(152, 1, "ndeps", "\(header.deps.count)", "E-6")
    for (index, dep) in header.deps.enumerated() {
      add(
        HeaderLayout.deps + Reference.size * index, Reference.size, "dep",
        "\(short(dep.feed)):\(dep.seq)", "F-4")
    }
    var at = HeaderLayout.deps + Reference.size * header.deps.count
    add(at, 2, "ext length", "\(bytes.count - at - 2)", "E-7")
    at += 2
    for fact in header.ext {
      add(
        at, 2 + fact.value.count, "ext \(fact.type)", isFirst ? factName(fact.type) : "",
        isFirst ? "E-11" : "E-7")
      at += 2 + fact.value.count
    }
    return fields
  }

  /// The fields of a body, as far as they may be shown: never a secret, never anybody's words.
  static func body(_ batch: Batch, _ entry: EntrySummary, isOffice: Bool) -> [Field] {
    let bytes = batch.body(entry) ?? []
    var walk = BodyWalk(bytes)
    switch EntryKind(rawValue: entry.kind) {
    case .genesis where bytes.count == OfficeGenesis.size: walk.officeGenesis()
    case .control: walk.operation()
    case .epoch: walk.epoch()
    case .message where isOffice:
      walk.hide(bytes.count, "content", "a name; --bodies shows it", "E-17")
    case .message:
      walk.take(24, "nonce", "", "K-7")
      walk.take(bytes.count - 40, "ciphertext", "padded content", "K-6")
      walk.take(16, "tag", "", "K-7")
    default: walk.take(bytes.count, "body", "of a kind without effect here", "E-2")
    }
    walk.rest()
    return walk.fields
  }

  private static func flags(_ flags: UInt16) -> String {
    if flags == 0 { return "none" }
    if flags & 0xff00 != 0 { return "critical, of a later version" }
    return flags == 1 ? "no text" : "ignorable"
  }

  private static func factName(_ type: UInt8) -> String {
    let names = [
      "", "device key", "certificate", "nonce", "office_id", "kind of group", "two members",
      "group flags",
    ]
    return Int(type) < names.count ? names[Int(type)] : "of a later version"
  }
}

/// Milliseconds since 1970 as a date in UTC, for a time that somebody claims.
func claimedTime(_ milliseconds: UInt64) -> String {
  // Days to a date of the Gregorian calendar, counted from 1 March of year 0.
  let seconds = milliseconds / 1_000
  let days = seconds / 86_400
  guard days < 3_000_000 else { return "\(milliseconds) ms, beyond any calendar" }
  let shifted = days + 719_468
  let era = shifted / 146_097
  let dayOfEra = shifted % 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let monthIndex = (5 * dayOfYear + 2) / 153
  let day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
  let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
  let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  func two(_ number: UInt64) -> String { number < 10 ? "0\(number)" : "\(number)" }
  let time = [seconds % 86_400 / 3_600, seconds % 3_600 / 60, seconds % 60].map(two)
  return "\(year)-\(two(month))-\(two(day)) \(time.joined(separator: ":")) UTC, claimed"
}
