package import Format

/// What this node last knew of its own feeds, and where: noticed at the next start is a log that
/// was put back to an earlier state, copied, or carried to another computer (protocol 6).
package struct HeadLock: Hashable, Sendable {
  /// The last entry of an own feed that may be written.
  package struct Head: Hashable, Sendable {
    package let group: GroupID
    package let feed: FeedID
    package let seq: UInt32
    package let id: EntryID

    package init(group: GroupID, feed: FeedID, seq: UInt32, id: EntryID) {
      (self.group, self.feed, self.seq, self.id) = (group, feed, seq, id)
    }
  }

  /// What the lock says that a log holds, and of which nothing is ever taken for an end that was torn.
  package enum Promise: Sendable {
    /// The ends of own feeds; of what stands behind them nothing is known.
    case heads([Head])
    /// Something of it could not be read, so that it may say anything.
    case anything
  }

  /// Where a data directory is.
  package struct Surroundings: Hashable, Sendable {
    /// The installation, zero where the system does not tell.
    package let machine: Bytes16
    /// This start of the kernel, zero where the system does not tell, or others are still to be asked first
    /// what they hold (S-18).
    package var boot: Bytes16
    /// Device and inode of the data directory's `keys` file, which is written once: a copy has others.
    package let device: UInt64
    package let inode: UInt64

    package init(machine: Bytes16, boot: Bytes16, device: UInt64, inode: UInt64) {
      (self.machine, self.boot, self.device, self.inode) = (machine, boot, device, inode)
    }

    /// Whether it was written on another computer than this one. A machine that does not tell its name
    /// cannot be told from another; the inode still can.
    package func isOfAnother(machine now: Bytes16) -> Bool {
      !machine.isZero && !now.isZero && machine != now
    }
  }

  /// Rises with each writing: of several copies the highest counts.
  package var counter: UInt64
  package var surroundings: Surroundings
  /// Ascending by group, then feed. An own feed that is not among them is closed for good.
  package var heads: [Head]

  package init(counter: UInt64, surroundings: Surroundings, heads: [Head]) {
    (self.counter, self.surroundings) = (counter, surroundings)
    self.heads = heads.sorted { ($0.group, $0.feed) < ($1.group, $1.feed) }
  }
}

extension HeadLock {
  /// `ZRL1`.
  private static let magic: UInt32 = 0x5a52_4c31
  private static let headSize = 64
  private static let itemSize = 84
  /// Far more than there can be groups, and what a reader of the file will take at most.
  package static let sizeMax = headSize + itemSize * 65_536 + 4

  /// The bytes of the lock file.
  package func encode() -> [UInt8] {
    let count = Self.headSize + Self.itemSize * heads.count + 4
    var bytes = [UInt8](repeating: 0, count: count)
    var span = bytes.mutableSpan
    var raw = unsafe span.mutableBytes
    store32(Self.magic, &raw, 0)
    store32(UInt32(heads.count), &raw, 4)
    store64(counter, &raw, 8)
    surroundings.machine.store(&raw, 16)
    surroundings.boot.store(&raw, 32)
    store64(surroundings.device, &raw, 48)
    store64(surroundings.inode, &raw, 56)
    var at = Self.headSize
    for head in heads {
      head.group.bytes.store(&raw, at)
      head.feed.bytes.store(&raw, at + 32)
      store32(head.seq, &raw, at + 48)
      head.id.bytes.store(&raw, at + 52)
      at += Self.itemSize
    }
    let sum = Crc32c.finish(Crc32c.extend(Crc32c.begin, raw.bytes.extracting(0..<at)))
    store32(sum, &raw, at)
    return bytes
  }

  /// Reads a lock file; what stands behind the lock is the rest of a longer one before it. Nil
  /// where anything is damaged.
  package init?(decoding bytes: [UInt8]) {
    let span = bytes.raw
    guard bytes.count >= Self.headSize + 4, load32(span, 0) == Self.magic else { return nil }
    let count = Int(load32(span, 4))
    guard count <= (bytes.count - Self.headSize - 4) / Self.itemSize else { return nil }
    let end = Self.headSize + Self.itemSize * count
    let sum = Crc32c.finish(Crc32c.extend(Crc32c.begin, span.extracting(0..<end)))
    guard load32(span, end) == sum else { return nil }
    var heads: [Head] = []
    for index in 0..<count {
      let at = Self.headSize + Self.itemSize * index
      heads.append(
        Head(
          group: GroupID(Bytes32(span, at)), feed: FeedID(Bytes16(span, at + 32)),
          seq: load32(span, at + 48), id: EntryID(Bytes32(span, at + 52))))
    }
    self.init(
      counter: load64(span, 8),
      surroundings: Surroundings(
        machine: Bytes16(span, 16), boot: Bytes16(span, 32), device: load64(span, 48),
        inode: load64(span, 56)),
      heads: heads)
  }
}
