/// What one device may make others keep, counted from what lies on disks alone.
extension Book {
  /// The entries of feeds of these devices that no entry of anybody else names by which others need them:
  /// of more of those than there is room for each keeps what came first.
  func uncited(by devices: Set<Long>) -> Set<Long> {
    if devices.isEmpty { return [] }
    let named = feedsNamed(by: heeded)
    return Set(
      entries.filter { devices.contains($0.value.device) && !named.contains($0.value.entry.feed) }
        .keys)
  }

  /// What somebody honest wrote, and what that has in its past.
  ///
  /// What else is written by somebody who lies may stand behind what ends its feed (F-5, F-6), and nothing
  /// waits for what is named there.
  private var heeded: [Known] {
    var heeded = entries.filter { !liars.contains($0.value.device) }
    var open = Array(heeded.values)
    while let known = open.popLast() {
      for cause in past(of: known.entry) ?? []
      where heeded.updateValue(cause, forKey: cause.entry.id) == nil { open.append(cause) }
    }
    return Array(heeded.values)
  }

  /// The feeds that entries name which are others than those of the same device.
  private func feedsNamed(by some: some Sequence<Known>) -> Set<Short> {
    var named: Set<Short> = []
    for known in some {
      for dep in known.entry.deps where authors[dep.feed] != known.device { named.insert(dep.feed) }
    }
    return named
  }

  /// What a device has of more than one may have, among the entries of one disk; nil where it has not.
  ///
  /// Feeds that others name count as theirs do, and may be beyond it.
  func surplus(of device: Long, in held: Set<Long>) -> String? {
    let known = held.compactMap { entries[$0] }
    let named = feedsNamed(by: known)
    var feeds: [Long: Int] = [:]
    var groups = 0
    for one in known where one.device == device && one.entry.seq == 0 {
      if !named.contains(one.entry.feed) { feeds[one.entry.group, default: 0] += 1 }
      if one.entry.group == one.entry.id { groups += 1 }
    }
    if let most = feeds.values.max(), most > Self.feedsMax {
      return "\(most) feeds of \(device.first.text) in one group"
    }
    return groups > Self.groupsMax ? "\(groups) groups of \(device.first.text)" : nil
  }

  /// The limits as 10-limits states them: `feedsPerDeviceMax` and `groupsPerDeviceMax`.
  private static let feedsMax = 256
  private static let groupsMax = 1_024
}
