import Authority
import Control
import Format
import Platform
import Replication
import Storage

/// The one door to own entries: everything that composes goes through it.
extension OfficeNode {
  /// What waits until a peer has said what it holds of a group.
  struct HeldWrite {
    let group: GroupID
    let body: (Result<Void, ControlError>) -> Void
  }

  /// Goes on when own entries of a group may be composed, or says why they may not be.
  func whenWritable(
    _ group: GroupID, _ body: @escaping (Result<Void, ControlError>) -> Void
  ) {
    do throws(ControlError) {
      try checkWritable()
    } catch {
      return body(.failure(error))
    }
    // What was written first goes out first.
    guard
      asksFirst(group) || asksBeforeVouching(group) || held.contains(where: { $0.group == group })
    else { return body(.success(())) }
    guard held.count < Limits.heldWritesMax else {
      return body(
        .failure(
          ControlError(.busy, "others are asked first what they hold", hint: "try again soon")))
    }
    held.append(HeldWrite(group: group, body: body))
  }

  /// Whether own entries of a group still wait for what the first peer holds of it: after a start of
  /// the computer its disk may be an older one, and an own entry of before be known elsewhere.
  func asksFirst(_ group: GroupID) -> Bool {
    guard let until = asksFirstUntil, clock.now() < until else { return false }
    return !foundedNow.contains(group) && !replica.hasCompared(group)
  }

  /// Whether own entries of a group wait for what linked devices hold of it, because the next one would
  /// be the first word of its feed on somebody who is gone (A-14).
  private func asksBeforeVouching(_ group: GroupID) -> Bool {
    guard replica.isAboutToVouch(group) else {
      vouchesAt[group] = nil
      return false
    }
    let until = vouchesAt[group] ?? clock.now() + .seconds(Limits.askFirstSeconds)
    // It stays until the word is written: who writes asks more than once.
    vouchesAt[group] = until
    return clock.now() < until
  }

  /// An own entry of a group is written: the next word on somebody who is gone waits for its own turn.
  func hasVouched(in group: GroupID) { vouchesAt[group] = nil }

  /// When what is held is looked at again, if nothing happens before, or the time to ask first is over.
  var heldUntil: Moment? {
    let asking = held.isEmpty ? nil : vouchesAt.values.filter { $0 > clock.now() }.min()
    guard let until = asksFirstUntil else { return asking }
    return asking.map { min($0, until) } ?? until
  }

  /// Lets go on what waited for a peer, when one was heard or the time is over.
  func releaseHeld() {
    if let until = asksFirstUntil, clock.now() >= until {
      asksFirstUntil = nil
      do throws(DiskError) { try continuity?.endAsking() } catch { lockFailed(error) }
    }
    guard !held.isEmpty else { return }
    let waiting = held
    held = []
    for one in waiting { whenWritable(one.group, one.body) }
  }

  /// Ends what waits, with an office that is given up.
  func refuseHeld(_ error: ControlError) {
    let waiting = held
    held = []
    for one in waiting { one.body(.failure(error)) }
  }

  /// How it is known that this device was copied, and the way out: two computers met as one device,
  /// which ends with one of them, or what both wrote does not go together, which ends with neither.
  var copied: Shortfall {
    .copied(
      bothWrote: replica.isForked || isSuspended, isLikelyCopy: isLikelyCopy,
      home: home.disk.place, typed: typedName(of: replica.secrets.device),
      member: "@" + typedName(of: replica.member), othersLetIn: othersLetIn)
  }

  /// Whether a computer of the office, apart from this one, may let somebody in.
  private var othersLetIn: Bool {
    let roster = replica.rosterNow()
    return roster.devices.contains { device in
      device.isLive && !device.isSuspended && device.key != replica.secrets.device
        && roster.member(device.member).map { $0.rank <= .admin } ?? false
    }
  }

  /// Whether own entries may be written at all, apart from rights.
  func checkWritable() throws(ControlError) {
    if isCopied {
      throw ControlError(
        .stopped, copied.info.detail, hint: copied.info.hint)
    }
    guard copyWords.areOverruled else {
      throw ControlError(
        .stopped, "another computer is said to be a copy of this one, so nothing is written",
        hint: "zuruf doctor says who says so, and what to do")
    }
    if let lockFault { throw readOnlyError(lockFault) }
    if let readFault { throw readOnlyError(readFault) }
    if isOutOfStep { throw readOnlyError(Self.outOfStep) }
    if storeState.takesOwn { return }
    throw readOnlyError("\(storeState)")
  }
}
