import Authority
import Control
import Cryptography
import Discovery
import Format
import Platform
import Replication
import Storage
import Transport

extension NodeLoop {
  func standing() -> StandingWord {
    guard let office else {
      return joining == nil && (membership == nil || isCarried) ? .noOffice : .joining
    }
    if office.isRemoved { return .removed }
    return office.isReady ? .ready : .joining
  }

  func officeStatus() -> OfficeStatusCall.Answer {
    guard let office, office.isReady || office.isRemoved else {
      let computer = Computer.hostName()
      return .init(
        standing: standing(), office: nil, member: nil, device: nil, rank: nil,
        recovery: .none, owners: 0, members: 0, devices: 0, groups: 0,
        account: AccountNames(
          name: Account.current().defaultName(on: computer), device: computer))
    }
    let roster = office.replica.rosterNow()
    return .init(
      standing: standing(), office: office.officeInfo(),
      member: office.memberRef(office.replica.member),
      device: office.deviceRef(office.replica.secrets.device),
      rank: office.isRemoved
        ? nil : roster.member(office.replica.member).map { office.rankWord($0.rank) },
      recovery: office.isRemoved ? .none : recoveryWord, owners: roster.owners.count,
      members: roster.members.count { !$0.isRemoved },
      devices: roster.devices.count { $0.isLive }, groups: office.ownGroups().count,
      pending: office.pendingChange()?.change, door: door.opening?.untilWall)
  }

  func status() -> StatusCall.Answer {
    let known = officeStatus()
    return .init(
      version: ControlVersion.product, api: ControlVersion.api, standing: known.standing,
      office: known.office, member: known.member, device: known.device, rank: known.rank,
      recovery: known.recovery, owners: known.owners, home: disk.place, listening: listening(),
      started: ClaimedTime(ms: Int64(clamping: started.milliseconds)), peers: peers(),
      waiting: waiting(), latest: office?.latest(),
      unread: known.standing == .ready ? office?.unreadConversations() : nil,
      degraded: degraded(), door: door.opening?.untilWall, knock: knock(), keeps: keeps())
  }

  /// Where this computer stands and waits for a yes.
  private func knock() -> KnockCall.Answer? {
    guard let attempt = knocking, attempt.isOpen, let digits = attempt.digits else { return nil }
    return .init(
      digits: digits.description, office: attempt.office, sponsor: attempt.sponsor,
      member: attempt.member)
  }

  /// Of how many groups this device keeps all messages, whether it can read them or not.
  private func keeps() -> Int? {
    guard let office, office.isReady,
      office.replica.rosterNow().device(office.replica.secrets.device)?.isKeeper ?? false
    else { return nil }
    return office.replica.groupIDs.count { $0 != office.office }
  }

  private func listening() -> [String] {
    guard links.port != 0 else { return [] }
    var found: [String] = []
    for interface in (try? surroundings.network.interfaces()) ?? [] where interface.isUp {
      for address in interface.addresses {
        found.append(SocketAddress(address.ip, port: links.port).description)
      }
    }
    return found
  }

  func peers() -> [PeerInfo] {
    guard let office, office.isReady else { return [] }
    let own = office.replica.secrets.device
    return office.replica.rosterNow().devices.filter { $0.isLive && $0.key != own }
      .map { peer($0, office) }
      .sorted { ($0.member.name, $0.device.name) < ($1.member.name, $1.device.name) }
  }

  /// A device of the office as this node knows it.
  func peer(_ device: RosterDevice, _ office: OfficeNode) -> PeerInfo {
    let link = up.first { $0.value.device == device.key }
    var addresses: [AddressInfo] = []
    for known in dialBook.addresses where known.device == device.noise {
      addresses.append(
        AddressInfo(
          address: known.address.description, source: sourceWord(known.sources.first),
          used: link?.value.address == known.address))
    }
    if let link, !addresses.contains(where: \.used) {
      addresses.append(
        AddressInfo(
          address: link.value.address.description,
          source: link.value.up.isInitiator ? .remembered : .incoming, used: true))
    }
    let trouble = dialBook.addresses.first {
      $0.device == device.noise && $0.lastEnd?.isTrouble ?? false
    }?.lastEnd?.words
    return PeerInfo(
      device: office.deviceRef(device.key), member: office.memberRef(device.member),
      keeper: device.isKeeper, linked: link != nil,
      since: link.map { ClaimedTime(ms: Int64(clamping: $0.value.since)) }
        ?? office.lastSeen(device.key),
      addresses: addresses.sorted { $0.address < $1.address },
      trouble: office.troubles[device.key]
        ?? (link == nil ? trouble : clockTrouble(of: device.key)))
  }

  private func sourceWord(_ source: AddressSource?) -> AddressSourceWord {
    switch source {
    case .seed: .seed
    case .sighting: .mdns
    case .ticket: .ticket
    case .incoming: .incoming
    case .remembered, nil: .remembered
    }
  }

  private func waiting() -> [WaitingInfo] {
    guard let office, office.isReady else { return [] }
    let own = office.replica.secrets.device
    return office.replica.rosterNow().devices.filter { $0.isLive && $0.key != own }
      .compactMap { device in
        let count = office.replica.lackingCount(device.key)
        guard count > 0 else { return nil }
        return WaitingInfo(
          device: office.deviceRef(device.key), member: office.memberRef(device.member),
          entries: count)
      }
  }

  /// Whether a link to a device leads to where a peer listens, whoever of the two began it.
  func isLinked(at address: SocketAddress) -> Bool {
    up.values.contains { link in
      link.device != nil && link.address.ip == address.ip
        && (link.up.isInitiator ? link.address.port : link.up.greeting.port) == address.port
    }
  }
}
