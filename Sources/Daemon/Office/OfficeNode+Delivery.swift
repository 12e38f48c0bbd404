import Authority
import Control
import Cryptography
import Discovery
import Format
import Platform
import Replication
import Storage
import Transport

/// The devices that are to hold a group's log, and what that was read from.
struct Entitlement {
  let roster: Roster
  let membership: GroupMembership?
  let devices: [DeviceKey]
}

extension OfficeNode {
  /// How far a message has come.
  ///
  /// With the epoch of an own one, what a device has and cannot read does not count, and it is told
  /// whom it has not reached.
  func delivery(_ group: GroupID, _ entry: EntryPlace, under epoch: EpochID?) -> DeliveryInfo {
    let devices = counted(group, under: epoch)
    guard let epoch, let recipients = replica.recipients(of: epoch, in: group) else {
      let holders = replica.holders(group, entry, among: devices)
      return DeliveryInfo(word: word(group, holders), devices: holders.count, of: devices.count)
    }
    let readers = Set(recipients)
    let holders =
      replica.holders(group, entry, among: devices) + departed(group, entry, among: recipients)
    let missing = membersWithout(holders, among: devices.filter { readers.contains($0) })
    let more = missing.count - DeliveryInfo.missingMax
    return DeliveryInfo(
      word: word(group, holders), devices: holders.count,
      of: Set(devices).union(holders).count,
      missing: missing.isEmpty ? nil : Array(missing.prefix(DeliveryInfo.missingMax)),
      further: more > 0 ? more : nil,
      everyone: isEverywhere(group, holders, readers) ? true : nil)
  }

  /// Whether all devices of all who are in the group now can read a message and have it.
  private func isEverywhere(
    _ group: GroupID, _ holders: [DeviceKey], _ readers: Set<DeviceKey>
  ) -> Bool {
    guard let membership = replica.membershipNow(group) else { return false }
    let holders = Set(holders)
    return membership.devices.allSatisfy { readers.contains($0.key) && holders.contains($0.key) }
  }

  /// The devices over which it is counted how far a message has come: those that are to hold it, and
  /// of these, where its epoch is known, the ones that can read it, and keepers.
  func counted(_ group: GroupID, under epoch: EpochID?) -> [DeviceKey] {
    guard let readers = epoch.flatMap({ replica.recipients(of: $0, in: group) }).map({ Set($0) })
    else { return entitled(group) }
    let roster = replica.rosterNow()
    return entitled(group).filter { device in
      readers.contains(device) || roster.device(device)?.isKeeper ?? false
    }
  }

  /// Devices that could read a message, have it, and are not to hold the group's log any more: that
  /// somebody leaves does not take it back.
  private func departed(
    _ group: GroupID, _ entry: EntryPlace, among recipients: [DeviceKey]
  ) -> [DeviceKey] {
    let present = Set(entitled(group))
    return replica.holders(group, entry, among: recipients.filter { !present.contains($0) })
  }

  private func word(_ group: GroupID, _ holders: [DeviceKey]) -> DeliveryWord {
    if let pair = replica.pair(of: group) {
      let other = pair.a == replica.member ? pair.b : pair.a
      let roster = replica.rosterNow()
      if holders.contains(where: { roster.device($0)?.member == other }) { return .onRecipient }
    }
    return holders.contains { $0 != replica.secrets.device } ? .onDevices : .here
  }

  /// Other members of whom none of these devices is among the holders, by name.
  private func membersWithout(_ holders: [DeviceKey], among readers: [DeviceKey]) -> [MemberRef] {
    let roster = replica.rosterNow()
    let reached = Set(holders.compactMap { roster.device($0)?.member })
    let members = Set(readers.compactMap { roster.device($0)?.member })
    return members.subtracting(reached).filter { $0 != replica.member }.map { memberRef($0) }
      .sorted { ($0.name, $0.id) < ($1.name, $1.id) }
  }

  /// The epoch under which an entry was written; nil where it cannot be read from the disk.
  func epoch(of entry: EntryPlace, in group: GroupID) -> EpochID? {
    guard let (batch, summary) = try? store.entry(group, entry.place, entry.seq) else { return nil }
    return try? batch.header(summary).epoch
  }

  /// The devices that are to hold a group's log: its members' and the keepers.
  func entitled(_ group: GroupID) -> [DeviceKey] {
    let (roster, membership) = (replica.rosterNow(), replica.membershipNow(group))
    if let known = entitlements[group], known.roster === roster, known.membership === membership {
      return known.devices
    }
    let members = Set(membership?.devices.map(\.key) ?? [])
    let devices = roster.devices.filter {
      $0.isLive && ($0.isKeeper || members.contains($0.key))
    }.map(\.key)
    entitlements[group] = Entitlement(roster: roster, membership: membership, devices: devices)
    return devices
  }

  func delivery(of call: DeliveryCall) throws(ControlError) -> DeliveryCall.Answer {
    // An own one that nobody is shown any more is told of by its whole id.
    let value: Bytes32
    if let whole = Format.bytes(hex: call.entry).flatMap({ Bytes32($0) }) {
      value = whole
    } else {
      value = try messageCalled(call.entry).entry.bytes
    }
    for group in replica.groupIDs {
      guard let at = replica.find(EntryID(value), in: group) else { continue }
      let (roster, epoch) = (replica.rosterNow(), epoch(of: at, in: group))
      let recipients = epoch.flatMap { replica.recipients(of: $0, in: group) }
      let readers = recipients.map { Set($0) }
      let devices = entitled(group) + departed(group, at, among: recipients ?? [])
      let holders = Set(replica.holders(group, at, among: devices))
      return .init(
        entry: identifier(value.array), group: groupRef(group),
        state: replica.isVoid(EntryID(value), at, in: group)
          ? .nobody : delivery(group, at, under: epoch),
        devices: devices.compactMap { key in
          guard let device = roster.device(key) else { return nil }
          return DeviceDelivery(
            device: deviceRef(key), member: memberRef(device.member), keeper: device.isKeeper,
            holds: holders.contains(key), seen: lastSeen(key),
            reads: device.isKeeper || readers?.contains(key) ?? true ? nil : false)
        })
    }
    throw ControlError(.noSuchEntry, "no message with this id is here", hint: nil)
  }
}
