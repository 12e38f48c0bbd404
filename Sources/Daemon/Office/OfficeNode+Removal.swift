import Authority
import Format
import Replication
import Storage

extension OfficeNode {
  /// What shows a device that it was removed, for one that was away: the author's entries from what
  /// the device is known to hold up to the removal, and nothing else (H-5).
  ///
  /// Contents of `entries` messages, in the order in which they follow each other.
  func proofOfRemoval(of device: RosterDevice) -> [[UInt8]] {
    var contents: [[UInt8]] = []
    for removal in replica.rosterNow().removals(of: device) {
      for (place, seqs) in replica.lacking(office, upTo: removal.entry, of: device.key) {
        var next = seqs.lowerBound
        while next <= seqs.upperBound, contents.count < Limits.proofBatchesMax,
          let content = try? store.packed(office, place, from: next, bytesMax: 1),
          let head = try? BatchHead(decoding: content, at: 16)
        {
          contents.append(content)
          next = head.first + UInt32(head.count)
        }
      }
    }
    return contents
  }
}
