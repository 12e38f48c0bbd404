/// What removals took away, and whom not, read from entries alone.
extension Book {
  /// Whether something somewhere took rights away from a member, in the office or in a group.
  func isLowered(_ member: Short, in group: Long) -> Bool {
    lowered.contains(member) || !removals(of: member, from: group).isEmpty
  }

  /// What removed a member from the office.
  func removals(of member: Short) -> [Long] {
    removals.filter { removal in
      guard removal.group == nil, case .removeMember(member) = removal.target else { return false }
      return true
    }.map(\.entry)
  }

  /// What removed a device by itself, which takes nothing from its member and from other computers of that one.
  func removals(ofDevice device: Long) -> [Removal] {
    removals.filter { removal in
      guard case .removeDevice(device) = removal.target else { return false }
      return true
    }
  }

  /// Whether an entry may lie beyond the cut of what removed the device that wrote it. Of the branches of a
  /// forked feed a cut leaves one, whatever its author knew.
  func mayBeCutOffWithDevice(_ known: Known) -> Bool {
    removals(ofDevice: known.device).contains { mayBeCutOff(known, by: $0) }
  }

  /// What removed the computer that wrote an entry, or a member of it, from the office or from the entry's group.
  func removals(naming known: Known) -> [Removal] {
    let members = members(of: known.device)
    return removals.filter { removal in
      switch removal.target {
      case .removeDevice(let device): device == known.device
      case .removeMember(let member): members.contains(member)
      case .groupRemove(let member):
        removal.group == known.entry.group && members.contains(member)
      default: false
      }
    }
  }

  private func mayBeCutOff(_ known: Known, by removal: Removal) -> Bool {
    isInBranch(known) || mayBeCutOff(known.entry.id, by: removal)
  }

  /// Whether an entry is one of two at its place, or follows where there are two.
  func isInBranch(_ known: Known) -> Bool {
    partings[known.entry.feed].map { known.entry.seq >= $0 } ?? false
  }

  /// Whether something removed a device from the office, alone or with its member, and nothing let it in again
  /// that knew of that and is not in vain. Whether what removed it has effect nobody says here. Where somebody
  /// who lies removes a device that no member is known to have, nobody hears of that.
  func mayBeOut(_ device: Long, without gone: Set<Long>) -> Bool {
    var doubts = Doubts(self, without: gone)
    let hasMember = !members(of: device).isEmpty
    let back = certificates.filter {
      $0.device == device && !isOfLiar($0.entry) && !doubts.mayBeInVain($0.entry)
    }
    return removals.contains { removal in
      removal.group == nil && targets(removal).contains(device) && (removal.isHonest || hasMember)
        && !back.contains { isAware($0.entry, of: removal.entry) }
    }
  }

  /// Whether somebody removed a member from a group, and was removed from the office or struck beside that: then
  /// the removal counts by the first word of a witness (A-14), and whom it names goes on as a member until one
  /// comes. `knows` says what that one knows of: it must know of both, and of no word of others who did.
  func mayBeBeforeWitness(_ member: Short, in group: Long, knows: (Long) -> Bool) -> Bool {
    removals(of: member, from: group).contains { removal in
      knows(removal.entry)
        && endings(of: removal.author).contains { ending in
          isBeside(ending, removal.entry) && knows(ending)
            && !entries.values.contains { word in
              word.entry.group == group && !members(of: word.device).contains(member)
                && knows(word.entry.id) && isAware(word.entry.id, of: removal.entry)
                && isAware(word.entry.id, of: ending)
            }
        }
    }
  }

  /// What removed a device from the office, alone or with its member, or struck that one.
  private func endings(of device: Long) -> [Long] {
    removals(ofDevice: device).map(\.entry)
      + members(of: device).flatMap { removals(of: $0) + ownerLists.leavingOut($0) }
  }

  private func removals(of member: Short, from group: Long) -> [Removal] {
    removals.filter { removal in
      guard removal.group == group, case .groupRemove(member) = removal.target else { return false }
      return true
    }
  }

  /// Whether an entry of whom a removal names may lie beyond its cut: it is beside that, or the removal is of
  /// somebody who lies, who may cut off anything.
  func mayBeCutOff(_ entry: Long, by removal: Removal) -> Bool {
    !removal.isHonest || isBeside(removal.entry, entry)
  }

  /// Whether each who added a member to a group may have lost the right to, in the office or by a removal
  /// from the group whose author did not know of the addition, so that no addition stands, or none that an
  /// entry knows of.
  func mayBeAddedInVain(_ member: Short, to group: Long, before entry: Long? = nil) -> Bool {
    let all = additions.filter { addition in
      addition.group == group && addition.member == member
        && entry.map { isAware($0, of: addition.entry) } ?? true
    }
    return !all.isEmpty && all.allSatisfy { mayBeInVain(addition: $0.entry, to: group) }
  }

  /// Whether whoever wrote an addition may have lost the right to.
  func mayBeInVain(addition entry: Long, to group: Long) -> Bool {
    guard let known = entries[entry] else { return false }
    return mayBeCutOffWithDevice(known)
      || members(of: known.device).contains {
        hasLost($0) || removals(of: $0, from: group).contains { mayBeCutOff(entry, by: $0) }
      }
  }

  /// Nobody who was removed in the past of a message may open it (study 3: 23, 24).
  func leak(_ message: Known) -> String? {
    let entry = message.entry
    guard entry.kind == PlainEntry.Kind.message, !entry.isOpaque,
      !offices.contains(entry.group),
      let past = message.removals
    else { return nil }
    guard let readers = epochs[entry.epoch]?.recipients else {
      return "\(entry.feed.text):\(entry.seq) is closed by a key that nobody was given"
    }
    for number in past.sorted() {
      let removal = removals[number]
      guard removal.group == nil || removal.group == entry.group, isInForce(number) else {
        continue
      }
      for device in targets(removal) where readers.contains(device) {
        let lists = ownerLists.among(message.lists)
        if isAbove(device, number, by: lists) { continue }
        if isRaised(device, beside: number, by: lists, before: message) { continue }
        if isBack(device, after: number, removal) { continue }
        let gone = entries[removal.entry]?.entry
        let maker = epochs[entry.epoch]?.maker.first.text ?? "nobody"
        return "\(entry.feed.text):\(entry.seq) can be read by \(device.first.text), which was "
          + "removed by \(gone?.feed.text ?? "?"):\(gone?.seq ?? 0) before it was written, under an "
          + "epoch of \(maker)"
      }
    }
    return nil
  }

  /// Whether nothing takes the right to a removal from its author.
  func isInForce(_ number: Int) -> Bool {
    let removal = removals[number]
    return removals(ofDevice: removal.author).isEmpty
      && !members(of: removal.author).contains { author in
        hasLost(author) || mayCut(author, off: number) || hasLeftInVain(author, by: removal)
      }
  }

  /// Whether somebody left a group who may have been in it in vain, and so had nothing to leave.
  private func hasLeftInVain(_ member: Short, by removal: Removal) -> Bool {
    guard let group = removal.group, case .groupRemove(member) = removal.target else {
      return false
    }
    return mayBeAddedInVain(member, to: group, before: removal.entry)
  }

  /// Whether a removal may lie beyond a cut of one by which its author went from the same group: of one
  /// that somebody honest wrote who knew of it, it does not.
  func mayCut(_ author: Short, off number: Int) -> Bool {
    removals.contains { later in
      guard let group = later.group, group == removals[number].group,
        case .groupRemove(author) = later.target
      else { return false }
      return !later.isHonest || !(entries[later.entry]?.removals?.contains(number) ?? false)
    }
  }

  func targets(_ removal: Removal) -> [Long] {
    switch removal.target {
    case .removeMember(let member), .groupRemove(let member):
      devices(of: member).sorted()
    case .removeDevice(let device): [device]
    // Who was suspended is left out only by those who hold both branches (K-3).
    default: []
    }
  }

  /// Whether something let it in again that knew of the removal.
  func isBack(_ device: Long, after number: Int, _ removal: Removal) -> Bool {
    func knows(_ entry: Long) -> Bool { entries[entry]?.removals?.contains(number) ?? true }
    if removal.group == nil {
      return certificates.contains { $0.device == device && knows($0.entry) }
    }
    let members = members(of: device)
    return additions.contains {
      members.contains($0.member) && $0.group == removal.group && knows($0.entry)
    }
  }
}
