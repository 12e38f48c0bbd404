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
    guard let office else { return joining == nil ? .noOffice : .joining }
    if office.isRemoved { return .removed }
    return office.isReady ? .ready : .joining
  }

  func officeStatus() -> OfficeStatusCall.Answer {
    guard let office, office.isReady else {
      return .init(
        standing: standing(), office: nil, member: nil, device: nil, rank: nil,
        recovery: .none, owners: 0, members: 0, devices: 0, groups: 0)
    }
    let roster = office.replica.rosterNow()
    return .init(
      standing: standing(), office: office.officeInfo(),
      member: office.memberRef(office.replica.member),
      device: office.deviceRef(office.replica.secrets.device),
      rank: roster.member(office.replica.member).map { office.rankWord($0.rank) },
      recovery: recoveryWord, owners: roster.owners.count,
      members: roster.members.count { !$0.isRemoved },
      devices: roster.devices.count { $0.isLive }, groups: office.ownGroups().count)
  }

  func status() -> StatusCall.Answer {
    let known = officeStatus()
    return .init(
      version: ControlVersion.product, api: ControlVersion.api, standing: known.standing,
      office: known.office, member: known.member, device: known.device, rank: known.rank,
      recovery: known.recovery, owners: known.owners, home: disk.place, listening: listening(),
      started: ClaimedTime(ms: Int64(clamping: started.milliseconds)), peers: peers(),
      waiting: waiting(), latest: office?.latest(), degraded: degraded())
  }

  private func listening() -> [String] {
    guard links.port != 0 else { return [] }
    var found: [String] = []
    for interface in (try? networkInterfaces()) ?? [] where interface.isUp {
      for address in interface.addresses {
        found.append(SocketAddress(address.ip, port: links.port).description)
      }
    }
    return found
  }

  private func peers() -> [PeerInfo] {
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
      $0.device == device.noise && $0.lastEnd != nil
    }?.lastEnd?.description
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
        let count = office.replica.lacking(device.key)
        guard count > 0 else { return nil }
        return WaitingInfo(
          device: office.deviceRef(device.key), member: office.memberRef(device.member),
          entries: count)
      }
  }

  /// Everything in which this node does less than it should, in words of its own.
  func degraded() -> [DegradedInfo] {
    var found: [DegradedInfo] = []
    func add(_ word: DegradedWord, _ detail: String, _ hint: String?) {
      found.append(DegradedInfo(word: word, detail: detail, hint: hint, since: nil))
    }
    if let state = joiningState() { found.append(state) }
    guard let office else { return found }
    switch office.storeState {
    case .writing:
      if let free = try? disk.space().free, free < UInt64(Limits.freeBytesMin) {
        add(.diskFull, "\(free >> 20) MiB are free at \(disk.place)", "make room on this disk")
      }
    case .full(let full):
      add(.diskFull, "\(full)", "make room; it goes on by itself")
    case .readOnly(let error), .failed(let error):
      add(.readOnlyDisk, "\(error)", "mend the disk, then restart the node")
    }
    if office.isUnproven {
      add(
        .continuityNotProven,
        "this start could not prove where the last one ended, so new feeds began",
        "nothing is lost; it happens after a restored backup")
    }
    if office.isCopied { found.append(copied(office)) }
    for device in office.forkedDevices() { found.append(forked(office, device)) }
    let damages = office.damagedPlaces
    if damages > 0 {
      let missing = office.missingEntries
      add(
        .dataDamaged,
        "\(damages) \(damages == 1 ? "place" : "places") of what is stored here cannot be read"
          + (missing > 0
            ? ", and \(missing) messages or changes are missing"
            : "; what is known to have stood there was fetched again"),
        (missing > 0 ? "they are fetched from any computer that has them; " : "")
          + "the disk may be failing")
    }
    if !office.fullGroups.isEmpty {
      let titles = office.fullGroups.compactMap { office.title($0) }.sorted()
      add(
        .limitReached,
        "a computer of the office began "
          + (titles.isEmpty
            ? "more groups" : "anew in \(titles.joined(separator: ", ")) more often")
          + " than one may, and what is beyond is not taken in here",
        "it may be broken or hostile; zuruf device list shows the computers, an admin removes it")
    }
    let closed = office.ownGroups().filter { office.replica.waitsForKey($0) }
    if !closed.isEmpty {
      let titles = closed.map { office.title($0) ?? "a group without a name yet" }.sorted()
      add(
        .waitingForKey, "what was written in \(titles.joined(separator: ", ")) cannot be read yet",
        "the key comes with the next message from somebody of the group")
    }
    for teller in office.copyWords.tellers where !office.isCopied {
      let name = office.deviceRef(teller).name
      add(
        .copied,
        "the computer \"\(name)\" says that another one uses the keys of this one"
          + (office.copyWords.areOverruled ? "" : ", so nothing is written"),
        office.copyWords.areOverruled
          ? "if it is so, an admin removes this device, and both computers join anew"
          : "if it is so, an admin removes this device; if not, restart zurufd to go on")
    }
    if let fault = office.lockFault {
      add(.readOnlyDisk, fault, "mend the disk; it goes on by itself")
    }
    let roster = office.replica.rosterNow()
    if office.isRemoved {
      found.append(removed(office))
      return found
    }
    found += office.removalsToTell()
    if !office.removalTellers.isEmpty {
      let names = office.removalTellers.map { "\"\(office.deviceName($0))\"" }.sorted()
      let others = names.count > 3 ? " and \(names.count - 3) more" : ""
      add(
        .saidRemoved,
        (names.count == 1 ? "the computer " : "the computers ")
          + names.prefix(3).joined(separator: ", ") + others
          + (names.count == 1 ? " says" : " say")
          + " that this one was removed from the office; nothing here proves it",
        "ask an admin; if it is so, nobody gets what you write")
    }
    if roster.needsNewerVersion {
      add(.newerVersion, "this office needs a newer version of Zuruf", "update this computer")
    }
    let others = roster.devices.filter { $0.isLive && $0.key != office.replica.secrets.device }
    if !others.isEmpty, !others.contains(where: { office.replica.isLinked($0.key) }) {
      add(
        .noPeers, "no other computer of the office is linked", "zuruf doctor examines the network")
      if let latest = office.latest(), latest.state.devices <= 1 {
        add(.storedHereOnly, "the newest message is stored on this computer only", nil)
      }
    }
    if let discovery, discovery.status.state != .running, discovery.status.state != .starting {
      add(
        .discoveryDown, discovery.status.state.text,
        "known addresses and seeds go on; start avahi-daemon to find new computers")
    }
    if let off = clockOff() {
      add(
        .clockOff, clockWords(off),
        "set the clock that is wrong: sudo timedatectl set-ntp true")
    }
    return found
  }

  /// How far this computer is on its way into an office; nil where it is on none.
  private func joiningState() -> DegradedInfo? {
    if let office {
      guard !office.isReady, !office.isRemoved else { return nil }
      return DegradedInfo(
        word: .joining, detail: "the office let this computer in, and its log is still to come",
        hint: "leave this computer on; another one of the office must be on too", since: nil)
    }
    if let joining {
      return DegradedInfo(
        word: .joining, detail: "\(joining.soFar.message); this computer goes on trying",
        hint: "zuruf doctor says whom it asked; zuruf join takes another ticket", since: nil)
    }
    return joinRefusal.map {
      DegradedInfo(word: .ticketRefused, detail: $0.message, hint: $0.hint, since: nil)
    }
  }

  /// This device or its member was removed, and that is proven here: who links to it is nobody.
  private func removed(_ office: OfficeNode) -> DegradedInfo {
    DegradedInfo(
      word: .removed,
      detail: "this computer was removed from its office"
        + (office.remover.map { " by \(office.memberName($0))" } ?? "")
        + "; nothing is sent or received any more",
      hint: "what is stored here stays readable: zuruf read; to come back, ask for a new ticket "
        + "and join with a data directory of its own: Tools/start --home DIR",
      since: nil)
  }

  /// This computer is one of two that are the same device.
  private func copied(_ office: OfficeNode) -> DegradedInfo {
    DegradedInfo(
      word: .copied, detail: office.copiedText + "; nothing more is written here",
      hint: OfficeNode.copiedHint, since: nil)
  }

  /// A device of the office was seen twice.
  func forked(_ office: OfficeNode, _ device: DeviceKey) -> DegradedInfo {
    let name = office.deviceName(device)
    let owner = office.replica.rosterNow().device(device).map { office.memberName($0.member) } ?? ""
    return DegradedInfo(
      word: .suspended,
      detail: "the computer \"\(name)\" of \(owner) was copied or restored from a backup, and both "
        + "wrote messages; it gets no new ones until that is settled",
      hint: "an admin removes it (zuruf device remove \"\(name)\"), then it joins anew",
      since: nil)
  }

  func doctor() -> DoctorCall.Answer {
    var checks: [CheckInfo] = []
    func add(_ name: String, _ verdict: CheckWord, _ finding: String, _ advice: String?) {
      checks.append(CheckInfo(name: name, verdict: verdict, finding: finding, advice: advice))
    }
    if let discovery {
      let status = discovery.status
      add(
        "avahi", status.state == .running ? .ok : .failed,
        "\(status.state.text), \(status.publication.text), \(status.sightings) seen"
          + (status.state == .running ? hostNameShown : ""),
        status.state == .running ? nil : "sudo systemctl start avahi-daemon")
    } else {
      add("avahi", .skipped, "discovery is switched off", nil)
    }
    let interfaces = (try? networkInterfaces()) ?? []
    let usable = interfaces.filter { $0.isUp && $0.kind == .physical && !$0.addresses.isEmpty }
    add(
      "interfaces", usable.isEmpty ? .warning : .ok,
      usable.isEmpty
        ? "no interface leads to other computers"
        : usable.map(\.name).joined(separator: ", "),
      usable.isEmpty ? "plug in the network cable or join the wireless network" : nil)
    add(
      "port", links.port == Limits.defaultPort ? .ok : .warning,
      "listening on TCP port \(links.port)"
        + (isReachedByOthers ? ", and other computers reach it" : ""),
      portAdvice)
    if let off = clockOff() {
      add("clock", .failed, clockWords(off), "sudo timedatectl set-ntp true")
    } else if up.values.contains(where: { $0.device != nil }) {
      add("clock", .ok, "agrees with the linked computers", nil)
    } else {
      add("clock", .skipped, "no computer is linked whose clock could be compared", nil)
    }
    for seed in configuration.seeds { checkSeed(seed, add) }
    checkTicketAddresses(add)
    checkOwners(add)
    let space = (try? disk.space().free) ?? 0
    add(
      "disk", space < UInt64(Limits.freeBytesMin) * 4 ? .warning : .ok,
      "\(space >> 20) MiB free at \(disk.place)",
      space < UInt64(Limits.freeBytesMin) * 4 ? "make room on this disk" : nil)
    for peer in peers() {
      add(
        "link to \(peer.device.name)", peer.linked ? .ok : .warning,
        peer.linked ? "linked" : peer.trouble ?? "no address is known",
        peer.linked
          ? nil : "is it on? if so, a firewall or another network segment may lie between")
    }
    return .init(checks: checks)
  }

  private func checkSeed(
    _ seed: String, _ add: (String, CheckWord, String, String?) -> Void
  ) {
    guard let endpoint = try? Endpoint(parsing: seed, defaultPort: Limits.defaultPort) else {
      return
    }
    let addresses: [SocketAddress]
    switch endpoint {
    case .address(let address): addresses = [address]
    case .name(let name, _):
      addresses = dialBook.addresses(from: .seed, name: seed)
      if addresses.isEmpty {
        return add(
          "seed \(seed)", .failed, "the name \(name) has no address",
          "write the address instead of the name")
      }
    }
    if addresses.contains(where: { isLinked(at: $0) }) {
      return add("seed \(seed)", .ok, "linked", nil)
    }
    let known = dialBook.addresses.first { addresses.contains($0.address) && $0.lastEnd != nil }
    add(
      "seed \(seed)", .failed, known?.lastEnd?.description ?? "no answer",
      "on that computer: is zurufd running, and does its firewall let TCP port \(addresses[0].port) in?"
    )
  }

  /// Whether a link to a device leads to where a peer listens, whoever of the two began it.
  private func isLinked(at address: SocketAddress) -> Bool {
    up.values.contains { link in
      link.device != nil && link.address.ip == address.ip
        && (link.up.isInitiator ? link.address.port : link.up.greeting.port) == address.port
    }
  }
}
