import Authority
import Control
import Format
import Replication

/// What changed in the office and its groups, for those who follow.
struct OfficeNews {
  let group: GroupID
  let operation: Format.Operation
  let author: MemberID
}

extension OfficeNode {
  /// Keeps what changed until it can be told.
  func addNews(_ group: GroupID, _ operation: Format.Operation, by author: MemberID) {
    switch operation {
    case .groupAdd, .groupRemove, .certify, .rank, .remove, .owners: break
    default: return
    }
    if waitingNews.count == Limits.followedMessagesMax { waitingNews.removeFirst() }
    waitingNews.append(OfficeNews(group: group, operation: operation, author: author))
  }

  /// What can be told by now: of a group only once its title can be read, for who is added to one
  /// gets the key in the next moment.
  func takeNews() -> [(group: GroupID?, info: NewsInfo)] {
    guard !waitingNews.isEmpty, isReady else { return [] }
    let news = waitingNews
    waitingNews = []
    var told: [(group: GroupID?, info: NewsInfo)] = []
    for one in news {
      guard one.group != office else {
        let roster = replica.rosterNow()
        let info = officeNews(one.operation, by: one.author, owners: roster.ownersBefore) {
          roster.member($0)?.devices.count == 1
        }
        if let info { told.append((nil, info)) }
        continue
      }
      guard isShownGroup(one.group) else { continue }
      guard title(one.group) != nil else {
        waitingNews.append(one)
        continue
      }
      if let info = groupNews(one.operation, in: one.group, by: one.author) {
        told.append((one.group, info))
      }
    }
    return told
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

  private func officeNews(
    _ operation: Format.Operation, by author: MemberID, owners: [MemberID],
    isNewcomer: (MemberID) -> Bool
  ) -> NewsInfo? {
    let roster = replica.rosterNow()
    switch operation {
    case .certify(let certification):
      let member = certification.certificate.member
      // One more computer of somebody is no newcomer.
      guard member != replica.member, isNewcomer(member) else { return nil }
      return info(.joined, office, author, [member])
    case .remove(let target, _):
      let member: MemberID? =
        switch target {
        case .member(let member): member
        case .device(let device): roster.device(device)?.member
        }
      // Who has another computer is in the office still.
      guard let member, roster.member(member)?.isRemoved ?? false else { return nil }
      return info(member == author ? .left : .removed, office, author, [member])
    case .rank(let member, let rank, _):
      return info(.rank, office, author, [member], rankWord(rank))
    case .owners(let list):
      let fresh = list.members.filter { !owners.contains($0) }
      return fresh.isEmpty ? nil : info(.rank, office, author, fresh, .owner)
    default: return nil
    }
  }

  private func info(
    _ word: NewsWord, _ group: GroupID, _ author: MemberID, _ members: [MemberID],
    _ rank: RankWord? = nil
  ) -> NewsInfo {
    NewsInfo(
      word: word, group: group == office ? nil : groupRef(group),
      by: memberRef(author), members: members.map { memberRef($0) }, rank: rank,
      own: members.contains(replica.member))
  }

  // MARK: Names

  /// Whom of the present members nobody has been told by another name than now; from here on it is
  /// noted what they are called.
  func renames() -> [NewsInfo] {
    var names: [MemberID: String] = [:]
    for member in replica.rosterNow().members where !member.isRemoved {
      names[member.id] = replica.name(of: member.id)?.text
    }
    defer { toldNames = names }
    guard let told = toldNames else { return [] }
    return names.sorted { $0.key < $1.key }.compactMap { member, name in
      guard let was = told[member], was != name else { return nil }
      return renamed(member, was: was)
    }
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
  func pastNews(_ followed: Followed, from: UInt64, until: UInt64?) -> [NewsInfo] {
    func isAsked(_ moment: UInt64) -> Bool { moment >= from && until.map { moment < $0 } ?? true }
    var found: [(moment: UInt64, info: NewsInfo)] = []
    for id in groups(of: followed) where replica.kind(of: id) == .listed {
      for past in replica.pastOperations(in: id) where isAsked(past.effectiveMilliseconds) {
        guard let info = groupNews(past.operation, in: id, by: past.author) else { continue }
        found.append((past.effectiveMilliseconds, info))
      }
    }
    if isOfficeFollowed(followed) { found += pastOfficeNews(isAsked) }
    found.sort { $0.moment < $1.moment }
    return found.suffix(Self.newsMax).map { one in
      NewsInfo(
        word: one.info.word, group: one.info.group, by: one.info.by, members: one.info.members,
        rank: one.info.rank, own: one.info.own, was: one.info.was,
        time: ClaimedTime(ms: Int64(clamping: one.moment)))
    }
  }

  /// What concerns the office stands among all messages, and in the group of everyone.
  private func isOfficeFollowed(_ followed: Followed) -> Bool {
    switch followed {
    case .all: true
    case .group(let id): replica.kind(of: id) == .everyone
    case .pair: false
    }
  }

  private func pastOfficeNews(
    _ isAsked: (UInt64) -> Bool
  ) -> [(moment: UInt64, info: NewsInfo)] {
    var found: [(moment: UInt64, info: NewsInfo)] = []
    var known: Set<MemberID> = []
    let operations = replica.pastOperations(in: office)
    // Whom nobody let in has founded the office, and owned it first.
    let admitted = Set(operations.compactMap(\.newMember))
    var owners = replica.rosterNow().members.map(\.id).filter { !admitted.contains($0) }
    for past in operations {
      let info = officeNews(past.operation, by: past.author, owners: owners) {
        !known.contains($0)
      }
      switch past.operation {
      case .certify(let certification): known.insert(certification.certificate.member)
      case .remove(.member(let member), _): known.remove(member)
      case .owners(let list): owners = list.members
      default: break
      }
      if let info, isAsked(past.effectiveMilliseconds) {
        found.append((past.effectiveMilliseconds, info))
      }
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

extension PastOperation {
  /// Whose device it let into the office, if it did.
  fileprivate var newMember: MemberID? {
    guard case .certify(let certification) = operation else { return nil }
    return certification.certificate.member
  }
}
