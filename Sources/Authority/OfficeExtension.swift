import Format

/// What is judged anew where a view differs from a known one.
///
/// An entry is judged by its past, by what was gathered of removals, by the owner list in force and by
/// what earlier passes said of it and of who was raised. So what is new is judged in each pass; of what
/// is in both views only what one of these touches, and what has in its past something whose effect
/// changed. What is not in the view is in the past of nothing that is.
private struct Touched {
  /// In a pass to come, whatever else is found: one bit for each pass.
  private var marked: [Int: UInt16] = [:]
  /// Removals of which it changed whether or when they were gathered.
  var moved: Set<Int> = []
  /// Removals that were gathered and are not as far as is known by now.
  var released: Set<Int> = []

  /// Marks an entry for the passes from one on.
  mutating func mark(_ index: Int, from pass: Int) {
    marked[index, default: 0] |= .max << UInt16(pass)
  }

  /// Marks an entry for one pass.
  mutating func mark(_ index: Int, in pass: Int) {
    marked[index, default: 0] |= 1 << UInt16(pass)
  }

  func isMarked(_ index: Int, in pass: Int) -> Bool {
    marked[index].map { $0 & 1 << UInt16(pass) != 0 } ?? false
  }

  func marked(in pass: Int) -> [Int] {
    marked.filter { $0.value & 1 << UInt16(pass) != 0 }.map(\.key)
  }
}

extension OfficeIndex {
  /// The evaluation of a view that has these entries, in canonical order, and lacks those which a known
  /// one has; nil where the founding is among them, so that only starting anew is right.
  ///
  /// What it costs hangs on what changes, not on what there is: whoever writes what changes something
  /// each time, or at a place that nobody asked about, would otherwise have everything judged anew.
  func move(
    _ known: OfficeEvaluation, to view: ViewID, with new: [Int], without gone: [Int]
  ) -> OfficeEvaluation? {
    if let genesis, new.contains(genesis) || gone.contains(genesis) { return nil }
    var result = OfficeEvaluation(view: view, strata: known.strata, owners: owners(in: view))
    guard !removals.isEmpty || hasStruck(result.owners) || hasStruck(known.owners) else {
      return result
    }
    var touched = Touched()
    if known.owners.entry != result.owners.entry {
      for index in concernedByOwners(view) { touched.mark(index, from: 0) }
    }
    for index in new + gone where isRaise(index) {
      for aimed in aimed(at: targetMember(of: index), view) { touched.mark(aimed, from: 1) }
    }
    for index in gone {
      for pass in 0..<Strata.passCount { result.strata.passes[pass][index] = nil }
      guard result.strata.gathered[index] != nil else { continue }
      result.strata.release(index)
      touched.moved.insert(index)
    }
    for pass in 0..<Strata.passCount {
      if pass == 3 { markSeniority(new + gone, known, result, &touched) }
      for removal in touched.moved
      where known.strata.isGathered(removal, before: pass)
        != result.strata.isGathered(removal, before: pass)
      {
        if isIn(view, removal) { touched.mark(removal, in: pass) }
        for index in cutOff(by: removal, in: view) { touched.mark(index, in: pass) }
      }
      let judged = judgeAnew(pass, known, &result, &touched)
      for index in new {
        result.strata.passes[pass][index] = verdict(index, pass, result, result.strata.passes[pass])
      }
      guard pass < Strata.passCount - 1 else { break }
      let candidates = touched.released.union((judged + new).filter { removalTarget($0) != nil })
      for removal in candidates { gather(removal, pass, &result, &touched) }
    }
    return result
  }

  /// Judges in a pass what was there before and is touched; returns what was judged.
  private func judgeAnew(
    _ pass: Int, _ known: OfficeEvaluation, _ result: inout OfficeEvaluation,
    _ touched: inout Touched
  ) -> [Int] {
    let marked = touched.marked(in: pass)
    guard
      let first = marked.min(by: { ControlEntry.precedes(entries[$0], entries[$1]) })
    else { return [] }
    var judged: [Int] = []
    // The first entry of each place whose effect changed: whoever has a later one has it too.
    var changed: [Int: UInt32] = [:]
    for index in canonical(from: first) {
      let isTouched =
        touched.isMarked(index, in: pass)
        || changed.contains { views.contains(entries[index].officeView, line: $0.key, $0.value) }
      guard isTouched, isIn(known.view, index), isIn(result.view, index) else { continue }
      judged.append(index)
      let reason = verdict(index, pass, result, result.strata.passes[pass])
      let had = known.strata.passes[pass][index]
      result.strata.passes[pass][index] = reason
      guard (reason == nil) != (had == nil) else { continue }
      let (line, seq) = (lines[index], entries[index].seq)
      changed[line] = min(changed[line] ?? seq, seq)
      // Later passes ask what earlier ones said of an entry, and of who was raised.
      if pass + 1 < Strata.passCount { touched.mark(index, from: pass + 1) }
      if isRaise(index) {
        for aimed in aimed(at: targetMember(of: index), result.view) {
          touched.mark(aimed, in: pass + 1)
        }
      }
    }
    return judged
  }

  /// Asks of a removal or lowering whether it belongs to a pass's stratum.
  private func gather(
    _ removal: Int, _ pass: Int, _ result: inout OfficeEvaluation, _ touched: inout Touched
  ) {
    guard !result.strata.isGathered(removal, before: pass) else { return }
    if gathers(removal, pass, result) {
      if result.strata.gathered[removal] != pass { touched.moved.insert(removal) }
      result.strata.gather(removal, in: pass)
      touched.released.remove(removal)
    } else if result.strata.gathered[removal] == pass {
      result.strata.release(removal)
      touched.moved.insert(removal)
      touched.released.insert(removal)
    }
  }

  /// Marks the certificates that let in whoever has become, or is no longer, an owner or admin with what
  /// the cuts of owners leave in effect.
  private func markSeniority(
    _ different: [Int], _ known: OfficeEvaluation, _ result: OfficeEvaluation,
    _ touched: inout Touched
  ) {
    let (before, after) = (known.strata.passes[2], result.strata.passes[2])
    var concerned = different.flatMap { concernedMembers($0) }
    // What was marked for this pass is all that changed in the one before, and more.
    for index in touched.marked(in: 3) where (before[index] == nil) != (after[index] == nil) {
      concerned += concernedMembers(index)
    }
    if known.owners.entry != result.owners.entry {
      concerned += known.owners.members + result.owners.members
    }
    for member in Set(concerned) where isSenior(member, known) != isSenior(member, result) {
      for index in certificatesOfMember[member] ?? [] where isIn(result.view, index) {
        touched.mark(index, from: 3)
      }
    }
  }

  /// What is judged by the owner list in force: removals, what whoever ever was an owner wrote, and the
  /// certificates that let them in. Lists are never void.
  private func concernedByOwners(_ view: ViewID) -> [Int] {
    let certificates = everOwners.flatMap { certificatesOfMember[$0] ?? [] }
    let devices = Set(certificates.compactMap { certificate($0)?.device })
    return (removals + certificates + devices.flatMap { writtenBy[$0] ?? [] })
      .filter { ownerList($0) == nil && isIn(view, $0) }
  }

  /// What in a view removes or lowers a member, or removes a device of it.
  private func aimed(at member: MemberID?, _ view: ViewID) -> [Int] {
    guard let member else { return [] }
    return (removals(ofMemberAndDevices: member) + (ranksOfMember[member] ?? []))
      .filter { isIn(view, $0) }
  }

  /// The removals of a member or of a device that it ever had, whatever views they are in.
  func removals(ofMemberAndDevices member: MemberID) -> [Int] {
    let devices = Set((certificatesOfMember[member] ?? []).compactMap { certificate($0)?.device })
    return (removalsOfMember[member] ?? []) + devices.flatMap { removalsOfDevice[$0] ?? [] }
  }

  /// What of a view a removal or lowering cuts off if it counts.
  private func cutOff(by removal: Int, in view: ViewID) -> [Int] {
    let devices: Set<DeviceKey>
    switch removalTarget(removal) {
    case .device(let device): devices = [device]
    case .member(let member):
      devices = Set((certificatesOfMember[member] ?? []).compactMap { certificate($0)?.device })
    case nil: devices = []
    }
    return devices.flatMap { writtenBy[$0] ?? [] }.filter { isIn(view, $0) && cuts(removal, $0) }
  }

  /// The members whose rank an entry may change by what it says of them or of their devices.
  private func concernedMembers(_ index: Int) -> [MemberID] {
    if let certificate = certificate(index) { return [certificate.member] }
    switch removalTarget(index) {
    case .member(let member): return [member]
    case .device(let device):
      return (certificatesOfDevice[device] ?? []).compactMap { certificate($0)?.member }
    case nil: return []
    }
  }
}
