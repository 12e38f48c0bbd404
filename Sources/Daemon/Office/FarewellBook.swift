import Format
import Platform

/// How much removed devices were shown of late of what led to their removal: whoever links again and
/// again, and never says that it holds some of it, does not get all of it each time; nor does whoever
/// makes device after device, without a right to (H-5).
struct FarewellBook {
  private struct Shown {
    let since: Moment
    /// The members who are to blame that there is this device.
    let blamed: Set<MemberID>
    /// How many entries may be written to its links in that time.
    var allowed: Int
    /// How many were; a link on which few are written counts for a sixteenth of what the device lacks,
    /// for to find that out costs, too.
    var written = 0
  }

  /// The part of what is lacking for which a link counts at least.
  private static let linkShare = 16
  private var shown: [DeviceKey: Shown] = [:]

  /// Whether a device for which these are to blame is shown its removal now; to be asked before that is
  /// worked out.
  func allows(_ device: DeviceKey, of blamed: Set<MemberID>, at now: Moment) -> Bool {
    if let known = shown[device], isLate(known, now) { return known.written < known.allowed }
    return blamed.allSatisfy { member in
      let others = shown.values.filter { $0.blamed.contains(member) && isLate($0, now) }
      return others.count < Limits.farewellDevicesMax
    }
  }

  /// Whether a device that is being shown its removal is shown more of it.
  func allowsMore(to device: DeviceKey, at now: Moment) -> Bool {
    allows(device, of: [], at: now)
  }

  /// Notes that a device which lacks so many entries is shown them.
  mutating func begin(
    _ device: DeviceKey, of blamed: Set<MemberID>, lacking count: Int, at now: Moment
  ) {
    shown = shown.filter { isLate($0.value, now) }
    // A few are soon written again. Whose disk was put back lacks more than it did.
    let allowed = Limits.farewellTimesMax * (count + Self.linkShare)
    let known = shown[device]?.allowed ?? 0
    shown[device, default: Shown(since: now, blamed: blamed, allowed: allowed)].allowed =
      max(known, allowed)
    shown[device]?.written += count / Self.linkShare + 1
  }

  mutating func wrote(_ count: Int, to device: DeviceKey) { shown[device]?.written += count }

  private func isLate(_ known: Shown, _ now: Moment) -> Bool {
    now < known.since + .seconds(Limits.farewellForgetSeconds)
  }
}
