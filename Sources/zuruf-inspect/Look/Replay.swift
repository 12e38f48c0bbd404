import Format
import Replication
import Storage

/// Hands everything that is stored to a replica of its own, which admits it as the node did.
final class Replay {
  var replica: Replica

  /// With no secrets it opens no epoch.
  init(office: GroupID, secrets: consuming DeviceSecrets?) {
    let keys = secrets ?? DeviceSecrets()
    replica = Replica(
      office: office, secrets: keys, member: MemberID(Bytes16()), certificate: EntryID(Bytes32()))
  }

  /// Takes in a record group by itself, in stored order.
  func take(_ batch: Batch, arrival: UInt64) {
    replica.restore(batch, arrivalMilliseconds: arrival)
  }

  /// Ends the replay: what waited for its past is judged now, read once more where it was let go.
  func finish(_ view: StoreView) {
    replica.finishRestoring()
    while let effect = replica.nextEffect() {
      guard case .load(let group, let place, let from) = effect,
        let batches = try? view.read(group, place, from: from, bytesMax: 1)
      else { continue }
      for batch in batches {
        replica.handle(.loaded(batch, arrivalMilliseconds: 0), at: .zero)
      }
    }
  }
}
