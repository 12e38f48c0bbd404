import Authority
package import Format

/// Epochs that nobody's change or message brings: a box that let somebody in can seal nothing, and
/// whoever changed a group may have been off before its epoch was made (K-5).
extension Replica {
  /// Groups may lack an epoch: they are looked at once whoever changed them had time to make it.
  mutating func oweEpochs() {
    guard !isRestoring else { return }
    reviewEpochs(at: now + .seconds(Limits.epochStepSeconds))
  }

  private mutating func reviewEpochs(at time: Duration) {
    epochReviewAt = min(epochReviewAt ?? time, time)
  }

  /// Finds the groups without an eligible epoch, and when this device makes it: each waits longer
  /// the more linked devices have a smaller key and can do it too, so that in practice one does.
  mutating func reviewEpochs() {
    guard let at = epochReviewAt, at <= now else { return }
    epochReviewAt = nil
    let linked = Set(links.values.filter(\.isOfficeSynced).compactMap(\.device))
    guard !linked.isEmpty, rosterNow().isLive(secrets.device), !isForked else { return }
    for id in groups.keys.sorted() where id != office {
      guard let group = groups[id], owesEpoch(group), let membership = membershipNow(id) else {
        epochAt[id] = nil
        epochWaits[id] = nil
        continue
      }
      if awaitsEntries(id) {
        oweEpochs()
        continue
      }
      // Who can read nothing there cannot say the title either, and leaves it to the others.
      let isNew = group.secrets.isEmpty
      let before = membership.devices.count { device in
        linked.contains(device.key) && (isNew || device.key < secrets.device)
      }
      let at = now + .seconds(Limits.epochStepSeconds) * before
      // One that is waited for does not wait anew with each change; one that was tried waits its time.
      if let known = epochAt[id], known.isRetry { continue }
      epochAt[id] = EpochDue(at: min(epochAt[id]?.at ?? at, at), isRetry: false)
    }
  }

  /// Tells of the epochs that are due and that nobody has made meanwhile.
  mutating func tellDueEpochs() {
    for id in epochAt.keys.sorted() {
      guard let due = epochAt[id], due.at <= now else { continue }
      guard let group = groups[id], owesEpoch(group) else {
        epochAt[id] = nil
        continue
      }
      if awaitsEntries(id) {
        let at = now + .seconds(Limits.epochStepSeconds)
        epochAt[id] = EpochDue(at: at, isRetry: due.isRetry)
        continue
      }
      // Until it is there it is told again: writing may have failed.
      epochAt[id] = EpochDue(at: now + .seconds(Limits.epochAgainSeconds), isRetry: true)
      tell(.epochDue(id))
    }
  }

  /// Whether entries of a group are to come, or to be stored, that may bring its epoch: whoever was off does not make
  /// another one. Not for ever, for what is asked for may never come.
  private mutating func awaitsEntries(_ id: GroupID) -> Bool {
    guard groups[id]?.hasUnstored ?? false || links.values.contains(where: { $0.wanted[id] != nil })
    else { return false }
    let until = epochWaits[id] ?? now + .seconds(Limits.wantSeconds)
    epochWaits[id] = until
    return now < until
  }

  /// Whether a group that others are in too lacks an eligible epoch, or one that opens here too, or
  /// the title under it.
  private mutating func owesEpoch(_ group: GroupState) -> Bool {
    guard let membership = membershipNow(group.id), membership.devices.count > 1,
      membership.contains(secrets.device), let needs = try? needsEpoch(group)
    else { return false }
    if !needs, group.unopened != nil {
      tellUnopened(group)
      let time = answersUnopened(group)
      if time <= now { return true }
      reviewEpochs(at: time)
    }
    return needs || lacksTitle(group)
  }

  /// Whether a group's title was not said yet under the epoch that is written under, and can be
  /// read here: whoever reads from that epoch on does not know it.
  package mutating func lacksTitle(_ id: GroupID) -> Bool {
    guard let group = groups[id], (try? needsEpoch(group)) == false else { return false }
    return lacksTitle(group)
  }

  private mutating func lacksTitle(_ group: GroupState) -> Bool {
    guard group.authority?.facts.kind == .listed, let epoch = group.currentEpoch,
      !isTitled(epoch, group)
    else { return false }
    return group.titles.keys.contains { isTitled($0, group) }
  }

  /// Whether an epoch's readers find the title: what lies beyond a cut is shown to nobody, and
  /// what was said otherwise later is the title no more.
  private mutating func isTitled(_ epoch: EpochID, _ group: GroupState) -> Bool {
    (group.titles[epoch] ?? []).contains {
      !group.overtakenTitles.contains($0.id) && !isVoid($0.id, $0.feed, $0.seq, group)
    }
  }

  /// Takes which entries say a title of a group that is its title no more, by whoever reads them:
  /// where one of these stands alone under the epoch that is written under, the title is lacking.
  package mutating func overtake(titles: Set<EntryID>, in id: GroupID) {
    guard let group = groups[id], group.overtakenTitles != titles else { return }
    group.overtakenTitles = titles
    oweEpochs()
  }
}

/// When this device makes an epoch that a group lacks.
struct EpochDue {
  let at: Duration
  /// Whether it was tried before and could not be written.
  let isRetry: Bool
}
