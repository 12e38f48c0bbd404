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
    case .groupAdd, .groupRemove, .certify, .rank: break
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
        if let info = officeNews(one) { told.append((nil, info)) }
        continue
      }
      guard isShownGroup(one.group) else { continue }
      guard title(one.group) != nil else {
        waitingNews.append(one)
        continue
      }
      if let info = groupNews(one) { told.append((one.group, info)) }
    }
    return told
  }

  private func groupNews(_ news: OfficeNews) -> NewsInfo? {
    switch news.operation {
    case .groupAdd(let members, _): info(.added, news, members)
    case .groupRemove(let member, _):
      info(member == news.author ? .left : .removed, news, [member])
    default: nil
    }
  }

  private func officeNews(_ news: OfficeNews) -> NewsInfo? {
    switch news.operation {
    case .certify(let certification):
      let member = certification.certificate.member
      // One more computer of somebody is no newcomer.
      guard member != replica.member,
        replica.rosterNow().member(member)?.devices.count == 1
      else { return nil }
      return info(.joined, news, [member])
    case .rank(let member, let rank, _): return info(.rank, news, [member], rankWord(rank))
    default: return nil
    }
  }

  private func info(
    _ word: NewsWord, _ news: OfficeNews, _ members: [MemberID], _ rank: RankWord? = nil
  ) -> NewsInfo {
    NewsInfo(
      word: word, group: news.group == office ? nil : groupRef(news.group),
      by: memberRef(news.author), members: members.map { memberRef($0) }, rank: rank,
      own: members.contains(replica.member))
  }
}
