import Authority
import Control
import Cryptography
import Discovery
import Format
import Platform
import Replication
import Storage
import Transport

/// Ranks and the owner list: who may do what in the office, and who says so.
extension OfficeNode {
  func memberRank(_ call: MemberRankCall, _ answer: @escaping Answer) {
    do throws(ControlError) {
      let member = try directory().member(call.member)
      let roster = replica.rosterNow()
      guard let known = roster.member(member) else {
        throw ControlError(.noSuchMember, "nobody here is called that", hint: nil)
      }
      guard call.rank != .box else {
        throw ControlError(
          .refused, "a rank is owner, admin or member",
          hint: "a box joins with a ticket of its own: zuruf ticket new --box")
      }
      let isOwner = roster.owners.contains(member)
      if known.rank == .box, !isOwner {
        throw ControlError(
          .refused, "\"\(memberName(member))\" is a box; ranks are for people", hint: nil)
      }
      if isOwner != (call.rank == .owner) {
        try changeOwners(member, to: call.rank, answer)
      } else {
        setRank(member, to: call.rank, answer) { nil }
      }
    } catch {
      answer(.failure(error))
    }
  }

  /// Puts a member on the owner list or takes it off, as far as the own signature carries that.
  private func changeOwners(
    _ member: MemberID, to rank: RankWord, _ answer: @escaping Answer
  ) throws(ControlError) {
    let owners = replica.rosterNow().owners
    guard owners.contains(replica.member) else {
      throw ControlError(
        .notAllowed, "only owners change who owns the office",
        hint: "zuruf member shows who owns it", reason: .ownersOnly)
    }
    let wanted = rank == .owner ? owners + [member] : owners.filter { $0 != member }
    guard !wanted.isEmpty else {
      throw ControlError(
        .lastOwner, "\"\(memberName(member))\" is the only owner of the office",
        hint: "name another first: zuruf member rank NAME owner")
    }
    guard wanted.count <= Limits.ownersMax else {
      throw ControlError(
        .refused, "an office has at most \(Limits.ownersMax) owners", hint: nil)
    }
    let (list, change) = try signed(unsigned(wanted))
    guard change.line == nil else {
      remember(change)
      return answer(.success(.memberRank(.init(member: info(member), change: change))))
    }
    writeOwners(list, change) { [self] result in
      switch result {
      case .success(let change): setRank(member, to: rank, answer) { change }
      case .failure(let error): answer(.failure(error))
      }
    }
  }

  /// What this owner does before leaving the office, for a hint.
  var ownerLeaving: String {
    OwnerLeaving.steps(
      own: typedName(of: replica.member), owners: replica.rosterNow().owners.count)
  }

  /// Why this owner alone cannot take another one or a computer of theirs out, and what helps; nil
  /// where that is not what stands in the way.
  func refusalAmongOwners(_ member: MemberID, device: DeviceKey? = nil) -> ControlError? {
    let owners = replica.rosterNow().owners
    guard member != replica.member, owners.contains(member), owners.contains(replica.member) else {
      return nil
    }
    let name = memberName(member)
    let who =
      owners.count == 2
      ? name : "as many owners as make \(owners.count / 2 + 1) of the \(owners.count) with you"
    let own = device.map {
      "\(name) can, on another computer of theirs: zuruf device remove \(typedName(of: $0)); or "
    }
    return ControlError(
      .notAllowed,
      "\"\(name)\" owns the office too, and one owner alone cannot remove another"
        + (device == nil ? "" : ", nor a computer of theirs"),
      hint: (own ?? "")
        + "zuruf member rank \(typedName(of: member)) member prints a line; then \(who) must agree: zuruf "
        + "office agree; or whoever has the recovery key alone: zuruf office recovery use",
      reason: .coOwner)
  }

  /// Sets a rank below an owner's, where it is another yet, and answers.
  private func setRank(
    _ member: MemberID, to rank: RankWord, _ answer: @escaping Answer,
    after change: @escaping () -> OwnerChange?
  ) {
    let done = { [self] in
      answer(.success(.memberRank(.init(member: info(member), change: change()))))
    }
    let wanted: Rank? =
      switch rank {
      case .owner: nil
      case .admin: .admin
      case .member, .box: .member
      }
    let known = replica.rosterNow().member(member)
    // A box that was an owner is a box again by its certificate.
    guard let wanted, let known, known.rank != wanted, known.rank != .box else { return done() }
    // Also who loses rights stays, and with them all that they wrote: no feed is cut.
    write(office, [.control(.rank(member, wanted, []))]) { result in
      switch result {
      case .success: done()
      case .failure(let error): answer(.failure(error))
      }
    }
  }

  private func info(_ member: MemberID) -> MemberInfo {
    guard let known = replica.rosterNow().member(member) else {
      preconditionFailure("who was found in the roster stays in it")
    }
    return memberInfo(known)
  }

  // MARK: The owner list

  /// The next owner list, without signatures yet.
  private func unsigned(_ members: [MemberID]) -> Operation.OwnerList {
    .init(
      previous: replica.rosterNow().lastOwners, members: Array(Set(members)).sorted(),
      signatures: [])
  }

  /// The list with this device's signature, and what it is then: in force when enough have signed.
  private func signed(
    _ list: Operation.OwnerList
  ) throws(ControlError) -> (Operation.OwnerList, OwnerChange) {
    let device = replica.secrets.device
    let own = Operation.OwnerSignature(
      device: device,
      signature: SignatureBytes(
        replica.secrets.signing.sign(.owners, list.content(office: office).raw)))
    let roster = replica.rosterNow()
    // One signature for each member: another device of the same one would count for nothing.
    let others = list.signatures.filter { roster.device($0.device)?.member != replica.member }
    let all = (others + [own]).sorted { $0.device < $1.device }
    let next = Operation.OwnerList(
      previous: list.previous, members: list.members, signatures: all)
    return (next, change(next))
  }

  /// What a list changes, seen from the one in force.
  func change(_ list: Operation.OwnerList) -> OwnerChange {
    let now = replica.rosterNow().owners
    let needed = now.count / 2 + 1
    let isEnough = list.signatures.contains { $0.device.isZero } || list.signatures.count >= needed
    return OwnerChange(
      owners: list.members.map { memberRef($0) },
      added: list.members.filter { !now.contains($0) }.map { memberRef($0) },
      removed: now.filter { !list.members.contains($0) }.map { memberRef($0) },
      signed: list.signatures.count, needed: needed,
      line: isEnough ? nil : OwnersLine(office: office, list: list).encode(lineChecksum))
  }

  private func writeOwners(
    _ list: Operation.OwnerList, _ change: OwnerChange,
    then body: @escaping (Result<OwnerChange, ControlError>) -> Void
  ) {
    var drafts: [Draft] = [.control(.owners(list))]
    // Names of those who own it no more do not count: the office is named anew by who owns it now.
    if !change.removed.isEmpty, list.members.contains(replica.member),
      let name = replica.officeName()
    {
      drafts.append(.message(.name(request(), .office, name)))
    }
    let condition = { [self] () throws(ControlError) in try checkPresent(list) }
    write(office, drafts, if: condition) { [self] result in
      switch result {
      // A box that became an owner, or is none any more, is in other groups than before.
      case .success: renewEpochs { body(.success(change)) }
      case .failure(let error): body(.failure(error))
      }
    }
  }

  /// Adds this owner's signature to a change that another owner began.
  func ownersAgree(_ call: OwnersAgreeCall, _ answer: @escaping Answer) {
    do throws(ControlError) {
      let list = try proposal(call.line)
      if call.look ?? false { return answer(.success(.ownersAgree(change(list)))) }
      guard replica.rosterNow().owners.contains(replica.member) else {
        throw ControlError(
          .notAllowed, "only owners change who owns the office",
          hint: "zuruf member shows who owns it", reason: .ownersOnly)
      }
      let (next, change) = try signed(list)
      guard change.line == nil else {
        remember(change)
        return answer(.success(.ownersAgree(change)))
      }
      writeOwners(next, change) { answer($0.map { .ownersAgree($0) }) }
    } catch {
      answer(.failure(error))
    }
  }

  /// A change of owners out of its line, if it still follows the list in force, every signature under
  /// it is a present owner's, and nobody whom it makes an owner is gone.
  func proposal(_ text: String) throws(ControlError) -> Operation.OwnerList {
    let line: OwnersLine
    do {
      line = try OwnersLine(decoding: text, lineChecksum)
    } catch {
      throw lineRefusal(error, "a change of owners", OwnersLine.prefix)
    }
    guard line.office == office else { throw otherOffice("the line") }
    let roster = replica.rosterNow()
    guard roster.follows(line.list.previous) else {
      throw ControlError(
        .refused, "the owners have changed since this line was made",
        hint: "begin the change anew", reason: .ownersOutdated)
    }
    let content = line.list.content(office: office).raw
    for one in line.list.signatures {
      guard let device = roster.device(one.device), device.isLive,
        roster.owners.contains(device.member),
        one.device.signingKey.verify(one.signature.signature, .owners, content)
      else {
        throw ControlError(
          .refused, "the line is not signed by owners of this office",
          hint: "begin the change anew", reason: .ownersUnsigned)
      }
    }
    try checkPresent(line.list)
    return line.list
  }

  /// Who is gone would own the office without a computer in it, and nobody could let them in again.
  private func checkPresent(_ list: Operation.OwnerList) throws(ControlError) {
    let roster = replica.rosterNow()
    let gone = list.members.first {
      !roster.owners.contains($0) && roster.member($0)?.isRemoved ?? false
    }
    guard let gone else { return }
    throw ControlError(
      .noSuchMember, "\"\(memberName(gone))\", who would become an owner, \(outWords(gone))",
      hint: "begin the change anew")
  }

  // MARK: The recovery key

  /// Names owners by the recovery key: whoever has its line may, from any device of the office.
  func recoveryUse(_ call: RecoveryUseCall, _ answer: @escaping Answer) {
    do throws(ControlError) {
      let key = try recoveryKey(call.line)
      let directory = directory()
      var members: [MemberID] = []
      for text in call.owners ?? [] { members.append(try directory.member(text)) }
      if members.isEmpty { members = [replica.member] }
      let unsigned = unsigned(members)
      guard unsigned.members.count <= Limits.ownersMax else {
        throw ControlError(
          .refused, "an office has at most \(Limits.ownersMax) owners", hint: nil)
      }
      let list = Operation.OwnerList(
        previous: unsigned.previous, members: unsigned.members,
        signatures: [
          .init(
            device: DeviceKey(Bytes32()),
            signature: SignatureBytes(
              key.sign(.owners, unsigned.content(office: office).raw)))
        ])
      guard members.contains(replica.member) else { throw Refusal.ownersOfOthers.asError }
      if call.look ?? false { return answer(.success(.recoveryUse(change(list)))) }
      writeOwners(list, change(list)) { answer($0.map { .recoveryUse($0) }) }
    } catch {
      answer(.failure(error))
    }
  }

  private func recoveryKey(_ text: String) throws(ControlError) -> SigningKey {
    let line: RecoveryLine
    do {
      line = try RecoveryLine(decoding: text, lineChecksum)
    } catch {
      throw lineRefusal(error, "a recovery key", RecoveryLine.prefix)
    }
    guard line.office == office else { throw otherOffice("the recovery key") }
    guard let key = try? SigningKey(bytes: line.seed.array.span),
      DeviceKey(Bytes32(key.publicKey.bytes)) == replica.rosterNow().recoveryKey
    else {
      throw ControlError(
        .recoveryMismatch, "that is not the recovery key of this office", hint: nil)
    }
    return key
  }

  private func otherOffice(_ what: String) -> ControlError {
    ControlError(.otherOffice, "\(what) belongs to another office", hint: nil)
  }
}

/// Why a typed line is none, as a person reads it.
func lineRefusal(
  _ refusal: Format.TypedLine.Refusal, _ what: String, _ prefix: String,
  as name: ErrorName = .lineMalformed
) -> ControlError {
  switch refusal {
  case .otherPrefix:
    ControlError(
      name, "that is not \(what)",
      hint: "it is one long line that begins with \(prefix)")
  case .damaged:
    ControlError(
      name, "the line was cut or mistyped",
      hint: "copy the whole line, from \(prefix) to its end")
  case .newerVersion:
    ControlError(
      .newerVersion, "the line is from a newer version of Zuruf",
      hint: "update Zuruf on this computer")
  }
}
