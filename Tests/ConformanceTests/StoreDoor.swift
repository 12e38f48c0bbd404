import Format
import Platform
import TestSupport
import Testing

@testable import Storage

/// The door for group logs on a disk: opened as a node does at its start, recovery and all.
enum StoreDoor {
  /// Marks that are the same in every run; no case shows them.
  private struct OnlyMark: Entropy {
    func fill(_ buffer: inout MutableSpan<UInt8>) {
      for index in buffer.indices { buffer[index] = 0x5a }
    }
  }

  static func store(_ vector: Vector) throws -> [String: String] {
    let group = GroupID(try #require(Bytes32(vector.hex("group"))))
    let segments = try parts(vector.bytes)
    var files: [DiskPath: [UInt8]] = [:]
    for (index, bytes) in segments.enumerated() where !bytes.isEmpty {
      files[StorePaths.segment(group, UInt32(index + 1))] = bytes
    }
    let disk = MemoryDisk(files: files)
    let opened: (store: Store, report: RecoveryReport)
    do {
      opened = try open(disk, promised(vector, group))
    } catch let error as StorageError {
      guard case .tooNew = error else { throw error }
      // All logs are read before any is changed.
      #expect(disk.files == files, "\(vector.path)")
      throw Refusal.decode("S-5")
    }
    return try gives(opened.store, opened.report, group, disk, count: segments.count)
  }

  private static func open(
    _ disk: MemoryDisk, _ promised: [HeadLock.Head]
  ) throws -> (Store, RecoveryReport) {
    let settings = StoreSettings(
      segmentBytesMax: 1 << 22, freeBytesMin: 0, entropy: OnlyMark())
    return try Store.open(disk, settings, first: [], promised: .heads(promised)) { _, _, _ in }
  }

  private static func promised(_ vector: Vector, _ group: GroupID) -> [HeadLock.Head] {
    guard let bytes = try? vector.hex("promised"), bytes.count == 52 else { return [] }
    return [
      HeadLock.Head(
        group: group, feed: FeedID(Bytes16(bytes.raw, 0)), seq: load32(bytes.raw, 16),
        id: EntryID(Bytes32(bytes.raw, 20)))
    ]
  }

  /// The segments of a case, each after its length; of no bytes: no such file.
  private static func parts(_ bytes: [UInt8]) throws -> [[UInt8]] {
    var parts: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      try need(rest.count >= 4, .decode("S-4"))
      let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(4)
      try need(rest.count >= length, .decode("S-4"))
      parts.append(Array(rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
    return parts
  }

  private static func gives(
    _ store: Store, _ report: RecoveryReport, _ group: GroupID, _ disk: MemoryDisk, count: Int
  ) throws -> [String: String] {
    var kept: [String] = []
    var erased = 0
    if let index = store.index(group) {
      for place in index.places {
        guard let chain = index[place] else { continue }
        let name = "\(place.feed.description.prefix(8))/\(place.branch.description.prefix(8))"
        kept.append("\(name):\(chain.start)-\(chain.next - 1)")
        for seq in chain.start..<chain.next
        where try store.entry(group, place, seq).entry.bodyState == .erased {
          erased += 1
        }
      }
    }
    // A start begins one segment at most, behind all there were.
    let files = disk.files
    var left = (1...UInt32(count + 1)).map { files[StorePaths.segment(group, $0)]?.count }
    if left.last == .some(nil) { left.removeLast() }
    return [
      "kept": kept.sorted().joined(separator: " "), "erased": String(erased),
      "reports": reports(report),
      "left": left.map { $0.map(String.init) ?? "-" }.joined(separator: " "),
    ]
  }

  /// What is reported, by place, in the chapter's words.
  private static func reports(_ report: RecoveryReport) -> String {
    let found = report.damages.map { (segment: $0.segment, offset: $0.offset, word: word($0)) }
    let cuts = report.cuts.map {
      (segment: $0.segment, offset: $0.offset, word: $0.offset == 0 ? "tornCreation" : "tornTail")
    }
    return (found + cuts)
      .sorted { ($0.segment, $0.offset, $0.word) < ($1.segment, $1.offset, $1.word) }
      .map { "\($0.segment):\($0.offset):\($0.word)" }.joined(separator: " ")
  }

  private static func word(_ damage: Damage) -> String {
    switch damage.kind {
    case .group: "damage"
    case .gap: "gap"
    case .conflict: "conflict"
    case .unsigned: "unsigned"
    case .unreadable: "disk"
    case .segment(.badHead(let isRead)): isRead ? "headless" : "unreadable"
    case .segment(.foreign): "foreign"
    case .segment(.misnamed): "misnamed"
    case .segment(.missing): "missing"
    case .segment(.irregular): "irregular"
    case .segment(.badLink): "unlinked"
    }
  }
}
