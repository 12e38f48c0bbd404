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
        readers: members.sorted { ($0.name, $0.id) < ($1.name, $1.id) },
        former: count == 0 ? nil : formerReaders(id, since: oldest))
    }
    func keepers(areLive: Bool) -> [DeviceRef] {
      roster.devices.filter { $0.isLive == areLive && $0.isKeeper }.map { deviceRef($0.key) }
        .sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }
    let gone = keepers(areLive: false)
    return .init(
      fitting: lines, keepers: keepers(areLive: true), formerKeepers: gone.isEmpty ? nil : gone,
      devices: roster.devices.filter(\.isLive).count)
  }

  /// Who could read in a group on devices that get nothing of it any more: a removal takes back
  /// nothing that was there. Of those alone that went after the first of the messages in question.
  private func formerReaders(_ id: GroupID, since oldest: ClaimedTime?) -> [FormerReader]? {
    let roster = replica.rosterNow()
    let present = Set(replica.membershipNow(id)?.devices.map(\.key) ?? [])
    var found: [MemberID: (devices: Int, until: UInt64?)] = [:]
    for key in replica.everRecipients(in: id).subtracting(present).sorted() {
      guard key != replica.secrets.device, let device = roster.device(key) else { continue }
      let until = lastTaken(id, device)
      if let until, let oldest, Int64(clamping: until) < oldest.ms { continue }
      let known = found[device.member]
      found[device.member] = (
        (known?.devices ?? 0) + 1, [known?.until, until].compactMap { $0 }.max()
      )
    }
    let readers = found.map { member, one in
      FormerReader(
        member: memberRef(member), devices: one.devices,
        until: one.until.map { ClaimedTime(ms: Int64(clamping: $0)) })
    }
    return readers.isEmpty
      ? nil : readers.sorted { ($0.member.name, $0.member.id) < ($1.member.name, $1.member.id) }
  }

  /// When a device was taken out of a group or the office, whichever was first, in milliseconds
  /// since 1970; nil where nothing here says so.
  private func lastTaken(_ id: GroupID, _ device: RosterDevice) -> UInt64? {
    let fromOffice = replica.rosterNow().removals(of: device)
      .compactMap { replica.origin(of: $0.entry)?.effectiveMilliseconds }.min()
    let fromGroup = replica.lastRemoval(of: device.member, from: id)
    return [fromOffice, fromGroup].compactMap { $0 }.min()
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
