import Format
import Platform
import Replication
import Storage

/// Proves a whole data directory: bytes by checksums, entries by hashes and signatures, rights by
/// replaying everything as the node admitted it.
struct Verification {
  let look: Look
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

    var isWhole: Bool { !findings.contains { $0.weight == .wrong } }
  }

  func run() throws(Failure) -> Outcome {
    var outcome = Outcome()
    let office = try look.findOffice()
    let provers: Provers
    do throws(SocketError) {
      provers = try Provers(processors: processors)
    } catch {
      throw .refused("cannot start a thread: \(error)", hints: [])
    }
    let replay = office.map { Replay(office: $0, secrets: nil) }
    var devices: [GroupID: [FeedID: DeviceKey]] = [:]
    let (view, report) = try look.open(first: office.map { [$0] } ?? []) {
      batch, place, _, arrival in
      let batch = batch.alone(place)
      if batch.first == 0, let facts = try? batch.genesisFacts() {
        devices[batch.group, default: [:]][batch.feed] = facts.device
      }
      outcome.entries += batch.entries.count
      if !batch.signature.isZero { outcome.signatures += 1 }
      provers.prove(
        Proof(
          batch: batch, at: place, device: devices[batch.group]?[batch.feed], office: office))
      replay?.take(batch, arrival: arrival)
      progress(outcome.entries)
    }
    replay?.finish(view)
    outcome.findings = provers.finish()
    outcome.findings += report.damages.map { Finding($0) }
    outcome.findings += notes(report)
    for group in view.groups {
      outcome.groups += 1
      outcome.feeds += view.index(group)?.places.count ?? 0
      if let replay { outcome.findings += standings(group, replay, view) }
    }
    outcome.findings.sort(by: Finding.precedes)
    return outcome
  }

  /// What is ordinary after a crash or beside a node that writes.
  private func notes(_ report: RecoveryReport) -> [Finding] {
    report.cuts.map { cut in
      Finding(
        weight: .note, group: cut.group, segment: cut.segment, offset: cut.offset,
        length: cut.length, rule: "S-17",
        text: "nothing vouches for these last bytes: being written, or cut short by a crash")
    }
      + report.unsigned.map { batch in
        Finding(
          weight: .note, group: batch.group,
          place: FeedPlace(feed: batch.feed, branch: batch.branch), seq: batch.first, rule: "F-11",
          text: "own entries \(batch.first) to \(batch.last.seq) wait for their signature")
      }
  }

  /// What the replay did not admit, and why.
  private func standings(_ group: GroupID, _ replay: Replay, _ view: StoreView) -> [Finding] {
    replay.replica.standings(of: group).compactMap { standing in
      let place = standing.place
      if let end = standing.ended {
        let found = view.index(group)?.recordPlace(place, end.seq)
        return Finding(
          group: group, place: place, seq: end.seq, segment: found?.segment,
          offset: found.map { UInt64($0.offset) }, length: found.map { UInt64($0.length) },
          rule: end.rule, text: "it may not stand here: \(end.text); nothing behind it counts")
      }
      guard standing.admittedCount < standing.storedCount else { return nil }
      let awaited = standing.waitsFor.map { "of feed \(short($0))" } ?? "that cannot be read"
      return Finding(
        weight: .note, group: group, place: place, seq: UInt32(standing.admittedCount),
        rule: "F-4",
        text: "it and \(standing.storedCount - standing.admittedCount - 1) after it wait for an "
          + "entry \(awaited)")
    }
  }
}

extension LogIndex {
  /// Where the record group lies that holds an entry.
  func recordPlace(_ place: FeedPlace, _ seq: UInt32) -> RecordPlace? {
    self[place]?.pieces.last { $0.first <= seq && seq < $0.end }?.place
  }
}
