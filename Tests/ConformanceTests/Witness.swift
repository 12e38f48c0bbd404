import Cryptography
import Format
import TestSupport

@testable import Replication

/// A node of nobody's: verifies batches as it does those of a link, and takes them in as it does
/// those of its store. What it asks for first, and of whom it takes how much, is left out.
final class Witness {
  /// What became of a batch.
  enum Outcome {
    case stored(Batch)
    case refused(Violation)
    /// It does not follow what is held, and is no violation.
    case left
  }

  var replica: Replica
  private var isFinished = false

  init(office: GroupID) {
    replica = Replica(
      office: office, secrets: DeviceSecrets(), member: MemberID(Bytes16()),
      certificate: EntryID(Bytes32()))
  }

  func take(_ bytes: [UInt8]) throws(DecodeError) -> Outcome {
    let message = try EntriesMessage(decoding: [UInt8](repeating: 0, count: 16) + bytes)
    let head = message.head
    let group = replica.groups[head.group] ?? GroupState(id: head.group, isOffice: false)
    let feed = group.feeds[FeedPlace(feed: head.feed)]
    guard UInt32(feed?.count ?? 0) == head.first else { return .left }
    let batch: Batch
    do throws(Violation) {
      batch = try replica.verify(message, group, feed)
    } catch {
      return .refused(error)
    }
    replica.restore(batch, arrivalMilliseconds: 0)
    return .stored(batch)
  }

  /// All is stored: what waited is admitted as far as it can be.
  func finish() {
    if !isFinished { replica.finishRestoring() }
    isFinished = true
  }

  /// Where the admission of a feed ended.
  var ends: [AdmissionEnd] {
    replica.groups.values.flatMap(\.feedList).sorted { $0.place < $1.place }.compactMap(\.ended)
  }
}

extension Refusal {
  /// Received batches are refused at decode, or at verify where it takes hashes or what is held.
  init(_ violation: Violation) {
    switch violation {
    case .decode(let error): self.init(error)
    default: self.init(layer: .verify, rule: violation.rule)
    }
  }
}
