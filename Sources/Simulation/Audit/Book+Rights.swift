/// Who may hold a group's log, by the entries of one disk.
extension Book {
  /// Whether these entries say that a device may hold a group's log, or might once.
  func mayHold(_ device: Long, _ group: Long, where isHeld: (Long) -> Bool) -> Bool {
    !rights.grounds(of: device, in: group, where: isHeld).isEmpty
  }

  /// Whether these entries say beyond doubt that a device may hold a group's log: nobody took anything from
  /// it, nor may whoever gave it the right have had none, and all that this hangs on is there.
  func isEntitled(_ device: Long, in group: Long, by held: Set<Long>) -> Bool {
    guard let member = members(of: device).first, !lowered.contains(member),
      removals(ofDevice: device).isEmpty, !isLowered(member, in: group)
    else { return false }
    var doubts = Doubts(self, without: [])
    if offices.contains(group) {
      return certificates.contains {
        $0.device == device && isWhole($0.entry, in: held) && !doubts.mayBeInVain($0.entry)
      }
    }
    return rights.grounds(of: device, in: group, where: held.contains).contains { ground in
      !ground.isByTicket
        && ground.entries.allSatisfy {
          isWhole($0, in: held) && !isOfLiar($0) && !doubts.mayBeInVain($0)
        }
    }
  }

  /// Whether an entry lies on a disk with all its past, so that nothing of it waits (F-4).
  private func isWhole(_ entry: Long, in held: Set<Long>) -> Bool {
    guard let known = entries[entry] else { return false }
    var (open, seen): ([Known], Set<Long>) = ([known], [entry])
    while let known = open.popLast() {
      guard held.contains(known.entry.id), let past = past(of: known.entry) else { return false }
      for cause in past where seen.insert(cause.entry.id).inserted { open.append(cause) }
    }
    return true
  }

  /// The feeds of a device in a group of which something is among these entries.
  func feeds(of device: Long, in group: Long, among held: Set<Long>) -> Set<Short> {
    Set(
      held.compactMap { entries[$0] }.filter { $0.device == device && $0.entry.group == group }
        .map(\.entry.feed))
  }

  /// The groups of which a disk holds what a device wrote.
  func groups(of device: Long, among held: Set<Long>) -> Set<Long> {
    Set(held.compactMap { entries[$0] }.filter { $0.device == device }.map(\.entry.group))
  }
}
