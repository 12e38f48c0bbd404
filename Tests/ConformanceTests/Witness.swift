import Cryptography
import Format
import TestSupport

@testable import Replication

/// A node of nobody's: takes in batches as a link delivers them and keeps them in memory.
final class Witness {
  /// What became of a batch.
  enum Outcome {
    case stored(Batch)
    case refused(Violation)
    /// Neither a violation nor stored: it does not follow what is held.
    case left
  }

  var replica: Replica
  private var log: [Batch] = []
  private(set) var ends: [AdmissionEnd] = []
  private var links: UInt64 = 0
  private var link: LinkID?
  private let peer = DeviceKey(Bytes32())

  init(office: GroupID) {
    replica = Replica(
      office: office, secrets: DeviceSecrets(), member: MemberID(Bytes16()),
      certificate: EntryID(Bytes32()))
    replica.finishRestoring()
  }

  /// A batch as the content of an `entries` message.
  func take(_ batch: [UInt8]) throws(DecodeError) -> Outcome {
    let content = [UInt8](repeating: 0, count: 16) + batch
    guard let message = try Message.decode(kind: Message.entriesKind, content) else { return .left }
    return take(message)
  }

  func take(_ message: Message) -> Outcome {
    if link == nil {
      links += 1
      let new = LinkID(links)
      handle(.linkUp(new, peer, noise: NoiseIdentity(Bytes32())))
      link = new
    }
    guard let link else { return .left }
    let before = log.count
    let violation = handle(.received(link, message))
    if let violation {
      self.link = nil
      return .refused(violation)
    }
    return log.count > before ? .stored(log[log.count - 1]) : .left
  }

  /// Carries out what the replica wishes; returns what it closed the link for.
  @discardableResult
  private func handle(_ input: Input) -> Violation? {
    var violation: Violation?
    var inputs = [input]
    while let next = inputs.popLast() {
      replica.handle(next, at: .zero)
      while let effect = replica.nextEffect() {
        switch effect {
        case .store(let batch, let token, _):
          log.append(batch)
          inputs.append(.stored(token, arrivalMilliseconds: 0))
        case .load(let group, let place, let from):
          let found = log.first {
            $0.group == group && $0.feed == place.feed && $0.first <= from && from <= $0.last.seq
          }
          if let found { inputs.append(.loaded(found, arrivalMilliseconds: 0)) }
        case .close(_, _, let broken): violation = broken
        case .happened(.ended(_, _, let end)): ends.append(end)
        case .send, .happened: break
        }
      }
    }
    return violation
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
