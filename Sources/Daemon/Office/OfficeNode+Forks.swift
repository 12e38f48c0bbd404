import Authority
import Control
import Format
import Platform
import Replication
import Storage

extension OfficeNode {
  /// Tells the office that a device was copied or put back from a backup, and makes the secrets that
  /// it does not get: whoever suspends does what follows, as for a removal (K-5).
  func suspend(_ due: SuspensionDue) {
    guard (try? checkWritable()) != nil else { return }
    var sides: [EntryID] = []
    for place in due.sides {
      if let (_, entry) = try? store.entry(due.group, place, due.seq) { sides.append(entry.id) }
    }
    sides.sort()
    guard sides.count == 2, sides[0] != sides[1] else {
      return log(.warning, "what a copied computer wrote twice cannot be read")
    }
    let operation = Operation.suspend(due.feed, seq: due.seq, sides[0], sides[1])
    write(office, [.control(operation)]) { [self] result in
      switch result {
      case .success: renewEpochs {}
      case .failure(let error):
        log(.warning, "that a computer was copied was not told: \(error.message)")
      }
    }
  }

  /// Other devices, not removed, of which two entries at one place were found.
  func forkedDevices() -> [DeviceKey] {
    replica.rosterNow().devices
      .filter { $0.isLive && $0.key != replica.secrets.device }
      .filter { $0.isSuspended || replica.hasFork(of: $0.key) }.map(\.key)
  }
}
