import Format
import Platform

/// How much removed devices were shown of late of what led to their removal: whoever links again and
/// again, and never says that it holds some of it, does not get all of it each time (H-5).
struct FarewellBook {
  private struct Shown {
    let since: Moment
    /// How many entries may be written to its links in that time.
    let allowed: Int
    /// How many were; a link on which few are written counts for a sixteenth of what the device lacks,
    /// for to find that out costs, too.
    var written = 0
  }

  /// The part of what is lacking for which a link counts at least.
  private static let linkShare = 16
  private var shown: [DeviceKey: Shown] = [:]

  /// Whether a device is shown its removal now; to be asked before that is worked out.
  func allows(_ device: DeviceKey, at now: Moment) -> Bool {
    guard let known = shown[device], isLate(known, now) else { return true }
    return known.written < known.allowed
  }

  /// Notes that a device which lacks so many entries is shown them.
  mutating func begin(_ device: DeviceKey, lacking count: Int, at now: Moment) {
    shown = shown.filter { isLate($0.value, now) }
    if shown[device] == nil {
      // A few are soon written again.
      let allowed = Limits.farewellTimesMax * (count + Self.linkShare)
      shown[device] = Shown(since: now, allowed: allowed)
    }
    shown[device]?.written += count / Self.linkShare + 1
  }

  mutating func wrote(_ count: Int, to device: DeviceKey) { shown[device]?.written += count }

  private func isLate(_ known: Shown, _ now: Moment) -> Bool {
    now < known.since + .seconds(Limits.farewellForgetSeconds)
  }
}
