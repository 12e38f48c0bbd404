import Authority
import Format
import Platform
import Replication

/// Clocks decide nothing but when a ticket expires; where they differ it is said whose is off.
extension NodeLoop {
  /// Two clocks that differ by less are taken for equal, in milliseconds.
  private static let tolerance: UInt64 = 120_000

  /// How far the clocks of others are ahead of the own one, as far as they are known: one of each
  /// member of the office, that of its devices which is nearest, or one person with two computers
  /// would tell somebody else the time.
  private var differences: [Int64] {
    guard let office else { return [] }
    let own = Int64(clamping: clock.wall().milliseconds) - clock.now().milliseconds
    let roster = office.replica.rosterNow()
    var nearest: [MemberID: Int64] = [:]
    for (key, lead) in clockLeads {
      guard let device = roster.device(key), device.isLive else { continue }
      let off = lead - own
      let known = nearest[device.member]
      // Of two that are as far off in two directions either will do, but always the same.
      if known.map({ ($0.magnitude, $0) > (off.magnitude, off) }) ?? true {
        nearest[device.member] = off
      }
    }
    return Array(nearest.values)
  }

  /// How far the median of all clocks is ahead of the own one, in milliseconds, where that is too
  /// far.
  ///
  /// The own clock counts as one of them, or a single wrong clock elsewhere would pass for ours.
  /// Of two that differ nobody can say which is right: then both computers say that they differ.
  func clockOff() -> Int64? {
    let others = differences
    guard !others.isEmpty else { return nil }
    let sorted = (others.count > 1 ? others + [0] : others).sorted()
    let (low, high) = (sorted[(sorted.count - 1) / 2], sorted[sorted.count / 2])
    let median = low.magnitude < high.magnitude ? low : high
    return median.magnitude > Self.tolerance ? median : nil
  }

  /// Lets tickets expire by the time that most agree on.
  func compareClocks() {
    let own = Int64(clamping: clock.wall().milliseconds) - clock.now().milliseconds
    office?.agreedLead = differences.count > 1 ? clockOff().map { $0 + own } : nil
  }

  /// What is the case, as one sentence without a full stop.
  func clockWords(_ off: Int64) -> String {
    differences.count > 1
      ? "the clock of this computer is \(spelled(off)) \(off < 0 ? "ahead" : "behind")"
      : "the clocks of this computer and the other one differ by \(spelled(off))"
  }

  /// Says of a linked device whose clock is off, where ours is not.
  func clockTrouble(of device: DeviceKey) -> String? {
    let own = Int64(clamping: clock.wall().milliseconds) - clock.now().milliseconds
    guard clockOff() == nil, let lead = clockLeads[device] else { return nil }
    let off = lead - own
    guard off.magnitude > Self.tolerance else { return nil }
    return "its clock is \(spelled(off)) \(off < 0 ? "behind" : "ahead")"
  }

  private func spelled(_ milliseconds: Int64) -> String {
    let minutes = milliseconds.magnitude / 60_000
    if minutes >= 2_880 { return "\(minutes / 1_440) days" }
    if minutes >= 120 { return "\(minutes / 60) hours" }
    return "\(minutes) minutes"
  }
}

extension Moment {
  /// Milliseconds since the computer was started.
  var milliseconds: Int64 { nanoseconds / 1_000_000 }
}
