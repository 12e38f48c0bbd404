import Authority
import Control
import Format
import Replication

/// What changed in the office and its groups, for those who follow.
struct OfficeNews {
  let group: GroupID
  let operation: Format.Operation
  let author: MemberID
  let place: EntryPlace
}

extension OfficeNode {
  /// Keeps what changed until it can be told.
  func addNews(
    _ group: GroupID, _ operation: Format.Operation, by author: MemberID, at place: EntryPlace
  ) {
    switch operation {
    case .groupAdd, .groupRemove, .certify, .rank, .remove, .owners: break
    default: return
    }
    if waitingNews.count == Limits.followedMessagesMax { waitingNews.removeFirst() }
    waitingNews.append(
      OfficeNews(group: group, operation: operation, author: author, place: place))
  }

  /// What can be told by now: of a group only once its title can be read, for who is added to one
  /// gets the key in the next moment.
  func takeNews() -> [(group: GroupID?, info: NewsInfo)] {
    guard !waitingNews.isEmpty, isReady else { return [] }
    let news = waitingNews
    waitingNews = []
    let swaps =
      news.contains { $0.isOfOneDevice } ? swaps(replica.pastOperations(in: office)) : .init()
    var told: [(group: GroupID?, info: NewsInfo)] = []
    for one in news {
      guard one.group != office else {
        let roster = replica.rosterNow()
        let news = officeNews(
          one.operation, by: one.author, owners: roster.ownersBefore, swaps: swaps
        ) {
          roster.member($0)?.devices.count ?? 0
        }
        told += news.map { (nil, $0.at(moment(of: one))) }
        continue
      }
      guard isShownGroup(one.group) else { continue }
      guard title(one.group) != nil else {
        waitingNews.append(one)
        continue
      }
      if let info = groupNews(one.operation, in: one.group, by: one.author) {
        told.append((one.group, info.at(moment(of: one))))
      }
    }
    return told
  }

  /// When it stands in the display, in milliseconds since 1970: as whoever reads it later finds it.
  private func moment(of one: OfficeNews) -> UInt64 {
    replica.readingPlace(one.place, in: one.group)?.effective ?? wall
  }

  private func groupNews(
    _ operation: Format.Operation, in group: GroupID, by author: MemberID
  ) -> NewsInfo? {
    switch operation {
    case .groupAdd(let members, _): info(.added, group, author, members)
    case .groupRemove(let member, _):
      info(member == author ? .left : .removed, group, author, [member])
    default: nil
    }
  }

  /// What an operation of the office log is told as; `devices` says how many a member has after it.
  private func officeNews(
    _ operation: Format.Operation, by author: MemberID, owners: [MemberID],
    swaps: DeviceSwaps, devices: (MemberID) -> Int
  ) -> [NewsInfo] {
    let roster = replica.rosterNow()
    switch operation {
    case .certify(let certification):
      let certificate = certification.certificate
      // By a ticket any computer that is on lets in: who made it said so.
      let sponsor =
        roster.ticket(certification.ticket, for: certificate.member)?.issuer ?? author
      // One more computer of somebody is no newcomer, but reads and writes as that person.
      guard devices(certificate.member) <= 1, !swaps.tickets.contains(certification.ticket) else {
        guard certificate.device != replica.secrets.device else { return [] }
        return [
          info(.deviceJoined, office, sponsor, [certificate.member], device: certificate.device)
        ]
      }
      return certificate.member == replica.member
        ? [] : [info(.joined, office, sponsor, [certificate.member])]
    case .remove(let target, _):
      let member: MemberID
      switch target {
      case .member(let named): member = named
      case .device(let device):
        guard let known = roster.device(device) else { return [] }
        member = known.member
        // Who has another computer is in the office still, and so is who gets one for it.
        if devices(member) > 0 || swaps.devices.contains(device) {
          return [info(.deviceRemoved, office, author, [member], device: device)]
        }
      }
      guard devices(member) == 0 else { return [] }
      return [info(member == author ? .left : .removed, office, author, [member])]
    case .rank(let member, let rank, _):
      return [info(.rank, office, author, [member], rankWord(rank))]
    case .owners(let list): return ownerNews(list, by: author, before: owners)
    default: return []
    }
  }

  /// Who owns the office from then on, and who does no more; that the recovery key was used in any case.
  private func ownerNews(
    _ list: Format.Operation.OwnerList, by author: MemberID, before: [MemberID]
  ) -> [NewsInfo] {
    let isRecovery = list.isByRecovery ? true : nil
    let fresh = list.members.filter { !before.contains($0) }
    let gone = before.filter { !list.members.contains($0) }
    var news: [NewsInfo] = []
    let made = fresh.isEmpty && gone.isEmpty && list.isByRecovery ? list.members : fresh
    if !made.isEmpty {
      news.append(info(.rank, office, author, made, .owner, recovery: isRecovery))
    }
    if !gone.isEmpty { news.append(info(.unowned, office, author, gone, recovery: isRecovery)) }
    return news
  }

  private func info(
    _ word: NewsWord, _ group: GroupID, _ author: MemberID, _ members: [MemberID],
    _ rank: RankWord? = nil, device: DeviceKey? = nil, recovery: Bool? = nil
  ) -> NewsInfo {
    NewsInfo(
      word: word, group: group == office ? nil : groupRef(group),
      by: memberRef(author), members: members.map { memberRef($0) }, rank: rank,
      own: members.contains(replica.member), device: device.map { deviceRef($0) },
      recovery: recovery)
  }

  // MARK: Names

  /// Whom of the present members, and which of their devices, somebody has been told by another name
  /// than now; from here on it is noted what they are called.
  func renames() -> [NewsInfo] {
    var names = ToldNames(titles: toldNames?.titles ?? [:])
    for member in replica.rosterNow().members where !member.isRemoved {
      names.members[member.id] = replica.name(of: member.id)?.text
      for device in member.devices {
        names.devices[device.key] = replica.name(of: device.key)?.text
      }
    }
    defer { toldNames = names }
    guard let told = toldNames, told != names else { return [] }
    let (past, pastDevices) = (replica.pastNames(), replica.pastDeviceNames())
    let people = names.members.sorted { $0.key < $1.key }.compactMap { member, name -> NewsInfo? in
      guard let was = told.members[member], was != name else { return nil }
      let last = past.last { $0.member == member && $0.name.text == name }
      return renamed(member, was: was).at(last?.effectiveMilliseconds ?? wall)
    }
    let roster = replica.rosterNow()
    return people
      + names.devices.sorted { $0.key < $1.key }.compactMap { device, name -> NewsInfo? in
        guard let was = told.devices[device], was != name,
          let member = roster.device(device)?.member
        else { return nil }
        let last = pastDevices.last { $0.device == device && $0.name.text == name }
        return renamed(deviceRef(device), of: member, was: was)
          .at(last?.effectiveMilliseconds ?? wall)
      }
  }

  private func renamed(_ device: DeviceRef, of member: MemberID, was: String) -> NewsInfo {
    NewsInfo(
      word: .deviceRenamed, group: nil, by: memberRef(member), members: [memberRef(member)],
      rank: nil, own: member == replica.member, was: was, device: device)
  }

  private func renamed(_ member: MemberID, was: String) -> NewsInfo {
    NewsInfo(
      word: .renamed, group: nil, by: memberRef(member), members: [memberRef(member)], rank: nil,
      own: member == replica.member, was: was)
  }

  // MARK: What happened before

  /// So many are told with one page of messages.
  static let newsMax = 64

  /// What happened in what is followed from one moment up to another, the newest of it, the oldest
  /// first; what this member did itself too, for it is read later.
  ///
  /// What happened before this device came is the others' past.
  func pastNews(_ followed: Followed, from: UInt64, until: UInt64?) -> [NewsInfo] {
    let operations = replica.pastOperations(in: office)
    let own = replica.secrets.device
    let from = max(from, operations.last { $0.newDevice == own }?.effectiveMilliseconds ?? 0)
    func isAsked(_ moment: UInt64) -> Bool { moment >= from && until.map { moment < $0 } ?? true }
    var found: [(moment: UInt64, info: NewsInfo)] = []
    for id in groups(of: followed) where replica.kind(of: id) == .listed {
      for past in replica.pastOperations(in: id) where isAsked(past.effectiveMilliseconds) {
        guard let info = groupNews(past.operation, in: id, by: past.author) else { continue }
        found.append((past.effectiveMilliseconds, info))
      }
      found += pastTitles(of: id).filter { isAsked($0.moment) }
    }
    if isOfficeFollowed(followed) { found += pastOfficeNews(operations, isAsked) }
    found.sort { $0.moment < $1.moment }
    return found.suffix(Self.newsMax).map { $0.info.at($0.moment) }
  }

  /// What concerns the office stands among all messages, and in the group of everyone.
  private func isOfficeFollowed(_ followed: Followed) -> Bool {
    switch followed {
    case .all: true
    case .group(let id): id == everyone
    case .pair: false
    }
  }

  private func pastOfficeNews(
    _ operations: [PastOperation], _ isAsked: (UInt64) -> Bool
  ) -> [(moment: UInt64, info: NewsInfo)] {
    var found: [(moment: UInt64, info: NewsInfo)] = []
    let swaps = swaps(operations)
    // What somebody was then, and not what became of them since: so the past stays as it was.
    var devices: [MemberID: Set<DeviceKey>] = [:]
    let certified = Set(operations.compactMap(\.newDevice))
    for device in replica.rosterNow().devices where !certified.contains(device.key) {
      devices[device.member, default: []].insert(device.key)
    }
    // Whom nobody let in has founded the office, and owned it first.
    let admitted = Set(operations.compactMap(\.newMember))
    var owners = replica.rosterNow().members.map(\.id).filter { !admitted.contains($0) }
    for past in operations {
      switch past.operation {
      case .certify(let certification):
        let certificate = certification.certificate
        devices[certificate.member, default: []].insert(certificate.device)
      case .remove(.member(let member), _): devices[member] = []
      case .remove(.device(let device), _):
        if let member = replica.rosterNow().device(device)?.member {
          devices[member]?.remove(device)
        }
      default: break
      }
      let news = officeNews(past.operation, by: past.author, owners: owners, swaps: swaps) {
        devices[$0]?.count ?? 0
      }
      if case .owners(let list) = past.operation { owners = list.members }
      guard isAsked(past.effectiveMilliseconds) else { continue }
      found += news.map { (past.effectiveMilliseconds, $0) }
    }
    for past in replica.pastDeviceNames() where isAsked(past.effectiveMilliseconds) {
      let device = DeviceRef(id: identifier(past.device.bytes.array), name: past.name.text)
      found.append(
        (past.effectiveMilliseconds, renamed(device, of: past.member, was: past.was.text)))
    }
    for past in replica.pastNames() where isAsked(past.effectiveMilliseconds) {
      // By the name that it was given then.
      let info = NewsInfo(
        word: .renamed, group: nil, by: memberRef(past.member),
        members: [MemberRef(id: identifier(past.member.bytes.array), name: past.name.text)],
        rank: nil, own: past.member == replica.member, was: past.was.text)
      found.append((past.effectiveMilliseconds, info))
    }
    return found
  }
}

/// Computers that were removed for others that took their places (C-16), and the tickets of those.
private struct DeviceSwaps {
  var devices: Set<DeviceKey> = []
  var tickets: Set<TicketKey> = []
}

extension OfficeNode {
  /// A yes that replaces a computer writes its removal and the ticket for the new one together.
  private func swaps(_ operations: [PastOperation]) -> DeviceSwaps {
    let roster = replica.rosterNow()
    var swaps = DeviceSwaps()
    for (index, removal) in operations.enumerated() {
      guard case .remove(.device(let device), _) = removal.operation,
        let member = roster.device(device)?.member
      else { continue }
      for next in operations[(index + 1)...].prefix(DeviceSwaps.reach) {
        guard case .ticket(let grant) = next.operation, grant.member == member,
          next.author == removal.author,
          next.effectiveMilliseconds < removal.effectiveMilliseconds + DeviceSwaps.milliseconds
        else { continue }
        swaps.devices.insert(device)
        swaps.tickets.insert(grant.key)
      }
    }
    return swaps
  }
}

extension DeviceSwaps {
  /// What others write at the same time may stand between the two.
  fileprivate static let reach = 8
  fileprivate static let milliseconds: UInt64 = 1_000
}

extension OfficeNews {
  /// Whether it removes one computer or lets one in.
  fileprivate var isOfOneDevice: Bool {
    switch operation {
    case .remove(.device, _), .certify: true
    default: false
    }
  }
}

extension PastOperation {
  /// The device that it let into the office, if it did.
  fileprivate var newDevice: DeviceKey? {
    guard case .certify(let certification) = operation else { return nil }
    return certification.certificate.device
  }

  /// Whose device it let into the office, if it did.
  fileprivate var newMember: MemberID? {
    guard case .certify(let certification) = operation else { return nil }
    return certification.certificate.member
  }
}

extension NewsInfo {
  /// The same, with when it stands in the display, in milliseconds since 1970.
  fileprivate func at(_ milliseconds: UInt64) -> NewsInfo {
    NewsInfo(
      word: word, group: group, by: by, members: members, rank: rank, own: own, was: was,
      time: ClaimedTime(ms: Int64(clamping: milliseconds)), device: device, recovery: recovery)
  }
}

/// What people, devices and groups were called when somebody was last told of it.
struct ToldNames: Equatable {
  /// All titles of a group that were said by then.
  var titles: [GroupID: Set<GroupTitle>] = [:]
  var members: [MemberID: String] = [:]
  var devices: [DeviceKey: String] = [:]
}

extension Format.Operation.OwnerList {
  /// Whether the recovery key signed it, and no owners.
  var isByRecovery: Bool { signatures.contains { $0.device.isZero } }
}
