import Format

@testable import Authority

/// How a device chooses the epoch under which it writes.
enum EpochRule: CaseIterable {
  /// One whose known holders are all members: what the study warns of.
  case subset
  /// One whose recipients are exactly the members' devices.
  case recipients
  /// K-3, as the product says it.
  case eligible
}

/// The epochs of a history under one rule: who writes under which, and who can open what.
///
/// Besides the recipients whoever can open an epoch gives it to all whom it takes for members: in
/// this version only a liar does so, by other ways than the log.
struct EpochRun {
  private let history: History
  private let run: ProductRun
  private let rule: EpochRule
  private var epochs: [Epoch] = []
  /// The epoch of each message.
  private var written: [Int: Int] = [:]
  /// What each `share` gave, and to whom.
  private var gifts: [Int: (epochs: [Int], devices: EntrySet)] = [:]
  private(set) var problems: [String] = []
  /// Pairs of a message and a device that can open it, though its author knew that it was suspended, or
  /// removed and let in again by nobody who knew that: of devices that were members for the author.
  private(set) var leakCount = 0
  /// The same of devices that were never members for the author: only who is given an epoch that was
  /// made before it came can be one, and no version gives any.
  private(set) var strangerCount = 0
  /// How often an epoch was asked for or compared.
  private(set) var evaluationCount = 0

  private struct Epoch {
    /// The entry with which it was made; nil for that of the opening.
    let entry: Int?
    let recipients: EntrySet
    let past: EntrySet
    let lamport: Int
  }

  /// Runs through a history of which everything has arrived.
  init(_ run: ProductRun, _ rule: EpochRule) {
    (history, self.run, self.rule) = (run.history, run, rule)
    epochs = [
      Epoch(
        entry: nil, recipients: members(history.opening), past: history.opening, lamport: 0)
    ]
    for entry in history.later {
      switch history.entries[entry].act {
      case .send: send(entry)
      case .share: share(entry)
      default: break
      }
    }
    for (message, epoch) in written { countLeaks(message, epoch) }
  }

  private func membership(_ view: EntrySet) -> GroupMembership? {
    run.group?.membership(groupView: run.groupView(view), officeView: run.officeView(view))
  }

  private func members(_ view: EntrySet) -> EntrySet {
    (membership(view)?.devices ?? []).reduce(EntrySet()) { set, device in
      Keys.numbers[MemberID(device.key.bytes.prefix)].map(set.adding) ?? set
    }
  }

  /// Epochs that an author with this past knows, by their numbers.
  private func known(_ past: EntrySet) -> [Int] {
    epochs.indices.filter { number in epochs[number].entry.map { past.contains($0) } ?? true }
  }

  private func holders(_ epoch: Int, _ past: EntrySet) -> EntrySet {
    gifts.reduce(epochs[epoch].recipients) { set, gift in
      past.contains(gift.key) && gift.value.epochs.contains(epoch)
        ? set.union(gift.value.devices) : set
    }
  }

  private mutating func send(_ entry: Int) {
    let past = history.entries[entry].past
    let members = members(past)
    let usable = known(past).filter { epoch in
      holders(epoch, past).contains(history.entries[entry].device)
        && isUsable(epoch, past, members)
    }
    let best = usable.max {
      (epochs[$0].lamport, run.id(epochs[$1].entry ?? 0))
        < (epochs[$1].lamport, run.id(epochs[$0].entry ?? 0))
    }
    if let best {
      written[entry] = best
    } else {
      written[entry] = epochs.count
      epochs.append(
        Epoch(
          entry: entry, recipients: members, past: past,
          lamport: history.entries[entry].lamport))
    }
  }

  private mutating func isUsable(
    _ number: Int, _ past: EntrySet, _ members: EntrySet
  ) -> Bool {
    evaluationCount += 1
    let epoch = epochs[number]
    switch rule {
    case .subset: return members.contains(all: holders(number, past))
    case .recipients: return members == epoch.recipients
    case .eligible:
      guard let group = run.group, let membership = membership(past) else { return false }
      let refusal = group.refusal(
        ofEpoch: epoch.recipients.map { Keys.devices[$0] }, groupView: run.groupView(epoch.past),
        officeView: run.officeView(epoch.past), for: membership)
      let expected = isEligible(epoch, past)
      if (refusal == nil) != expected {
        let made = epoch.entry.map { "of entry \($0 - history.openingCount + 1)" } ?? "at first"
        problems.append(
          "the epoch \(made): the product says \(String(describing: refusal)), the model "
            + (expected ? "that it is eligible" : "that it is not"))
      }
      return refusal == nil && !isVoid(epoch, past, membership)
    }
  }

  /// K-3 by the model, without what makes an epoch void.
  private func isEligible(_ epoch: Epoch, _ past: EntrySet) -> Bool {
    guard let facts = history.group else { return false }
    let model = GroupModel(history, facts)
    let found = model.evaluate(past)
    let suspended = run.suspendedDevices(found.office)
    let devices = model.devices(found.sight).subtracting(suspended)
    guard Set(epoch.recipients) == devices else { return false }
    let were = model.wereMembers(found.sight)
    let sawProofs = suspended.allSatisfy { device in
      !were.contains(history.member(of: device))
        || found.office.effective.contains {
          history.entries[$0].act == .suspend(device: device) && epoch.past.contains($0)
        }
    }
    return sawProofs
      && past.subtracting(epoch.past).allSatisfy { entry in
        switch history.entries[entry].act {
        case .remove(let member, _):
          !were.contains(member) || !found.office.effective.contains(entry)
        case .removeDevice(let device, _):
          !were.contains(history.member(of: device)) || !found.office.effective.contains(entry)
        case .expel: !found.sight.effective.contains(entry)
        default: true
        }
      }
  }

  private mutating func isVoid(
    _ epoch: Epoch, _ past: EntrySet, _ membership: GroupMembership
  ) -> Bool {
    guard let entry = epoch.entry, let verdict = run.verdict(of: entry, in: past) else {
      return false
    }
    let expected = run.expectedVerdict(of: entry, in: past)
    if verdict != expected {
      problems.append(
        "entry \(entry - history.openingCount + 1): the product says \(verdict), the model "
          + "\(expected)")
    }
    return verdict == .uncertified || verdict == .void
  }

  private mutating func share(_ entry: Int) {
    let past = history.entries[entry].past
    let device = history.entries[entry].device
    gifts[entry] = (
      known(past).filter { holders($0, past).contains(device) }, members(past)
    )
  }

  private mutating func countLeaks(_ message: Int, _ epoch: Int) {
    let past = history.entries[message].past
    guard let facts = history.group else { return }
    let model = GroupModel(history, facts)
    let readers = holders(epoch, history.all).subtracting(members(past))
    let found = model.evaluate(past)
    let suspended = run.suspendedDevices(found.office)
    let were = model.wereMembers(found.sight)
    for device in readers where suspended.contains(device) || wasRemoved(device, past) {
      if were.contains(history.member(of: device)) { leakCount += 1 } else { strangerCount += 1 }
    }
  }

  /// Whether a device was removed in a view, and nobody who had seen that let it in again.
  private func wasRemoved(_ device: Int, _ view: EntrySet) -> Bool {
    run.removals(in: view).contains { removal in
      let isTarget: Bool
      switch history.entries[removal].act {
      case .remove(let member, _), .expel(let member, _):
        isTarget = member == history.member(of: device)
      case .removeDevice(let target, _): isTarget = target == device
      default: isTarget = false
      }
      return isTarget && !history.later.contains { readmits($0, device, after: removal) }
    }
  }

  private func readmits(_ entry: Int, _ device: Int, after removal: Int) -> Bool {
    guard history.entries[entry].past.contains(removal) else { return false }
    return switch history.entries[entry].act {
    case .add(let member, _), .certify(_, let member, _), .join(_, _, let member):
      member == history.member(of: device)
    default: false
    }
  }
}
