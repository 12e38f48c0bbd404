import Cryptography
import Format

/// What binds a message's ciphertext to its place (6-epochs): no body opens anywhere else.
struct MessageAAD {
  let bytes: [UInt8]
  private let feed: [UInt8]
  private let seq: UInt32

  init(group: GroupID, feed: FeedID, seq: UInt32, epoch: EpochID) {
    var writer = Writer(capacity: 69)
    writer.id(group)
    writer.id(feed)
    writer.u32(seq)
    writer.u8(EntryKind.message.rawValue)
    writer.id(epoch)
    bytes = writer.bytes
    self.feed = feed.bytes.array
    self.seq = seq
  }

  func key(_ epoch: EpochKey) -> MessageKey {
    MessageKey(epoch: epoch.secret, feed: feed.span, sequence: seq)
  }
}

/// Flags of entries that this version knows.
enum EntryFlags {
  /// The content of a message is no text: a title, for instance (E-21).
  static let notice: UInt16 = 1
}

extension Content {
  /// Whether this is something a person said, which a timeline shows.
  var isText: Bool {
    if case .text = self { return true }
    return false
  }
}
