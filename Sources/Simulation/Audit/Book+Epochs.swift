/// For whom an epoch is, worked out from what its author knew (K-3).
extension Book {
  /// What is wrong with the epoch under which somebody honest writes, or that such a one makes, at the place of
  /// an entry: it leaves out a device that its author knew to be in the group, or is for one that nobody had let
  /// into it, or does not know of a removal.
  ///
  /// `held` is what ever lay on the author's disk by then: a removal takes somebody out of an epoch, too, that no
  /// dep names yet (F-9), and what rots there the node goes on to know.
  func misaddressed(_ id: Long, by held: Set<Long>) -> String? {
    guard let known = entries[id], let past = known.removals, !liars.contains(known.device),
      !known.entry.isOpaque, !offices.contains(known.entry.group),
      [PlainEntry.Kind.message, PlainEntry.Kind.epoch].contains(known.entry.kind),
      let epoch = epochs[known.entry.epoch],
      known.entry.kind == PlainEntry.Kind.message || epoch.entry == id
    else { return nil }
    let place = "\(known.entry.feed.text):\(known.entry.seq)"
    if let device = leftOut(of: epoch, at: known, holding: held) {
      return "\(place) cannot be read by \(device.first.text), which its author knew to be in the "
        + "group, under an epoch of \(epoch.maker.first.text)"
    }
    if let device = stranger(in: epoch, at: known, holding: held) {
      return "\(place) can be read by \(device.first.text), which nobody added to the group, under "
        + "an epoch of \(epoch.maker.first.text)"
    }
    if let removal = unseen(by: epoch, among: past, at: known) {
      return
        "\(place) is written under an epoch of \(epoch.maker.first.text) which does not know of "
        + "the removal \(removal.feed.text):\(removal.seq)"
    }
    return nil
  }

  /// A device that is in the group for sure, and no recipient.
  private func leftOut(of epoch: Epoch, at known: Known, holding held: Set<Long>) -> Long? {
    if epoch.recipients.count >= Self.recipientsMax { return nil }
    let group = known.entry.group
    return certificates.first { certificate in
      !epoch.recipients.contains(certificate.device)
        && mayBelong(certificate.member, to: group)
        && !isEnded(certificate, among: held) && !isSuspended(certificate.device, among: held)
        && isAware(known.entry.id, of: certificate.entry)
        && belongs(certificate.member, to: group, at: known, holding: held)
        && !isOfLiar(certificate.entry)
        && !mayBeInVain(certificate: certificate.entry, without: [])
        && devices(of: certificate.member).count <= Self.devicesMax
    }?.device
  }

  /// A recipient that is in the office by no certificate of somebody who may be in the group.
  private func stranger(in epoch: Epoch, at known: Known, holding held: Set<Long>) -> Long? {
    epoch.recipients.sorted().first { device in
      !certificates.contains { certificate in
        certificate.device == device && held.contains(certificate.entry)
          && (mayBelong(certificate.member, to: known.entry.group, by: held)
            || mayComeBy(certificate.ticket, to: known.entry.group))
      }
    }
  }

  /// A removal with effect, of somebody who was in the group, that the epoch does not know of.
  private func unseen(by epoch: Epoch, among past: Set<Int>, at known: Known) -> PlainEntry? {
    guard let seen = entries[epoch.entry]?.removals else { return nil }
    let lists = ownerLists.among(known.lists)
    let number = past.subtracting(seen).sorted().first { number in
      let removal = removals[number]
      guard removal.group == nil || removal.group == known.entry.group, isInForce(number) else {
        return false
      }
      return targets(removal).contains { device in
        !isAbove(device, number, by: lists)
          && !isRaised(device, beside: number, by: lists, before: known)
          && members(of: device).contains {
            wasAdded($0, to: known.entry.group, before: known, withoutRemovals: nil)
          }
      }
    }
    return number.flatMap { entries[removals[$0].entry]?.entry }
  }

  /// Whether a member may ever have been in a group, by its founding or by additions, if need be among some entries.
  private func mayBelong(_ member: Short, to group: Long, by held: Set<Long>? = nil) -> Bool {
    guard let founding = entries[group] else { return true }
    switch founding.entry.ext[5]?.first {
    case 2: return true
    case 3: return pair(of: founding.entry).contains(member)
    default:
      return members(of: founding.device).contains(member)
        || additions.contains {
          $0.member == member && $0.group == group && held?.contains($0.entry) ?? true
        }
    }
  }

  /// Whether a ticket lets into a group.
  private func mayComeBy(_ ticket: Long, to group: Long) -> Bool {
    tickets[ticket, default: []].contains { entry in
      guard let body = entries[entry]?.entry.body else { return false }
      var cursor = Cursor(body)
      _ = (cursor.int(1), cursor.long(), cursor.int(1), cursor.int(1), cursor.short())
      _ = (cursor.number(8), cursor.int(2))
      return (0..<cursor.int(1)).contains { _ in cursor.long() == group }
    }
  }

  private func pair(of founding: PlainEntry) -> [Short] {
    var cursor = Cursor(founding.ext[6] ?? [])
    return [cursor.short(), cursor.short()]
  }

  /// Whether a member is in a group for sure at the place of an entry.
  private func belongs(
    _ member: Short, to group: Long, at known: Known, holding held: Set<Long>
  ) -> Bool {
    let kind = entries[group]?.entry.ext[5]?.first
    // A box is in such groups alone to which it was added.
    if kind == 2 || kind == 3, mayBeBox(member) { return false }
    return wasAdded(member, to: group, before: known, withoutRemovals: held)
  }

  /// Whether a member was let into a group for sure before an entry, and no removal among these took that back.
  private func wasAdded(
    _ member: Short, to group: Long, before known: Known, withoutRemovals held: Set<Long>?
  ) -> Bool {
    guard let founding = entries[group] else { return false }
    switch founding.entry.ext[5]?.first {
    case 2: return true
    case 3: return pair(of: founding.entry).contains(member)
    default: break
    }
    func stands(_ entry: Long) -> Bool {
      held.map { !isEnded(member, in: group, since: entry, among: $0) } ?? true
    }
    if members(of: founding.device) == [member], !liars.contains(founding.device), stands(group) {
      return true
    }
    return additions.contains {
      $0.member == member && $0.group == group && !isOfLiar($0.entry) && stands($0.entry)
        && isAware(known.entry.id, of: $0.entry) && !mayBeInVain(addition: $0.entry, to: group)
    }
  }

  /// Whether a member has, or may have, the rank of a box.
  private func mayBeBox(_ member: Short) -> Bool {
    entries.values.contains { known in
      guard known.entry.kind == PlainEntry.Kind.control, !known.entry.isOpaque,
        let body = known.entry.body
      else { return false }
      switch PlainOperation(body) {
      case .certify(member, _, let rank, _), .rank(member, let rank): return rank > 2
      default: return false
      }
    }
  }

  /// Whether a removal among these may have ended a certificate.
  private func isEnded(_ certificate: Certificate, among held: Set<Long>) -> Bool {
    removals.indices.contains { number in
      let removal = removals[number]
      return removal.group == nil && removal.names(certificate) && held.contains(removal.entry)
        && !knows(certificate.entry, number)
    }
  }

  /// Whether a removal among these of a member, from the office or a group, is not in an entry's past.
  private func isEnded(
    _ member: Short, in group: Long, since entry: Long, among held: Set<Long>
  ) -> Bool {
    removals.indices.contains { number in
      let removal = removals[number]
      guard removal.group == nil || removal.group == group, held.contains(removal.entry) else {
        return false
      }
      switch removal.target {
      case .removeMember(member), .groupRemove(member): return !knows(entry, number)
      default: return false
      }
    }
  }

  /// Whether an entry has a removal in its past: one of somebody who lies may be there where this cannot be said.
  private func knows(_ entry: Long, _ number: Int) -> Bool {
    removals[number].isHonest
      ? entries[entry]?.removals?.contains(number) ?? false
      : isAware(entry, of: removals[number].entry)
  }

  /// Whether somebody may have said that a feed of a device is forked: who lies may do so too, where it is.
  private func isSuspended(_ device: Long, among held: Set<Long>) -> Bool {
    let forked = doubled.filter { authors[$0] == device }
    return !forked.isEmpty
      && (!liars.isEmpty
        || removals.contains { removal in
          guard case .suspend(let feed) = removal.target else { return false }
          return forked.contains(feed) && held.contains(removal.entry)
        })
  }

  /// The limits as 10-limits states them: `epochRecipientsMax` and `devicesPerMemberMax`.
  private static let recipientsMax = 800
  private static let devicesMax = 16
}
