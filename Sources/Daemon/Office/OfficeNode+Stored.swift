import Authority
import Control
import Format
import Replication

extension OfficeNode {
  /// What is stored about the asking member: its messages, group by group, on how many devices they
  /// are to be, and who can read along.
  func stored() -> StoredCall.Answer {
    let roster = replica.rosterNow()
    let lines = replica.groupIDs.filter { isShownGroup($0) }.map { id in
      let (count, oldest) = ownMessages(id)
      let members = replica.membershipNow(id)?.members.map { memberRef($0.id) } ?? []
      return StoredLine(
        group: groupRef(id), messages: count, oldest: oldest, devices: entitled(id).count,
        readers: members.sorted { ($0.name, $0.id) < ($1.name, $1.id) })
    }
    return .init(
      groups: lines,
      keepers: roster.devices.filter { $0.isLive && $0.isKeeper }.map { deviceRef($0.key) }
        .sorted { ($0.name, $0.id) < ($1.name, $1.id) },
      devices: roster.devices.filter(\.isLive).count)
  }

  /// How many messages of a group the asking member wrote, and when the first of them came.
  private func ownMessages(_ id: GroupID) -> (count: Int, oldest: ClaimedTime?) {
    let roster = replica.rosterNow()
    let own = Set(roster.devices.filter { $0.member == replica.member }.map(\.key))
    var count = 0
    var oldest: UInt64?
    for (index, device) in replica.authors(id, from: 0).enumerated() where own.contains(device) {
      count += 1
      guard let place = replica.arrival(id, index) else { continue }
      oldest = min(oldest ?? .max, place.effectiveMilliseconds)
    }
    return (count, oldest.map { ClaimedTime(ms: Int64(clamping: $0)) })
  }
}
