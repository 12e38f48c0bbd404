/// A point in time as somebody claimed it: milliseconds since 1970 and the same as ISO 8601 text.
///
/// Programs count with `ms`, people read `utc`; a reader takes `ms` and ignores `utc`.
package struct ClaimedTime: Codable, Hashable, Comparable, Sendable {
  package let ms: Int64

  /// The first and last millisecond that four digits of a year can show.
  package static let msMin: Int64 = -62_135_596_800_000
  package static let msMax: Int64 = 253_402_300_799_999

  /// A claimed time; one outside the years 1 to 9999 counts as the nearest within.
  package init(ms: Int64) {
    self.ms = min(max(ms, Self.msMin), Self.msMax)
  }

  /// The time as `2026-11-23T14:20:11.042Z`.
  package var utc: String {
    let days = ms.floorDivided(by: 86_400_000)
    let rest = ms - days * 86_400_000
    let (year, month, day) = Self.civil(days)
    let hour = rest / 3_600_000
    let minute = rest / 60_000 % 60
    let second = rest / 1000 % 60
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
      + "\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2)).\(padded(rest % 1000, 3))Z"
  }

  /// Year, month and day of a day counted from 1970-01-01 (days_from_civil of Howard Hinnant).
  private static func civil(_ days: Int64) -> (Int64, Int64, Int64) {
    let shifted = days + 719_468
    let era = shifted.floorDivided(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  private enum CodingKeys: String, CodingKey {
    case ms, utc
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(ms: try container.decode(Int64.self, forKey: .ms))
  }

  /// Writes `{"ms":…,"utc":…}`; only `ms` is read back.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(ms, forKey: .ms)
    try container.encode(utc, forKey: .utc)
  }

  /// Orders by the claim alone, whoever made it.
  package static func < (left: ClaimedTime, right: ClaimedTime) -> Bool { left.ms < right.ms }
}

extension Int64 {
  /// Division that rounds towards minus infinity, so that days before 1970 come out right.
  fileprivate func floorDivided(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}

/// A number with leading zeros up to a width.
private func padded(_ number: Int64, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}
