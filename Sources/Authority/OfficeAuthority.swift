package import Format

/// Says who belongs to the office and what each may do, from the admitted control entries of the
/// office log alone.
///
/// Every answer is a function of a view; what is kept between calls only saves work.
package final class OfficeAuthority {
  package let office: GroupID
  package let views: ViewTable
  let verifier: any SignatureVerifier
  let index: OfficeIndex
  private var evaluations: RecentValues<ViewID, OfficeEvaluation>
  private var rosters: RecentValues<ViewID, Roster>
  private var writers: RecentValues<WriterKey, Verdict>
  private var forks: [FeedID: DeviceKey] = [:]
  /// Moves on with every fork that is noted, for those who remember answers too.
  private(set) var forkCount = 0
  /// Moves on with every entry that came after an answer was given in a view of it.
  private(set) var lateCount = 0
  /// How many entries were judged; tests of cost count by it.
  private(set) var workCount = 0

  struct WriterKey: Hashable {
    let device: DeviceKey
    let certificate: EntryID
    let view: ViewID
  }

  /// A remembered answer.
  enum Verdict {
    case right
    case refused(Refusal)
  }

  package init(office: GroupID, verifier: any SignatureVerifier, views: ViewTable) {
    (self.office, self.verifier, self.views) = (office, verifier, views)
    index = OfficeIndex(office: office, views: views)
    evaluations = RecentValues(capacity: 32)
    rosters = RecentValues(capacity: 8)
    writers = RecentValues(capacity: 4_096)
  }

  /// Takes in an entry that has its right and whose whole past is here; a repeat changes nothing.
  package func insert(_ entry: ControlEntry) {
    guard index.byID[entry.id] == nil else { return }
    index.insert(entry)
    // An own entry is composed in a view of those before it, which may be on their way to the disk:
    // what was answered without them is not true any more.
    guard views.isNamed(entry.place, entry.seq) else { return }
    func hasIt(_ view: ViewID) -> Bool { views.contains(view, entry.place, entry.seq) }
    evaluations.removeAll { hasIt($0) }
    rosters.removeAll { hasIt($0) }
    writers.removeAll { hasIt($0.view) }
    lateCount += 1
  }

  /// All that was taken in, in canonical order, with effect or without.
  package var entries: [ControlEntry] { index.canonical.map { index.entries[$0] } }

  /// Why a control entry of the office log has no right at its place; nil if it has.
  package func refusal(of candidate: ControlEntry) -> Refusal? {
    workCount += 1
    do throws(Refusal) {
      if case .founding = candidate.content, index.genesis != nil { throw Refusal.notFounder }
      let scope = scope(at: candidate.officeView)
      try index.checkRight(candidate, scope)
      try index.checkPlace(candidate, scope)
      try checkSignatures(candidate)
      return nil
    } catch {
      return error
    }
  }

  /// Whether an entry of the view certifies this device, with effect or not (F-6).
  package func certifies(_ id: EntryID, _ device: DeviceKey, in view: ViewID) -> Bool {
    guard let entry = index.byID[id], index.isIn(view, entry) else { return false }
    return index.certificate(entry)?.device == device
  }

  /// Whether an entry certifies a device and was written by one who knew of a removal.
  package func certifies(_ id: EntryID, after removal: ControlReference) -> Bool {
    guard let entry = index.byID[id] else { return false }
    return views.contains(index.entries[entry].officeView, removal.place, removal.seq)
  }

  /// Why a device may not write in the office log, and so not at all, at a place; nil if it may.
  package func refusal(
    ofWriter device: DeviceKey, certificate: EntryID, at view: ViewID
  ) -> Refusal? {
    let key = WriterKey(device: device, certificate: certificate, view: view)
    let verdict: Verdict
    if let known = writers[key] {
      verdict = known
    } else {
      do throws(Refusal) {
        _ = try standing(of: device, certificate: certificate, at: view)
        verdict = .right
      } catch {
        verdict = .refused(error)
      }
      writers[key] = verdict
    }
    guard case .refused(let refusal) = verdict else { return nil }
    return refusal
  }

  /// Who belongs, with what rights, in a view.
  package func roster(at view: ViewID) -> Roster {
    if let known = rosters[view] { return known }
    let roster = Roster(index, evaluation(at: view), suspended: suspended(view))
    rosters[view] = roster
    return roster
  }

  /// Takes note that a device wrote two entries at one place of a feed, both of them held here.
  ///
  /// A suspension excludes a device from new epochs only once its fork is proven.
  package func noteFork(
    of feed: FeedID, by device: DeviceKey, _ lineage: (any ForkLineage)? = nil
  ) {
    index.lineages[feed] = lineage ?? index.lineages[feed]
    guard forks.updateValue(device, forKey: feed) == nil else { return }
    rosters.removeAll()
    forkCount += 1
  }

  /// The device that wrote two entries at one place of a feed; nil where that is not proven here.
  func forkedDevice(of feed: FeedID) -> DeviceKey? { forks[feed] }

  private func suspended(_ view: ViewID) -> Set<DeviceKey> {
    guard !forks.isEmpty else { return [] }
    let scope = scope(at: view)
    var out: Set<DeviceKey> = []
    for entry in index.suspensions where index.counts(entry, scope) {
      if case .operation(.suspend(let feed, _, _, _)) = index.entries[entry].content,
        let device = forks[feed]
      {
        out.insert(device)
      }
    }
    return out
  }

  /// Signatures inside operations: the one thing that views do not change.
  private func checkSignatures(_ entry: ControlEntry) throws(Refusal) {
    switch entry.content {
    case .operation(.certify(let certification)):
      let certificate = certification.certificate
      let content = certificate.proofContent(
        office: office, ticket: certification.ticket, handshake: certification.handshake)
      guard
        verifier.verify(
          .certify, content, key: certificate.device.bytes, certification.deviceSignature)
      else { throw .badDeviceSignature }
      guard
        certification.ticket.isZero
          || verifier.verify(
            .certify, content, key: certification.ticket.bytes, certification.ticketSignature)
      else { throw .badTicketSignature }
    case .operation(.owners(let list)):
      let content = list.content(office: office)
      for one in list.signatures {
        let key = one.device.isZero ? recoveryKey : one.device
        guard let key, verifier.verify(.owners, content, key: key.bytes, one.signature) else {
          throw .ownersUnsigned
        }
      }
    default: break
    }
  }

  private var recoveryKey: DeviceKey? { index.founding?.recoveryKey }
}

extension OfficeAuthority {
  func scope(at view: ViewID) -> Scope {
    let evaluation = evaluation(at: view)
    return Scope(view: view, voids: evaluation.strata.voids, owners: evaluation.owners)
  }

  func standing(
    of device: DeviceKey, certificate: EntryID, at view: ViewID
  ) throws(Refusal) -> Standing {
    try index.standing(of: device, certificate: certificate, scope(at: view))
  }

  /// What counts in a view: known, or from the known view that differs least, or from nothing.
  func evaluation(at view: ViewID) -> OfficeEvaluation {
    if let known = evaluations[view] { return known }
    let result = nearest(view) ?? index.evaluate(view)
    evaluations[view] = result
    return result
  }

  private func nearest(_ view: ViewID) -> OfficeEvaluation? {
    var best: (base: OfficeEvaluation, far: Int)?
    for candidate in evaluations.newestFirst {
      let (more, less) = views.differences(view, candidate.view)
      let far = (more + less).reduce(0) { $0 + $1.seqs.count }
      if let best, best.far <= far { continue }
      best = (candidate, far)
      if far <= 2 { break }
    }
    guard let best else { return nil }
    let (more, less) = views.differences(view, best.base.view)
    let new = more.flatMap { index.entries(line: $0.line, $0.seqs) }
      .sorted { ControlEntry.precedes(index.entries[$0], index.entries[$1]) }
    let gone = less.flatMap { index.entries(line: $0.line, $0.seqs) }
    workCount += new.count + gone.count
    if let moved = index.move(best.base, to: view, with: new, without: gone) { return moved }
    workCount += index.entries.count
    return nil
  }
}
