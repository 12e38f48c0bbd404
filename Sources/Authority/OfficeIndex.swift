import Format

/// The admitted control entries of the office log, found by what they are about.
///
/// All lists are in canonical order, so nothing depends on the order of arrival. Whether an entry
/// counts is asked per question and never stored here: it depends on the view. Entries are only
/// ever added, so what was answered for a view whose entries are all here stays true.
final class OfficeIndex {
  let office: GroupID
  let views: ViewTable
  private(set) var entries: [ControlEntry] = []
  /// The number of each entry's place in `views`.
  private(set) var lines: [Int] = []
  private(set) var byID: [EntryID: Int] = [:]
  /// Entries by line, ascending by seq.
  private(set) var byLine: [Int: [Int]] = [:]
  private(set) var canonical: [Int] = []
  private(set) var certificatesOfDevice: [DeviceKey: [Int]] = [:]
  private(set) var certificatesOfMember: [MemberID: [Int]] = [:]
  private(set) var certificatesOfNoise: [NoiseIdentity: [Int]] = [:]
  private(set) var certificatesOfSealing: [SealingIdentity: [Int]] = [:]
  private(set) var certificatesOfTicket: [TicketKey: [Int]] = [:]
  private(set) var removalsOfDevice: [DeviceKey: [Int]] = [:]
  private(set) var removalsOfMember: [MemberID: [Int]] = [:]
  private(set) var ranksOfMember: [MemberID: [Int]] = [:]
  /// All removals and rank operations: what may carry cuts.
  private(set) var removals: [Int] = []
  private(set) var ownerLists: [Int] = []
  private(set) var listNames = OwnerListNames()
  /// Whom the founding or any list ever named.
  private(set) var everOwners: Set<MemberID> = []
  /// The owner list of the views that were asked for: every entry is judged by that of its
  /// place, and each owner may write any number of lists.
  var ownersKnown = RecentValues<ViewID, OwnerState>(capacity: 16_384)
  private(set) var tickets: [TicketKey: [Int]] = [:]
  private(set) var revokes: [TicketKey: [Int]] = [:]
  private(set) var suspensions: [Int] = []
  private(set) var unknowns: [Int] = []
  private(set) var writtenBy: [DeviceKey: [Int]] = [:]
  /// How often it was asked whether an entry is in some past; tests of cost count by it.
  private(set) var stepCount = 0
  /// Of the feeds that are forked, in whatever log of the office.
  var lineages: [FeedID: any ForkLineage] = [:]

  init(office: GroupID, views: ViewTable) { (self.office, self.views) = (office, views) }

  /// The index of the office genesis, once it is here.
  var genesis: Int? { byID[EntryID(office.bytes)] }

  /// What the office genesis says.
  var founding: OfficeGenesis? {
    guard let genesis, case .founding(let body) = entries[genesis].content else { return nil }
    return body
  }

  func insert(_ entry: ControlEntry) {
    let index = entries.count
    entries.append(entry)
    let line = views.line(of: entry.place)
    lines.append(line)
    byID[entry.id] = index
    let at = Self.place(in: byLine[line] ?? []) { entries[$0].seq < entry.seq }
    byLine[line, default: []].insert(index, at: at)
    Self.add(index, to: &canonical, entries)
    Self.add(index, to: &writtenBy[entry.author, default: []], entries)
    switch entry.content {
    case .founding(let genesis):
      insert(genesis.certificate, index)
      everOwners.insert(genesis.certificate.member)
      ownersKnown.removeAll()
    case .operation(let operation): insert(operation, index)
    case .heard: break
    }
  }

  private func insert(_ certificate: Certificate, _ index: Int) {
    Self.add(index, to: &certificatesOfDevice[certificate.device, default: []], entries)
    Self.add(index, to: &certificatesOfMember[certificate.member, default: []], entries)
    Self.add(index, to: &certificatesOfNoise[certificate.noise, default: []], entries)
    Self.add(index, to: &certificatesOfSealing[certificate.sealing, default: []], entries)
  }

  private func insert(_ operation: Operation, _ index: Int) {
    switch operation {
    case .certify(let certification):
      insert(certification.certificate, index)
      if !certification.ticket.isZero {
        Self.add(index, to: &certificatesOfTicket[certification.ticket, default: []], entries)
      }
    case .remove(.member(let member), _):
      Self.add(index, to: &removalsOfMember[member, default: []], entries)
      Self.add(index, to: &removals, entries)
    case .remove(.device(let device), _):
      Self.add(index, to: &removalsOfDevice[device, default: []], entries)
      Self.add(index, to: &removals, entries)
    case .rank(let member, _, _):
      Self.add(index, to: &ranksOfMember[member, default: []], entries)
      Self.add(index, to: &removals, entries)
    case .ticket(let grant): Self.add(index, to: &tickets[grant.key, default: []], entries)
    case .ticketRevoke(let key): Self.add(index, to: &revokes[key, default: []], entries)
    case .owners(let list):
      Self.add(index, to: &ownerLists, entries)
      listNames.insert(index, list, after: byID[list.previous])
      everOwners.formUnion(list.members)
      // A view of before may have named what was on its way to the disk.
      if views.isNamed(entries[index].place, entries[index].seq) {
        ownersKnown.removeAll { isIn($0, index) }
      }
    case .suspend: Self.add(index, to: &suspensions, entries)
    case .groupAdd, .groupRemove: break
    case .unknown: Self.add(index, to: &unknowns, entries)
    }
  }

  /// Keeps a list in canonical order; new entries most often stand last.
  ///
  /// Static, because a list is changed in place here while the entries are read.
  private static func add(_ index: Int, to list: inout [Int], _ entries: [ControlEntry]) {
    let entry = entries[index]
    if let last = list.last, ControlEntry.precedes(entry, entries[last]) {
      list.insert(index, at: place(in: list) { ControlEntry.precedes(entries[$0], entry) })
    } else {
      list.append(index)
    }
  }

  private static func place(in list: [Int], where isBefore: (Int) -> Bool) -> Int {
    var (low, high) = (0, list.count)
    while low < high {
      let middle = (low + high) / 2
      if isBefore(list[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension OfficeIndex {
  /// Whether an entry is in a view.
  func isIn(_ view: ViewID, _ index: Int) -> Bool {
    stepCount &+= 1
    return views.contains(view, line: lines[index], entries[index].seq)
  }

  /// Whether an entry is in the past of another.
  func isPast(_ index: Int, of later: Int) -> Bool { isIn(entries[later].officeView, index) }

  /// The certificate that an entry issues; nil where it issues none.
  func certificate(_ index: Int) -> Certificate? {
    switch entries[index].content {
    case .founding(let genesis): genesis.certificate
    case .operation(.certify(let certification)): certification.certificate
    case .operation, .heard: nil
    }
  }

  /// The certificate under which an entry was written.
  func authorCertificate(_ index: Int) -> Certificate? {
    if case .founding(let genesis) = entries[index].content { return genesis.certificate }
    return byID[entries[index].certificate].flatMap(certificate)
  }

  /// Whether an entry removes a member or device.
  func isRemoval(_ index: Int) -> Bool {
    if case .operation(.remove) = entries[index].content { return true }
    return false
  }

  /// The entries of a place whose seqs are in a range.
  func entries(line: Int, _ range: Range<UInt32>) -> ArraySlice<Int> {
    let all = byLine[line] ?? []
    let from = Self.place(in: all) { entries[$0].seq < range.lowerBound }
    let end = Self.place(in: all) { entries[$0].seq < range.upperBound }
    return all[from..<end]
  }

  /// The entries from one on in canonical order, whatever views they are in.
  func canonical(from index: Int) -> ArraySlice<Int> {
    canonical[Self.place(in: canonical) { ControlEntry.precedes(entries[$0], entries[index]) }...]
  }

  /// The entries of a view in canonical order.
  func entries(in view: ViewID) -> [Int] { canonical.filter { isIn(view, $0) } }
}
