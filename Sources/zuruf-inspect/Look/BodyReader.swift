import Cryptography
import Format
import Platform
import Replication
import Storage
import Terminal

/// Opens bodies where that was asked for, with the keys that lie in the same directory.
///
/// Without being asked it holds no key at all.
struct BodyReader {
  let office: GroupID?
  private let replay: Replay?

  init(_ look: Look, withBodies: Bool) throws(Failure) {
    let office = try look.findOffice()
    self.office = office
    guard withBodies, let office else {
      replay = nil
      return
    }
    let replay = Replay(office: office, secrets: try Self.secrets(look))
    let (view, _) = try look.open(first: [office]) { batch, place, _, arrival in
      replay.take(batch.alone(place), arrival: arrival)
    }
    replay.finish(view)
    self.replay = replay
  }

  private static func secrets(_ look: Look) throws(Failure) -> DeviceSecrets {
    do {
      guard let content = try HomeFile.keys.read(look.disk) else {
        throw Failure.refused("there is no key file beside the logs", hints: [])
      }
      return try DeviceSecrets(content: content)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw .refused("the key file cannot be used: \(escaped("\(error)", .shown))", hints: [])
    }
  }

  /// What a message says; nil where bodies were not asked for or the entry is no message.
  func content(_ batch: Batch, _ entry: EntrySummary) -> Reading? {
    guard let replay, entry.kind == EntryKind.message.rawValue,
      let header = try? batch.header(entry)
    else { return nil }
    return replay.replica.read(batch.group, header, batch.body(entry))
  }
}
