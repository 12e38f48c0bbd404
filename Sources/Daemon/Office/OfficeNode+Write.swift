import Authority
package import Control
import Cryptography
import Discovery
import Format
import Platform
import Replication
import Storage
import Transport

/// What a request ends with, once everything it wrote is durable.
package typealias Answer = (Result<ControlResult, ControlError>) -> Void

/// Own entries that wait for the commit on its way to the disk, to go out with the next one.
///
/// Each is a request that a connection waits for, or an admission, or a renewed epoch, all of which
/// have limits of their own; so the list needs none.
struct WaitingWrite {
  let drafts: [Draft]
  /// What is to hold when it goes out, after all that was written before it.
  var condition: (() throws(ControlError) -> Void)?
  let then: (Result<Composed, ControlError>) -> Void
}

extension OfficeNode {
  /// Writes own entries and goes on when they are durable (C-6).
  ///
  /// They go out at the end of the loop's turn, or with all that came meanwhile when the commit
  /// before has reached the disk: one run, one signature, one flush for all of them.
  func write(
    _ group: GroupID, _ drafts: [Draft], if condition: (() throws(ControlError) -> Void)? = nil,
    then body: @escaping (Result<Composed, ControlError>) -> Void
  ) {
    whenWritable(group) { [self] result in
      if case .failure(let error) = result { return body(.failure(error)) }
      waiting[group, default: []].append(
        WaitingWrite(drafts: drafts, condition: condition, then: body))
    }
  }

  /// Whether something waits that no commit on its way holds up.
  var hasCommitsToMake: Bool {
    waiting.keys.contains { !committing.values.contains($0) }
  }

  /// Hands what waits to the disk, one commit for each group that has none on its way.
  func commitWaiting() {
    guard !waiting.isEmpty else { return }
    do throws(ControlError) {
      try checkWritable()
    } catch {
      return refuseWaiting(error)
    }
    for group in waiting.keys.sorted() {
      // Parts that were refused leave the way free for those behind them.
      while waiting[group] != nil, !committing.values.contains(group) { commit(group) }
    }
  }

  private func commit(_ group: GroupID) {
    guard var parts = waiting.removeValue(forKey: group) else { return }
    // Whether a condition holds is known once what was written before is durable, and has effect.
    let end = parts.dropFirst().firstIndex { $0.condition != nil } ?? parts.count
    let behind = parts[end...]
    parts.removeSubrange(end...)
    do throws(ControlError) {
      try parts[0].condition?()
    } catch {
      let rest = parts.dropFirst() + behind
      if !rest.isEmpty { waiting[group] = Array(rest) }
      return parts[0].then(.failure(error))
    }
    sayTitleAgain(group, &parts)
    let outcomes = replica.compose(group, together: parts.map(\.drafts), wall: wall)
    let later = parts[outcomes.count...] + behind
    if !later.isEmpty { waiting[group] = Array(later) }
    var refused: [(WaitingWrite, ControlError)] = []
    for (part, outcome) in zip(parts, outcomes) {
      switch outcome {
      case .success(let composed):
        committing[composed.token] = group
        hasVouched(in: group)
        whenStored(composed.token) { result in part.then(result.map { composed }) }
      case .failure(let error): refused.append((part, refusal(error)))
      }
    }
    drain()
    for (part, error) in refused { part.then(.failure(error)) }
  }

  /// A new epoch begins with the title, so that whoever reads from here on knows where it is.
  private func sayTitleAgain(_ group: GroupID, _ parts: inout [WaitingWrite]) {
    guard parts.contains(where: { $0.drafts.contains(where: \.isMessage) }),
      let title = groupTitle(group),
      (try? replica.lacksEpoch(group)) ?? false || replica.lacksTitle(group)
    else { return }
    let drafts: [Draft] = [.message(title.again(request()))]
    parts.insert(WaitingWrite(drafts: drafts) { _ in }, at: 0)
  }

  /// Whether own entries are on their way to a disk that still takes them: they are not to be lost
  /// only because what others wrote may come again.
  var isWritingOwn: Bool {
    let isIdle = committing.isEmpty && waiting.isEmpty && queue.underway == 0 && !queue.hasWaiting
    return storeState.takesOwn && !isIdle
  }

  /// Ends what waits when nothing can be stored.
  func refuseWaiting(_ error: ControlError) {
    let parts = waiting.keys.sorted().flatMap { waiting[$0] ?? [] }
    waiting = [:]
    for part in parts { part.then(.failure(error)) }
  }

  /// Founds a group, writes its title under its first epoch, and goes on with its ID.
  func foundGroup(
    _ kind: GroupKind, pair: MemberPair?, _ operations: [Operation], title: Content?,
    then body: @escaping (Result<GroupID, ControlError>) -> Void
  ) {
    do throws(ControlError) {
      try checkWritable()
    } catch {
      return body(.failure(error))
    }
    do {
      let composed = try replica.foundGroup(kind, pair: pair, operations, wall: wall)
      foundedNow.insert(composed.group)
      drain()
      whenStored(composed.token) { [self] result in
        guard case .success = result, let title else { return body(result.map { composed.group }) }
        write(composed.group, [.message(title)]) { body($0.map { _ in composed.group }) }
      }
    } catch {
      body(.failure(refusal(error)))
    }
  }

  /// Refuses beforehand what could not be written, so that nobody is asked about it in vain.
  func checkAllowed(_ drafts: [Draft], in group: GroupID) throws(ControlError) {
    if let refusal = replica.refusal(ofWriting: drafts, in: group) { throw self.refusal(refusal) }
  }

  /// A refusal of the replica as a person reads it.
  func refusal(_ refusal: ComposeRefusal) -> ControlError {
    switch refusal {
    case .unknownGroup:
      ControlError(
        .noSuchGroup, "the group is not here", hint: "zuruf group list shows your groups")
    case .notAllowed(let refusal): refusal.asError
    case .noEpoch:
      ControlError(
        .waitingForKey, "this computer waits for the key of the group",
        hint: "it comes when another member's computer is in reach")
    case .tooLong:
      ControlError(
        .textTooLong, "the text is longer than \(Limits.textBytesMax) bytes",
        hint: "send it in parts")
    case .tooMany:
      ControlError(.refused, "that is too much for one step", hint: "do it in parts")
    case .needsNewerVersion:
      ControlError(
        .newerVersion, "for this a newer version of Zuruf is needed",
        hint: "update Zuruf on this computer; reading goes on")
    case .busy:
      ControlError(
        .busy, "the disk of this computer does not keep up", hint: "try again in a moment")
    case .full:
      ControlError(
        .refused, "this computer has begun as much here as the others take from one",
        hint: "let it join again as a new device")
    case .notAdmittedYet:
      ControlError(
        .joining, "this computer is not part of the office yet",
        hint: "zuruf status shows what it waits for")
    }
  }

  /// A name a person typed.
  func name(_ text: String, _ what: String) throws(ControlError) -> Name {
    do {
      return try Name(text)
    } catch {
      throw nameRefusal(error, what)
    }
  }

  func request() -> Format.RequestID { Format.RequestID(requestIDs.next()) }
}

/// Why a name is none, as a person reads it.
func nameRefusal(_ refusal: Name.Refusal, _ what: String) -> ControlError {
  let text =
    switch refusal {
    case .empty: "\(what) is empty"
    case .tooLong(let bytes):
      "\(what) has \(bytes) bytes; at most \(Limits.nameBytesMax) are allowed"
    case .notUTF8: "\(what) is not UTF-8"
    case .controlCharacter: "\(what) has a control character"
    }
  return ControlError(.nameMalformed, text, hint: nil)
}
