package import Format
package import Platform

/// The file `delivered`: what others were last known to hold (protocol 6, R-9).
package enum DeliveredFile {
  package static let path = DiskPath.root.appending("delivered")
  /// What a reader of the file takes at most.
  package static let sizeMax = 1 << 26
  private static let itemSize = 100

  /// One feed that a device holds up to an entry.
  package struct Item: Hashable, Sendable {
    package let group: GroupID
    package let device: DeviceKey
    package let place: FeedPlace
    package let seq: UInt32
  }

  /// The items of a file, as far as they are whole: what is lost is learnt anew.
  package static func items(_ bytes: [UInt8]) -> [Item] {
    var items: [Item] = []
    let span = bytes.raw
    var at = 0
    while span.byteCount - at >= itemSize {
      items.append(
        Item(
          group: GroupID(Bytes32(span, at)), device: DeviceKey(Bytes32(span, at + 32)),
          place: FeedPlace(
            feed: FeedID(Bytes16(span, at + 64)), branch: BranchID(Bytes16(span, at + 80))),
          seq: load32(span, at + 96)))
      at += itemSize
    }
    return items
  }
}
