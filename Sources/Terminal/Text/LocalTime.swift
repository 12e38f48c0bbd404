/// A point in time as the clock on the wall shows it, taken apart by whoever knows the time zone.
package struct LocalTime: Equatable, Sendable {
  package let year: Int
  /// 1 to 12.
  package let month: Int
  package let day: Int
  package let hour: Int
  package let minute: Int
  package let second: Int
  package init(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
  }

  /// The whole of it: `2026-11-23 14:20:11`.
  package var full: String { "\(date) \(clock):\(two(second))" }

  /// As short as it can be while it stays clear to somebody who looks at `now`: `14:20` today,
  /// `23 Nov 14:20` this year, `2025-11-23 14:20` otherwise.
  package func short(now: LocalTime) -> String {
    guard year == now.year else { return "\(date) \(clock)" }
    guard month == now.month, day == now.day else { return "\(day) \(monthName) \(clock)" }
    return clock
  }

  /// The day alone: `23 Nov 2026`.
  package var dayWords: String { "\(day) \(monthName) \(four(year))" }

  private var clock: String { "\(two(hour)):\(two(minute))" }
  private var date: String { "\(four(year))-\(two(month))-\(two(day))" }

  private var monthName: String {
    let names = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    return (1...12).contains(month) ? names[month - 1] : "?"
  }
}

/// How long ago something was, in the largest unit that is not zero.
package func age(seconds: Int64) -> String {
  switch seconds {
  case ..<(-90): "ahead of this computer's clock"
  case ..<5: "just now"
  case ..<60: "\(seconds) s ago"
  case ..<3600: "\(seconds / 60) min ago"
  case ..<86_400: "\(seconds / 3600) h ago"
  case ..<172_800: "1 day ago"
  default: "\(seconds / 86_400) days ago"
  }
}

/// How long something lasts, in the largest unit that is not zero.
package func duration(seconds: Int64) -> String {
  switch seconds {
  case ..<60: "\(max(0, seconds)) s"
  case ..<3600: "\(seconds / 60) min"
  case ..<172_800: "\(seconds / 3600) h"
  default: "\(seconds / 86_400) days"
  }
}

private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

private func four(_ number: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
}
