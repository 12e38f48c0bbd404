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
  // MARK: References as people see them

  func memberName(_ id: MemberID) -> String {
    if let known = knownNames.members[id] { return known }
    let name = replica.name(of: id)?.text ?? "unnamed \(id.description.prefix(8))"
    knownNames.members[id] = name
    return name
  }

  func deviceName(_ key: DeviceKey) -> String {
    if let known = knownNames.devices[key] { return known }
    let name = replica.name(of: key)?.text ?? "unnamed \(key.description.prefix(8))"
    knownNames.devices[key] = name
    return name
  }

  func memberRef(_ id: MemberID) -> MemberRef {
    MemberRef(id: identifier(id.bytes.array), name: memberName(id))
  }

  func deviceRef(_ key: DeviceKey) -> DeviceRef {
    DeviceRef(id: identifier(key.bytes.array), name: deviceName(key))
  }

  func officeInfo() -> OfficeInfo {
    OfficeInfo(
      id: identifier(office.bytes.array),
      name: replica.officeName()?.text ?? "unnamed \(office.description.prefix(8))")
  }

  func groupRef(_ id: GroupID) -> GroupRef {
    if let known = knownGroups[id] { return known }
    let ref = GroupRef(
      id: identifier(id.bytes.array), title: title(id),
      kind: kindWord(replica.kind(of: id) ?? .listed))
    knownGroups[id] = ref
    return ref
  }

  private func kindWord(_ kind: GroupKind) -> GroupKindWord {
    switch kind {
    case .listed: .listed
    case .everyone: .everyone
    case .direct: .direct
    }
  }

  /// What to show as a group's name: its title, or `@` and the other person's name.
  func title(_ id: GroupID) -> String? {
    if let pair = replica.pair(of: id) {
      return "@" + memberName(pair.a == replica.member ? pair.b : pair.a)
    }
    let said = groupTitle(id)?.title.text
    guard replica.kind(of: id) == .everyone else { return said }
    // The office's is called so by its kind, whatever somebody says in it, also before the first key to
    // it has come; and no other one is: anybody can found one.
    guard id != everyone else { return Directory.Room.everyone }
    return said.flatMap { Directory.Room.isLikeEveryone($0) ? nil : $0 }
  }

  /// The office's group of everyone (C-22); nil before it has come, whatever others founded.
  var everyone: GroupID? { replica.everyone?.id }

  /// A group as lists show it; of two people all their groups are one (`ownGroups`).
  func groupInfo(_ id: GroupID) -> GroupInfo {
    let gone = gone(id) ?? goneWithComputer(id)
    let parts = conversation(of: id)
    let readable = parts.filter { isReadable($0, isGone: gone != nil) }
    let newest = newestShown(parts)
    let purpose = groupTitle(id)?.purpose ?? ""
    let also = parts.filter { $0 != id }.map { identifier($0.bytes.array) }
    return GroupInfo(
      id: identifier(id.bytes.array), title: title(id),
      kind: kindWord(replica.kind(of: id) ?? .listed), purpose: purpose.isEmpty ? nil : purpose,
      members: (replica.membershipNow(id)?.members ?? []).map { memberRef($0.id) },
      readable: !readable.isEmpty, messages: readable.reduce(0) { $0 + shownCount($1) },
      unread: gone == nil ? readable.reduce(0) { $0 + unread($1) } : 0,
      latest: newest.map { ClaimedTime(ms: Int64(clamping: $0.place.effectiveMilliseconds)) },
      gone: gone,
      partner: replica.pair(of: id).map { memberRef($0.a == replica.member ? $0.b : $0.a) },
      last: newest.flatMap { last($0.group, $0.place) }, also: also.isEmpty ? nil : also)
  }

  private func isReadable(_ id: GroupID, isGone: Bool) -> Bool {
    guard !isGone else { return replica.holdsKey(of: id) }
    return replica.membershipNow(id)?.contains(replica.secrets.device) ?? false
  }

  /// The newest message of these groups that is shown here, in the one order of all (C-8).
  private func newestShown(_ ids: [GroupID]) -> (group: GroupID, place: MessagePlace)? {
    ids.compactMap { id in
      replica.newestShown(id, to: replica.member).map { (group: id, place: $0) }
    }.max { a, b in
      (a.place.effectiveMilliseconds, a.group) < (b.place.effectiveMilliseconds, b.group)
    }
  }

  /// How many messages `read` shows: of those that nobody else gets, one's own are.
  private func shownCount(_ id: GroupID) -> Int {
    replica.arrivalCount(id) - replica.voidCount(in: id, of: nil)
      + replica.voidCount(in: id, of: replica.member)
  }

  // MARK: What a person types

  /// What a command in a hint takes for a member, quoted for a shell.
  func typedName(of member: MemberID) -> String { directory().typed(member) }

  /// The same for a group, of two people by the sign and the other one.
  func typedName(of group: GroupID) -> String {
    guard let pair = replica.pair(of: group) else { return directory().typed(group) }
    return shellWord("@") + typedName(of: pair.a == replica.member ? pair.b : pair.a)
  }

  /// The same for a device.
  func typedName(of device: DeviceKey) -> String {
    let name = deviceName(device)
    let same = replica.rosterNow().devices.filter { $0.isLive && deviceName($0.key) == name }
    return shellWord(
      Platform.typedName(name, id: device.description, isUnique: same.map(\.key) == [device]))
  }

  /// The groups that this device's member is in, in the order of their titles (C-10).
  func ownGroups() -> [GroupID] {
    let everyone = everyone
    return replica.groupIDs.filter { id in
      isOwnGroup(id)
    }.filter { id in
      // Of all direct groups of one pair the first in canonical order stands for all.
      guard let pair = replica.pair(of: id) else { return true }
      return replica.directGroup(pair) == id
    }.map { id in
      // The group of everyone comes first.
      (rank: id == everyone ? 0 : 1, title: title(id) ?? "", id: id)
    }.sorted(by: <).map(\.id)
  }

  /// Whether a newcomer can read and write in everyone's group, in those that its ticket names, and
  /// in those in which its member was before this device came (C-9).
  func holdsGroups(of ticket: TicketKey) -> Bool {
    let roster = replica.rosterNow()
    func isHeld(_ id: GroupID) -> Bool {
      guard isOwnGroup(id) else { return false }
      return replica.kind(of: id) == .everyone ? replica.holdsKey(of: id) : groupTitle(id) != nil
    }
    let listed = replica.groupIDs.filter { replica.kind(of: $0) == .listed && isOwnGroup($0) }
    let named = roster.ticket(ticket)?.grant.groups ?? []
    guard (listed + named).allSatisfy(isHeld) else { return false }
    // A box takes part only where it was added (A-9).
    return roster.rank(of: replica.member) == .box
      || everyone.map(isHeld) ?? false
  }

  /// The names that can be typed here, and whom they mean; made anew when somebody's changed.
  func directory() -> Directory {
    if let known = knownDirectory { return known }
    let directory = makeDirectory()
    knownDirectory = directory
    return directory
  }

  private func makeDirectory() -> Directory {
    var directory = Directory()
    let roster = replica.rosterNow()
    for member in roster.members where !member.isRemoved {
      let count = member.devices.count
      directory.people.append(
        .init(
          id: member.id, name: memberName(member.id),
          detail: "\(rankWord(member.rank).rawValue), \(count) device\(count == 1 ? "" : "s")"))
    }
    for member in roster.members where member.isRemoved {
      directory.past.append(
        .init(id: member.id, name: memberName(member.id), detail: outWords(member.id)))
    }
    let everyone = everyone
    for id in ownGroups() where replica.kind(of: id) != .direct {
      // A group whose title cannot be read yet is reached by its id.
      let title = title(id) ?? "unnamed \(id.description.prefix(8))"
      directory.rooms.append(
        .init(
          id: id, title: title, detail: roomDetail(id), isEveryone: id == everyone))
    }
    for id in formerGroups() where replica.kind(of: id) != .direct {
      guard let words = goneWords(id) else { continue }
      let title = title(id) ?? "unnamed \(id.description.prefix(8))"
      directory.rooms.append(
        .init(id: id, title: title, detail: words, isEveryone: id == everyone, gone: words))
    }
    return directory
  }

  /// Two people can make groups of one title at the same time: who made it tells them apart.
  private func roomDetail(_ id: GroupID) -> String {
    guard let membership = replica.membershipNow(id) else { return "nobody in it" }
    let count = membership.members.count
    let members = "\(count) member\(count == 1 ? "" : "s")"
    return id != everyone
      ? "made by \(memberName(membership.creator)), \(members)" : members
  }

  func rankWord(_ rank: Rank) -> RankWord {
    switch rank {
    case .owner: .owner
    case .admin: .admin
    case .box, .machine: .box
    case .member, .guest: .member
    }
  }

  /// A device by its name, its id, or the beginning of one.
  func device(_ text: String) throws(ControlError) -> DeviceKey {
    let isID = text.begins("id:")
    // The directory knows a device by the first 16 bytes of its id.
    let known = isID ? String(text.prefix(3 + 2 * 16)) : text
    var names = Directory(sign: "")
    for device in replica.rosterNow().devices where device.isLive {
      names.people.append(
        .init(
          id: MemberID(device.key.bytes.prefix), name: deviceName(device.key),
          detail: "of \(memberName(device.member))"))
    }
    do {
      let found = try names.member(known)
      for device in replica.rosterNow().devices
      where device.key.bytes.prefix == found.bytes
        && (!isID || device.key.description.hasPrefix(text.dropFirst(3).lowercased()))
      {
        return device.key
      }
    } catch {
      guard error.name == .noSuchMember else { throw error }
    }
    // People know a box by its own name.
    let owner = try? directory().member(text)
    throw ControlError(
      .noSuchDevice,
      owner.map { "\"\(memberName($0))\" is no device, but has one or more" }
        ?? "no device here is called \"\(text)\"",
      hint: owner.map { "to see which: zuruf device list \(typedName(of: $0))" }
        ?? "zuruf device list shows the devices")
  }
}

/// Bytes as Control names them; there are always 16 or 32.
func identifier(_ bytes: [UInt8]) -> HexIdentifier {
  guard let identifier = HexIdentifier(bytes: bytes) else {
    preconditionFailure("an identifier has 1 to 32 bytes")
  }
  return identifier
}
