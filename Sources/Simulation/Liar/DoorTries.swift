import Format

/// How often a stranger was told a sponsor's share at doors, and so had a try (H-15).
struct DoorTries {
  /// At all doors.
  private(set) var count = 0
  /// By the host, since the door there was opened that is open or was last.
  private var sinceOpened: [Int: Int] = [:]

  /// The most that one door bears: those that failed, and what is compared while the last of them does.
  static let most = Limits.doorTriesMax + Limits.knocksMax - 1

  /// A door is opened at a host where none is open.
  mutating func opens(at host: Int) { sinceOpened[host] = 0 }

  /// One more try; says what is wrong where it is one too many, whether the door is open still or not.
  mutating func add(at host: Int) -> String? {
    count += 1
    let since = sinceOpened[host, default: 0] + 1
    sinceOpened[host] = since
    return since > Self.most ? "a stranger had \(since) tries at one door of host \(host)" : nil
  }
}
