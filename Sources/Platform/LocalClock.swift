internal import Glibc

/// A time on the wall of this computer's zone.
package struct WallTime: Hashable, Sendable {
  package var year: Int
  /// 1 to 12.
  package var month: Int
  package var day: Int
  package var hour: Int
  package var minute: Int
  package var second: Int

  /// A time in parts, not looked at.
  package init(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
  }

  /// The parts of a time in milliseconds since 1970; nil for a year that no calendar has.
  package init?(milliseconds: Int64) {
    var seconds = time_t(milliseconds / 1000)
    if milliseconds % 1000 < 0 { seconds -= 1 }
    var parts = unsafe tm()
    // localtime_r fills one tm and keeps nothing.
    guard unsafe localtime_r(&seconds, &parts) != nil else { return nil }
    unsafe self.init(
      year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
      hour: Int(parts.tm_hour), minute: Int(parts.tm_min), second: Int(parts.tm_sec))
  }

  /// The milliseconds since 1970; nil where the parts are no time.
  ///
  /// An hour that a change of the clocks leaves out counts as the one beside it.
  package var milliseconds: Int64? {
    guard (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day),
      (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
    else { return nil }
    var parts = unsafe tm()
    unsafe parts.tm_year = Int32(year - 1900)
    unsafe parts.tm_mon = Int32(month - 1)
    unsafe parts.tm_mday = Int32(day)
    unsafe parts.tm_hour = Int32(hour)
    unsafe parts.tm_min = Int32(minute)
    unsafe parts.tm_sec = Int32(second)
    unsafe parts.tm_isdst = -1
    let seconds = unsafe mktime(&parts)
    return Int64(seconds) * 1000
  }
}
