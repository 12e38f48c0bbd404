/// A time as a person typed it.
package enum TimeInput: Equatable, Sendable {
  /// So many seconds before now: `90s`, `15m`, `2h`, `3d`, `2w`.
  case ago(seconds: Int64)
  /// A time on the wall: `14:20` (today), `yesterday`, `2026-11-23`, `2026-11-23 14:20:11`.
  case wall(LocalTime)
  /// Milliseconds since 1970, written `@1795443611123`.
  case milliseconds(Int64)

  /// What may be typed, for help and hints.
  package static let examples =
    "15m, 2h, 3d, 14:20, today, yesterday, 2026-11-23 or \"2026-11-23 14:20\""

  /// Reads a time; nil if it is none.
  package init?(_ text: String, now: LocalTime) {
    switch text {
    case "today": self = .wall(now.at(hour: 0, minute: 0, second: 0))
    case "yesterday": self = .wall(now.dayBefore)
    default:
      if let input = Self.elapsed(text) ?? Self.clock(text, now) ?? Self.dated(text) {
        self = input
      } else {
        return nil
      }
    }
  }

  private static func elapsed(_ text: String) -> TimeInput? {
    if text.hasPrefix("@"), let ms = digits(text.dropFirst(), 1...15) { return .milliseconds(ms) }
    guard let unit = text.last, let count = digits(text.dropLast(), 1...9) else { return nil }
    switch unit {
    case "s": return .ago(seconds: count)
    case "m": return .ago(seconds: count * 60)
    case "h": return .ago(seconds: count * 3600)
    case "d": return .ago(seconds: count * 86_400)
    case "w": return .ago(seconds: count * 604_800)
    default: return nil
    }
  }

  private static func clock(_ text: String, _ now: LocalTime) -> TimeInput? {
    hands(text).map { .wall(now.at(hour: $0.0, minute: $0.1, second: $0.2)) }
  }

  private static func dated(_ text: String) -> TimeInput? {
    let halves = text.split(
      omittingEmptySubsequences: false, whereSeparator: { $0 == " " || $0 == "T" })
    guard halves.count == 1 || halves.count == 2 else { return nil }
    let parts = halves[0].split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, let year = digits(parts[0], 4...4), year > 0,
      let month = digits(parts[1], 1...2), (1...12).contains(month),
      let day = digits(parts[2], 1...2),
      (1...LocalTime.days(inMonth: Int(month), of: Int(year))).contains(Int(day))
    else { return nil }
    guard let time = halves.count == 2 ? hands(String(halves[1])) : (0, 0, 0) else { return nil }
    return .wall(
      LocalTime(
        year: Int(year), month: Int(month), day: Int(day), hour: time.0, minute: time.1,
        second: time.2))
  }

  private static func hands(_ text: String) -> (Int, Int, Int)? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3, let hour = digits(parts[0], 1...2), hour < 24,
      let minute = digits(parts[1], 2...2), minute < 60,
      let second = parts.count == 3 ? digits(parts[2], 2...2) : 0, second < 60
    else { return nil }
    return (Int(hour), Int(minute), Int(second))
  }

  private static func digits(_ text: some StringProtocol, _ count: ClosedRange<Int>) -> Int64? {
    guard count.contains(text.utf8.count), text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
    else { return nil }
    return Int64(text)
  }
}

extension LocalTime {
  fileprivate func at(hour: Int, minute: Int, second: Int) -> LocalTime {
    LocalTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
  }

  /// Midnight at the beginning of the day before.
  fileprivate var dayBefore: LocalTime {
    if day > 1 {
      return LocalTime(year: year, month: month, day: day - 1, hour: 0, minute: 0, second: 0)
    }
    let earlier = month > 1 ? (year, month - 1) : (year - 1, 12)
    let last = Self.days(inMonth: earlier.1, of: earlier.0)
    return LocalTime(
      year: earlier.0, month: earlier.1, day: last, hour: 0, minute: 0, second: 0)
  }

  static func days(inMonth month: Int, of year: Int) -> Int {
    switch month {
    case 4, 6, 9, 11: 30
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    default: 31
    }
  }
}
