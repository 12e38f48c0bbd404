import Format
import Platform
import Replication
import Storage

/// Proves a whole data directory: bytes by checksums, entries by hashes and signatures, rights by
/// replaying everything as the node admitted it.
struct Verification {
  let look: Look
  /// Where the head lock may lie, likeliest first.
  let states: [String]
  let processors: Int
  /// Called now and then with the entries read so far.
  let progress: (_ entries: Int) -> Void

  /// What came out.
  struct Outcome {
    var findings: [Finding] = []
    var groups = 0
    var feeds = 0
    var entries = 0
    var signatures = 0
    /// Entries whose right nobody could judge, because others that they cite are not here.
    var unjudged = 0

    var isWhole: Bool { !findings.contains { $0.weight == .wrong } }
  }

  func run() throws(Failure) -> Outcome {
    var outcome = Outcome()
    let witnesses = try Witnesses(look, states: states)
    let office = try look.findOffice()
    let provers: Provers
    do throws(SocketError) {
      provers = try Provers(processors: processors)
    } catch {
      throw .refused("cannot start a thread: \(error)", hints: [])
    }
    let replay = office.map { Replay(office: $0, secrets: nil) }
    var devices: [GroupID: [FeedID: DeviceKey]] = [:]
    var own = OwnFeeds(look.membership)
    let (view, report) = try look.open(first: office.map { [$0] } ?? []) {
      batch, place, _, arrival in
      let batch = batch.alone(place)
      if batch.first == 0, let facts = try? batch.genesisFacts() {
        devices[batch.group, default: [:]][batch.feed] = facts.device
        own.take(facts, batch)
      }
      outcome.entries += batch.entries.count
      outcome.signatures += 1
      provers.prove(
        Proof(
          batch: batch, at: place, device: devices[batch.group]?[batch.feed], office: office))
      replay?.take(batch, arrival: arrival)
      progress(outcome.entries)
    }
    replay?.finish(view)
    outcome.findings = provers.finish()
    let device = own.device(replay)
    outcome.findings += report.damages.map { Finding($0) }
    outcome.findings += notes(report)
    let damaged = Set(report.damages.map(\.group))
    outcome.findings += foundations(
      office, view, damaged: damaged, hasBytes: Set(report.cuts.map(\.group)))
    for group in view.groups {
      outcome.groups += 1
      outcome.feeds += Set(view.index(group)?.places.map(\.feed) ?? []).count
      outcome.findings += view.forks(of: group).map { Finding($0, group) }
      for standing in Standings(group, own: device, view, replay).all {
        outcome.unjudged += standing.unjudged
        if let finding = standing.finding { outcome.findings.append(finding) }
      }
    }
    outcome.findings += witnesses.findings(
      own: device, feeds: own.places(of: device), view, damaged: damaged)
    outcome.findings.sort(by: Finding.precedes)
    return outcome
  }

  /// What all else rests on: the file that names the office, and the genesis of each group.
  private func foundations(
    _ office: GroupID?, _ view: StoreView, damaged: Set<GroupID>, hasBytes: Set<GroupID>
  ) -> [Finding] {
    var findings: [Finding] = []
    if let fault = look.membershipFault { findings.append(Finding(text: fault.description)) }
    guard let office else {
      return findings + [Finding(text: "there is no office log, without which no right is known")]
    }
    if view.founding(of: office) == nil {
      findings.append(
        Finding(
          group: office, rule: "F-14",
          text: "the genesis of the office is not here, without which no right is known"))
    }
    for group in view.groups where group != office && view.founding(of: group) == nil {
      // A directory in which nothing ever was is what a crash leaves, or a group being made.
      let isEmpty = view.index(group)?.places.isEmpty ?? true
      let isNote = isEmpty && !damaged.contains(group)
      findings.append(
        Finding(
          weight: isNote ? .note : .wrong, group: group, rule: isNote ? "" : "F-14",
          text: isNote
            ? hasBytes.contains(group)
              ? "nothing of this group can be read: a crash came while it was being made, or it is lost"
              : "nothing of this group is stored: it is being made, or a crash came before"
            : "the genesis of the group is not here, so nothing in it is judged"))
    }
    return findings
  }

  /// What is ordinary after a crash or beside a node that writes.
  private func notes(_ report: RecoveryReport) -> [Finding] {
    report.cuts.map { cut in
      Finding(
        weight: .note, group: cut.group, segment: cut.segment, offset: cut.offset,
        length: cut.length, rule: "S-17",
        text: "nothing vouches for these last bytes: being written, or cut short by a crash")
    }
      + report.strangers.map { name in
        let isGroup = name.utf8.count == 64 && name.utf8.allSatisfy { isHexadecimal($0) }
        return Finding(
          weight: isGroup ? .wrong : .note, rule: "S-2",
          text: isGroup
            ? "\(name) in logs bears a group's name and is no directory"
            : "\(name) in logs is not the store's")
      }
  }
}

extension LogIndex {
  /// Where the record group lies that holds an entry.
  func recordPlace(_ place: FeedPlace, _ seq: UInt32) -> RecordPlace? {
    self[place]?.pieces.last { $0.first <= seq && seq < $0.end }?.place
  }
}
