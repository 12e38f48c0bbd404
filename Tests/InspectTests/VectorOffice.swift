import Format
import Platform
import Storage
import TestSupport

@testable import Replication

/// A data directory with the log of a vector in it: a whole small office, several people wrote.
final class VectorOffice {
  let folder = TemporaryDirectory()
  var home: String { folder.path + "/home" }
  /// Every entry of it, in the order in which it was stored.
  private(set) var entries: [EntrySummary] = []
  /// Those of them that stand in logs of groups: of these a vector does not say what is void.
  private(set) var inGroups: Set<EntryID> = []

  init(_ vector: Vector) throws {
    let store = try SampleOffice.open(folder.path + "/home")
    let batches = try Self.parts(vector.bytes)
    let office = try BatchHead(decoding: batches.first ?? [], at: 0).group
    var replica = Replica(
      office: office, secrets: DeviceSecrets(), member: MemberID(Bytes16()),
      certificate: EntryID(Bytes32()))
    for bytes in batches {
      let message = try EntriesMessage(decoding: [UInt8](repeating: 0, count: 16) + bytes)
      let group =
        replica.groups[message.head.group] ?? GroupState(id: message.head.group, isOffice: false)
      let feed = group.feeds[FeedPlace(feed: message.head.feed)]
      let batch = try replica.verify(message, group, feed)
      replica.restore(batch, arrivalMilliseconds: 0)
      try SampleOffice.append(batch, to: store)
      entries += batch.entries
      if message.head.group != office { inGroups.formUnion(batch.entries.map(\.id)) }
    }
  }

  /// The batches of a log, each after its length.
  private static func parts(_ bytes: [UInt8]) throws -> [[UInt8]] {
    var parts: [[UInt8]] = []
    var rest = bytes[...]
    while rest.count >= 4 {
      let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      parts.append(Array(rest.dropFirst(4).prefix(length)))
      rest = rest.dropFirst(4 + length)
    }
    return parts
  }
}
