import Authority
import Control
import Cryptography
import Discovery
import Format
import Platform
import Replication
import Storage
import Transport

extension OfficeNode {
  func groupList() -> GroupListCall.Answer {
    .init(fitting: (ownGroups() + formerGroups()).map { groupInfo($0) })
  }

  /// All groups, or the one that is asked for.
  func groupList(_ call: GroupListCall) throws(ControlError) -> GroupListCall.Answer {
    guard let text = call.group else { return groupList() }
    return .init(groups: group(of: try followed(text)).map { [groupInfo($0)] } ?? [])
  }

  func groupNew(_ call: GroupNewCall, _ answer: @escaping Answer) {
    do throws(ControlError) {
      let directory = directory()
      let title = try freeTitle(call.title, directory)
      let purpose = try purpose(call.purpose)
      var members: Set<MemberID> = []
      for text in call.members { members.insert(try directory.member(text)) }
      members.remove(replica.member)
      var operations: [Operation] = []
      for part in parts(members.sorted()) { operations.append(.groupAdd(part, .member)) }
      let content = Content.title(request(), title: title, purpose: purpose)
      foundGroup(.listed, pair: nil, operations, title: content) { [self] result in
        answer(result.map { .groupNew(.init(group: groupInfo($0))) })
      }
    } catch {
      answer(.failure(error))
    }
  }

  /// Says a group's title and purpose anew: the last ones that were said count, whoever of the group
  /// said them.
  func groupRename(_ call: GroupRenameCall, _ answer: @escaping Answer) {
    do throws(ControlError) {
      let id = try directory().group(call.group)
      guard replica.kind(of: id) == .listed else {
        throw ControlError(
          .notAllowed, "only a group with a list of members has a title of its own", hint: nil)
      }
      guard call.title != nil || call.purpose != nil else {
        throw ControlError(
          .invalidParameters, "group.rename: \"title\" or \"purpose\" is missing", hint: nil)
      }
      whenWritable(id) { [self] result in
        do throws(ControlError) {
          try result.get()
          guard let next = try nextTitle(of: id, call) else {
            return answer(.success(.groupRename(.init(group: groupInfo(id)))))
          }
          titlesUnderway[id] = next
          let content = Content.title(request(), title: next.title, purpose: next.purpose)
          write(id, [.message(content)]) { [self] result in
            if titlesUnderway[id] == next { titlesUnderway[id] = nil }
            answer(result.map { _ in .groupRename(.init(group: groupInfo(id))) })
          }
        } catch {
          answer(.failure(error))
        }
      }
    } catch {
      answer(.failure(error))
    }
  }

  /// How a group is to be called, by what is known of it when that is written, and by what is being
  /// written: what is not given, or given as it is, stays as it is, however it is called. Nil where all
  /// of it does.
  private func nextTitle(
    of id: GroupID, _ call: GroupRenameCall
  ) throws(ControlError) -> TitleWords? {
    let underway = titlesUnderway[id]
    guard let known = underway ?? groupTitle(id)?.words else {
      throw ControlError(
        .waitingForKey, "the title that this group has cannot be read here yet",
        hint: "zuruf doctor says what is missing")
    }
    var (title, purpose) = (known.title, known.purpose)
    if let text = call.title, text != title.text {
      title = try freeTitle(text, directory(), of: id)
    }
    if let text = call.purpose, Array(text.utf8) != purpose { purpose = try self.purpose(text) }
    let next = TitleWords(title: title, purpose: purpose)
    return underway == nil && next == known ? nil : next
  }

  /// A title that can be typed (C-15), and that no other group of this member's has (C-18), nor the
  /// office's group of everyone, which may be still to come (C-22).
  private func freeTitle(
    _ text: String, _ directory: Directory, of id: GroupID? = nil
  ) throws(ControlError) -> Name {
    let title = try TypedName.name(text, .group)
    if let refusal = TypedTitle.refusal(title) { throw refusal }
    guard !Directory.Room.isLikeEveryone(title.text) else {
      throw ControlError(
        .nameTaken, "\"\(title.text)\" means the office's group of everyone",
        hint: "add a word that tells the new one from it", reason: .titleTaken)
    }
    guard let known = directory.room(called: title.text, besides: id) else { return title }
    throw ControlError(
      .nameTaken,
      known.title.lowercased() == title.text.lowercased()
        ? "you are in a group called \"\(known.title)\" already"
        : "\"\(title.text)\" looks like \"\(known.title)\", as a group of yours is called",
      hint: "write into that one, or add a word that tells the new one from it",
      reason: .titleTaken)
  }

  /// One operation names at most 255 members.
  private func parts(_ members: [MemberID]) -> [[MemberID]] {
    stride(from: 0, to: members.count, by: 255).map { start in
      Array(members[start..<min(start + 255, members.count)])
    }
  }

  private func purpose(_ text: String?) throws(ControlError) -> [UInt8] {
    let bytes = Array((text ?? "").utf8)
    guard bytes.count <= Limits.purposeBytesMax else {
      throw ControlError(
        .refused,
        "the purpose has \(bytes.count) bytes; at most \(Limits.purposeBytesMax) are allowed",
        hint: nil)
    }
    return bytes
  }

  /// The group whose members are to change: an own one; or, for an owner of the office, one that
  /// this computer keeps although the owner is not in it, by its id where no title can be read.
  private func groupToChange(_ text: String) throws(ControlError) -> GroupID {
    do {
      return try directory().group(text)
    } catch {
      // What another computer of an owner wrote there would reach nobody: it is no member's.
      let roster = replica.rosterNow()
      // One that the owner left is such a group too.
      guard error.name == .noSuchGroup || error.name == .notAllowed,
        roster.owners.contains(replica.member),
        roster.device(replica.secrets.device)?.isKeeper ?? false
      else { throw error }
      var kept = Directory()
      for id in replica.groupIDs where replica.kind(of: id) == .listed && !isOwnGroup(id) {
        kept.rooms.append(
          .init(
            id: id, title: title(id) ?? "unnamed \(id.description.prefix(8))",
            detail: "you are not in it"))
      }
      do {
        return try kept.group(text)
      } catch let other {
        throw other.name == .ambiguous ? other : error
      }
    }
  }

  func groupAdd(_ call: GroupAddCall, _ answer: @escaping Answer) {
    do throws(ControlError) {
      let directory = directory()
      let group = try groupToChange(call.group)
      var members: Set<MemberID> = []
      for text in call.members { members.insert(try directory.member(text)) }
      let present = Set(replica.membershipNow(group)?.members.map(\.id) ?? [])
      let new = members.subtracting(present).sorted()
      guard !new.isEmpty else {
        return answer(.success(.groupAdd(.init(group: groupInfo(group), added: []))))
      }
      let added = new.map { memberRef($0) }
      write(group, parts(new).map { .control(.groupAdd($0, .member)) }) { [self] result in
        switch result {
        case .success:
          renewEpoch(group) {
            answer(.success(.groupAdd(.init(group: self.groupInfo(group), added: added))))
          }
        case .failure(let error): answer(.failure(error))
        }
      }
    } catch {
      answer(.failure(error))
    }
  }

  func groupRemove(_ call: GroupRemoveCall, _ answer: @escaping Answer) {
    do throws(ControlError) {
      let directory = directory()
      let group = try groupToChange(call.group)
      var drafts: [Draft] = []
      var leaving: Set<MemberID> = []
      for text in call.members {
        let member = try directory.member(text)
        if replica.kind(of: group) == .listed,
          replica.membershipNow(group)?.grade(of: member) == nil
        {
          throw ControlError(
            .noSuchMember, "\"\(memberName(member))\" is not in this group",
            hint: "zuruf group list shows who is")
        }
        leaving.insert(member)
        drafts.append(
          .control(.groupRemove(member, replica.cuts(of: member, in: group))))
      }
      let removed = leaving.sorted().map { memberRef($0) }
      if call.look ?? false {
        try checkAllowed(drafts, in: group)
        let leaver = leaving.contains(replica.member) ? memberRef(replica.member) : nil
        let then = groupInfo(group).without(leaving, leaver: leaver)
        return answer(.success(.groupRemove(.init(group: then, removed: removed))))
      }
      // Nobody is named: there is nothing to write.
      guard !drafts.isEmpty else {
        return answer(.success(.groupRemove(.init(group: groupInfo(group), removed: []))))
      }
      write(group, drafts) { [self] result in
        switch result {
        case .success:
          renewEpoch(group) {
            answer(
              .success(.groupRemove(.init(group: self.groupInfo(group), removed: removed))))
          }
        case .failure(let error): answer(.failure(error))
        }
      }
    } catch {
      answer(.failure(error))
    }
  }

  /// Makes the epoch that follows a change of members at once, and goes on in any case: whoever
  /// writes next makes it otherwise (K-5).
  func renewEpoch(_ group: GroupID, then body: @escaping () -> Void) {
    whenWritable(group) { [self] result in
      guard case .success = result else { return body() }
      // What this device just wrote on who is in the group is in the past of its next entry, and has
      // effect only once it is durable: an epoch in between would be for whom it removed (K-4).
      if let underway = committing.first(where: { $0.value == group })?.key {
        return whenStored(underway) { [self] _ in renewEpoch(group, then: body) }
      }
      composeEpoch(group, then: body)
    }
  }

  private func composeEpoch(_ group: GroupID, then body: @escaping () -> Void) {
    do {
      let title = groupTitle(group)
      guard try replica.lacksEpoch(group) || replica.lacksTitle(group) else { return body() }
      // The title is said again under the new secret, so that newcomers know where they are.
      let composed =
        if let title {
          try replica.compose(group, [.message(title.again(request()))], wall: wall)
        } else {
          try replica.composeEpoch(group, wall: wall)
        }
      guard let composed else { return body() }
      hasVouched(in: group)
      drain()
      whenStored(composed.token) { _ in body() }
    } catch {
      body()
    }
  }

  /// Renews the epochs of all groups in which this device may.
  func renewEpochs(then body: @escaping () -> Void) {
    var left = ownGroups()
    func next() {
      guard let group = left.popLast() else { return body() }
      renewEpoch(group, then: next)
    }
    next()
  }
}
