import Authority
import Control
import Discovery
import Format
import Platform
import Replication
import Storage

extension NodeLoop {
  /// Everything in which this node does less than it should, in words of its own.
  func degraded() -> [DegradedInfo] {
    let way = onTheWay()
    let joining = way.map { [$0.info] } ?? []
    // What is here says first what to do with it, for a ticket may be for that.
    let ticket = way == nil ? ticketFileTrouble.map { [$0.info] } ?? [] : []
    guard let office else {
      let here = isCarried ? .carried : openFault.map { Shortfall.notReadAnew($0) }
      // Without it no open door is found, and nobody finds this one's.
      return joining + [here].compactMap { $0?.info } + ticket
        + [undiscovered].compactMap { $0?.info }
    }
    let here = onDisk(office) + ofCopies(office) + ofWhatIsRead(office)
    // Who was removed has nobody to hear from.
    if office.isRemoved {
      return joining + (here + [office.exclusion]).map(\.info) + ticket
    }
    return joining + here.map(\.info) + ticket + office.removalsToTell()
      + office.rankNews() + (ofOthers(office) + around()).map(\.info)
  }

  /// How far this computer is on its way into an office; nil where it is on none.
  private func onTheWay() -> Shortfall? {
    if let office {
      // What a disk lost is said as that.
      return office.isReady || office.isRemoved || office.lacksOfficeLog
        ? nil : .admitted(isUnaware: office.isUnknownElsewhere)
    }
    if let joining { return .joining(joining.soFar.message, hint: joining.trouble?.hint) }
    return joinRefusal.map { .ticketRefused($0.message, hint: $0.hint) }
  }

  private func onDisk(_ office: OfficeNode) -> [Shortfall] {
    var found: [Shortfall] = []
    switch office.storeState {
    case .writing:
      if let free = try? disk.space().free, free < UInt64(Limits.freeBytesMin) {
        found.append(.spaceLow(mebibytes: free >> 20, place: disk.place))
      }
    case .full(.floor(let free, let floor, let refused)):
      found.append(
        .diskFull(
          "only \(free >> 20) MiB are free at \(disk.place), and \(floor >> 20) MiB are to stay free"
            + (refused == .own ? "" : "; what others write is not taken in")))
    case .full(let full): found.append(.diskFull("\(full)"))
    case .exhausted(let error): found.append(.systemExhausted("\(error)"))
    case .readOnly(let error), .unmeasured(let error): found.append(.diskReadOnly("\(error)"))
    case .failed(let error): found.append(.diskBroken("\(error)"))
    }
    if let fault = office.readFault { found.append(.notReadAnew(fault)) }
    if office.isUnproven { found.append(.continuityNotProven) }
    let lacking = office.groupsLackingOwn
    if !lacking.isEmpty {
      found.append(.ownMissing(groups: lacking.map { office.title($0) ?? "a group" }.sorted()))
    }
    // After a failed disk it is part of that, and only a restart ends both.
    if let fault = office.lockFault, !isFailed(office.storeState) {
      found.append(.lockUnusable(fault))
    }
    return found
  }

  private func isFailed(_ state: StoreState) -> Bool {
    if case .failed = state { true } else { false }
  }

  func ofCopies(_ office: OfficeNode) -> [Shortfall] {
    var found: [Shortfall] = office.isCopied ? [office.copied] : []
    for device in office.forkedDevices() { found.append(suspended(office, device)) }
    let tellers = office.copyWords.tellers.map { office.deviceName($0) }.sorted()
    if !office.isCopied, !tellers.isEmpty {
      found.append(
        .saidCopied(
          by: tellers, isOverruled: office.copyWords.areOverruled,
          isLikelyCopy: office.isLikelyCopy))
    }
    return found
  }

  private func ofWhatIsRead(_ office: OfficeNode) -> [Shortfall] {
    var found: [Shortfall] = []
    let damages = office.damagedPlaces
    if damages > 0 { found.append(.damaged(places: damages, missing: office.missingEntries)) }
    if !office.fullGroups.isEmpty {
      found.append(
        .limitReached(groups: office.fullGroups.compactMap { office.title($0) }.sorted()))
    }
    let closed = office.ownGroups().filter { office.replica.waitsForKey($0) }
    if !closed.isEmpty {
      found.append(
        .waitingForKey(
          groups: closed.map { office.title($0) ?? "a group without a name yet" }.sorted()))
    }
    return found
  }

  private func ofOthers(_ office: OfficeNode) -> [Shortfall] {
    var found: [Shortfall] = []
    let roster = office.replica.rosterNow()
    let tellers = office.saidRemovedBy
    if !tellers.isEmpty {
      found.append(.saidRemoved(by: tellers.map { office.deviceName($0) }.sorted()))
    }
    if roster.needsNewerVersion { found.append(.newerVersion) }
    // What binds in one group says nothing of the others, and anybody may found a group (A-17).
    let newer = office.ownGroups().filter {
      office.replica.membershipNow($0)?.needsNewerVersion ?? false
    }
    if !newer.isEmpty {
      found.append(
        .newerVersionIn(
          groups: newer.map { office.title($0) ?? "a group without a name yet" }.sorted()))
    }
    let others = roster.devices.filter { $0.isLive && $0.key != office.replica.secrets.device }
    if !others.isEmpty, !others.contains(where: { office.replica.isLinked($0.key) }) {
      found.append(.noPeers)
      if let latest = office.latest(), latest.state.devices <= 1 { found.append(.storedHereOnly) }
    }
    return found
  }

  private func around() -> [Shortfall] {
    [undiscovered, clockOff().map { .clockOff(clockWords($0)) }].compactMap(\.self)
  }

  private var undiscovered: Shortfall? {
    guard let discovery, discovery.status.state != .running, discovery.status.state != .starting
    else { return nil }
    return .discoveryDown(discovery.status.state.text)
  }

  /// A device of the office that was seen twice.
  private func suspended(_ office: OfficeNode, _ device: DeviceKey) -> Shortfall {
    let owner = office.replica.rosterNow().device(device)?.member
    return .suspended(
      device: office.deviceName(device), of: owner.map { office.memberName($0) } ?? "",
      typed: office.typedName(of: device),
      member: owner.map { "@" + office.typedName(of: $0) } ?? "MEMBER")
  }
}
