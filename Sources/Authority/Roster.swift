package import Format

/// What the office log says in one view: members, devices, ranks, tickets, removals.
package final class Roster: Sendable {
  package let view: ViewID
  /// The members of the owner list, ascending.
  package let owners: [MemberID]
  /// The entry of the last `owners` operation; zero where there is none.
  package let lastOwners: EntryID
  /// Zero while the office genesis is not here.
  package let recoveryKey: DeviceKey
  /// Ascending by ID.
  package let members: [RosterMember]
  /// Every certificate with effect once, ascending by device key, of one key the canonical first.
  package let devices: [RosterDevice]
  /// Ascending by key.
  package let tickets: [RosterTicket]
  /// In canonical order.
  package let removals: [RosterRemoval]
  /// In canonical order.
  package let suspensions: [RosterSuspension]
  /// In canonical order.
  package let voids: [VoidEntry]
  /// Whether an operation is in force that this version does not know.
  package let needsNewerVersion: Bool

  let byKey: [DeviceKey: Int]
  let byCertificate: [EntryID: Int]
  let byNoise: [NoiseIdentity: Int]
  /// Which removals concern a certified device, in canonical order; nothing where none does.
  let byConcern: [EntryID: [Int]]

  init(_ index: OfficeIndex, _ evaluation: OfficeEvaluation, suspended: Set<DeviceKey>) {
    let builder = RosterBuilder(index, evaluation, suspended: suspended)
    view = evaluation.view
    owners = evaluation.owners.members.sorted()
    lastOwners = evaluation.owners.entry.map { index.entries[$0].id } ?? EntryID(Bytes32())
    recoveryKey = index.founding?.recoveryKey ?? DeviceKey(Bytes32())
    let devices = builder.devices()
    self.devices = devices
    members = builder.members(devices)
    tickets = builder.tickets()
    removals = builder.removals()
    suspensions = builder.suspensions()
    voids = builder.voids()
    needsNewerVersion = index.unknowns.contains { index.counts($0, builder.scope) }
    var byKey: [DeviceKey: Int] = [:]
    var byNoise: [NoiseIdentity: Int] = [:]
    var byCertificate: [EntryID: Int] = [:]
    for (at, device) in devices.enumerated() {
      byCertificate[device.certificate] = at
      // A live certificate hides an ended one with the same keys.
      if byKey[device.key].map({ !devices[$0].isLive && device.isLive }) ?? true {
        byKey[device.key] = at
      }
      if byNoise[device.noise].map({ !devices[$0].isLive && device.isLive }) ?? true {
        byNoise[device.noise] = at
      }
    }
    (self.byKey, self.byNoise, self.byCertificate) = (byKey, byNoise, byCertificate)
    var targets: [Operation.Target: [Int]] = [:]
    for (at, removal) in removals.enumerated() { targets[removal.target, default: []].append(at) }
    var byConcern: [EntryID: [Int]] = [:]
    if !targets.isEmpty {
      for device in devices {
        let concerns =
          (targets[.device(device.key)] ?? []) + (targets[.member(device.member)] ?? [])
        if !concerns.isEmpty { byConcern[device.certificate] = concerns.sorted() }
      }
    }
    self.byConcern = byConcern
  }
}

extension Roster {
  /// The device with this key, live if one of its certificates is.
  package func device(_ key: DeviceKey) -> RosterDevice? { byKey[key].map { devices[$0] } }

  /// The device that this entry certifies.
  package func device(certificate: EntryID) -> RosterDevice? {
    byCertificate[certificate].map { devices[$0] }
  }

  /// The device that proves this identity on links.
  package func device(noise: NoiseIdentity) -> RosterDevice? { byNoise[noise].map { devices[$0] } }

  /// A member, present or past.
  package func member(_ id: MemberID) -> RosterMember? {
    var (low, high) = (0, members.count)
    while low < high {
      let middle = (low + high) / 2
      if members[middle].id < id { low = middle + 1 } else { high = middle }
    }
    return low < members.count && members[low].id == id ? members[low] : nil
  }

  /// Whether a device of this key is certified and not removed.
  package func isLive(_ key: DeviceKey) -> Bool { device(key)?.isLive ?? false }

  /// The rank of a present member.
  package func rank(of id: MemberID) -> Rank? {
    member(id).flatMap { $0.isRemoved ? nil : $0.rank }
  }

  /// A ticket by its key.
  package func ticket(_ key: TicketKey) -> RosterTicket? { tickets.first { $0.grant.key == key } }

  /// The removals with effect that end this device or its member, in canonical order.
  package func removals(of device: RosterDevice) -> [RosterRemoval] {
    concerns(device.certificate).filter { !$0.isLowering }
  }

  /// The removals and lowerings that concern a certified device, in canonical order.
  func concerns(_ certificate: EntryID) -> [RosterRemoval] {
    (byConcern[certificate] ?? []).map { removals[$0] }
  }

  /// Whether a name that this device states for a subject counts (E-18).
  package func mayName(_ subject: Content.Subject, by certificate: EntryID) -> Bool {
    guard let author = device(certificate: certificate) else { return false }
    switch subject {
    case .office: return author.rank == .owner
    case .member(let id): return mayName(id, author)
    case .device(let key): return device(key).map { mayName($0.member, author) } ?? false
    case .ticket(let key): return ticket(key)?.issuer == author.member
    }
  }

  private func mayName(_ id: MemberID, _ author: RosterDevice) -> Bool {
    guard let member = member(id) else { return false }
    return author.member == id || author.rank <= .admin || member.certifier == author.member
  }
}
