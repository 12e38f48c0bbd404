import Authority
import Control
import Cryptography
import Format
import Foundation
import Platform
import Storage
import TestSupport
import Testing

@testable import Daemon
@testable import Replication

/// What a node says and shows whose own feed another computer with its keys wrote on.
@Suite(.serialized) struct CopiedSelfTests {
  private let node = TurnedNode()
  private let link = Replication.LinkID(7)
  private let epoch = EpochID(Bytes16(1, 2))

  /// A message behind the end of an own feed that opens with a key which nobody has.
  private func written(_ office: OfficeNode, _ feed: FeedState, _ body: UInt8) throws -> Batch {
    let group = try #require(office.ownGroups().first)
    var builder = CommitBuilder(
      group: group, feed: feed.place.feed, prev: feed.head.id, nextSeq: feed.head.seq + 1,
      lamport: feed.head.lamport)
    _ = builder.append(
      .message, body: [UInt8](repeating: body, count: 168), epoch: epoch,
      wall: feed.head.wallMilliseconds)
    return builder.sign(office.replica.secrets)
  }

  /// The message with which a peer sends it, behind an entry with these lamport and time.
  private func entries(
    _ batch: Batch, behind head: FeedState.Head, branch: BranchID = BranchID(Bytes16())
  ) throws -> Message {
    var packer = BatchPacker(
      group: batch.group, feed: batch.feed, first: batch.first, wallBase: head.wallMilliseconds,
      lamportBase: head.lamport, behind: branch.bytes.array)
    for entry in batch.entries {
      packer.append(
        batch.records, headerAt: Int(entry.headerAt), headerSize: Int(entry.headerSize),
        body: entry.bodyState)
    }
    return .entries(try EntriesMessage(decoding: packer.finish(signature: batch.signature)))
  }

  /// A program that subscribed to the node's events and reads them at the end.
  private func subscribed(_ loop: NodeLoop) throws -> Subscriber {
    let subscriber = Subscriber(try Socket.connect(path: node.directory.path + "/s"))
    subscriber.write(#"{"jsonrpc":"2.0","id":1,"method":"subscribe"}"# + "\n")
    var events: [PollEvent] = []
    while loop.control.subscribers.isEmpty { try loop.turn(&events) }
    return subscriber
  }

  private final class Subscriber {
    private let socket: Socket
    init(_ socket: consuming Socket) { self.socket = socket }

    func write(_ line: String) {
      let bytes = Array(line.utf8)
      #expect(socket.write(bytes.span) == .bytes(bytes.count))
    }

    /// What came until now.
    func heard() -> [Substring] {
      var (all, room) = ([UInt8](), [UInt8](repeating: 0, count: 65_536))
      while true {
        var span = room.mutableSpan
        guard case .bytes(let count) = socket.read(into: &span), count > 0 else { break }
        all += room[..<count]
      }
      return String(decoding: all, as: UTF8.self).split(separator: "\n")
    }
  }

  @Test func `it is told once, what was told before is told again, and the words fit`() throws {
    let loop = try node.start()
    try node.found(loop)
    let office = try #require(loop.office)
    let group = try #require(office.ownGroups().first)
    let feed = try #require(office.replica.groups[group]?.feedList.first { $0.isOwn })
    let subscriber = try subscribed(loop)
    var events: [PollEvent] = []
    let (end, first, second) = (
      feed.head, try written(office, feed, 1), try written(office, feed, 2)
    )
    office.handle(
      .linkUp(
        link, office.replica.secrets.device, noise: office.replica.secrets.noiseIdentity,
        named: office.replica.certificate))
    office.handle(.received(link, try entries(first, behind: end)))
    while office.toldUnopened.isEmpty { try loop.turn(&events) }
    #expect(!office.isCopied)

    let name = BranchID(second.last.id.prefix)
    let branch = FeedPlace(feed: feed.place.feed, branch: name)
    let item = FrontierItem(
      feed: branch.feed, branch: name, seq: second.last.seq, prefix: name.bytes)
    office.handle(.received(link, .have(group, [item])))
    while office.replica.links[link]?.wanted[group]?[branch] == nil { try loop.turn(&events) }
    office.handle(.received(link, try entries(second, behind: end, branch: name)))
    while !office.replica.isForked { try loop.turn(&events) }

    // Its feed parts now where the first one stands, which came by another name before.
    office.replica.groups[group]?.secrets[epoch] = EpochKey(EpochSecret())
    #expect(
      office.nowReadable(in: group).contains { $0.entry.bytes == first.last.id.bytes.array })
    #expect(loop.degraded().map(\.word) == [.copied])
    // That another computer was met as well says less than what it wrote.
    office.isProvenCopied = true
    let words = office.copied.info
    #expect(words.detail.contains("messages were written both times"))
    #expect(words.hint?.hasSuffix("zuruf admit --for @Anna --replaces a") ?? false)
    let check = try #require(loop.doctor().checks.first)
    #expect(check.name == "copy" && check.verdict == .failed && check.advice == words.hint)
    try loop.turn(&events)
    let told = subscriber.heard().filter { $0.contains(#""kind":"degraded""#) }
    #expect(told.count == 1 && told[0].contains(#""copied""#))
    office.isProvenCopied = false
    _ = try node.answer(loop) { loop.setAside($0) }.get()
    #expect(loop.standing() == .noOffice)
    loop.stop()
  }

  /// What a node that met its copy says, of its own directory or of that of a copy (H-11).
  private func check(_ here: TurnedNode) throws -> CheckInfo {
    let loop = try here.start()
    defer { loop.stop() }
    let office = try #require(loop.office)
    #expect(loop.doctor().checks.allSatisfy { $0.name != "copy" })
    office.isProvenCopied = true
    #expect(throws: ControlError.self) { try office.checkWritable() }
    return try #require(loop.doctor().checks.first)
  }

  private func found() throws {
    let loop = try node.start()
    try node.found(loop)
    loop.stop()
  }

  @Test func `of two with the same keys the original and the copy each hear the way out`() throws {
    try found()
    let copy = TurnedNode()
    for part in ["data", "state"] {
      try FileManager.default.copyItem(
        atPath: "\(node.directory.path)/\(part)", toPath: "\(copy.directory.path)/\(part)")
    }
    let original = try check(node)
    let place = node.directory.path + "/data"
    #expect(original.name == "copy" && original.verdict == .failed)
    #expect(
      original.finding
        == "a copy of the data directory \(place) runs as well, so both have stopped and nothing is "
        + "written")
    #expect(
      original.advice?.hasPrefix(
        "end the copy for good and restart this node, which writes again and has lost nothing; or"
      ) ?? false)
    #expect(original.advice?.contains("and here: zuruf ticket new --for @Anna;") ?? false)
    // A restart knows it as well, though the lock is of the copy by then.
    for _ in 0..<2 {
      let other = try check(copy)
      let elsewhere = copy.directory.path + "/data"
      #expect(
        other.finding
          == "the data directory \(elsewhere) is a copy of another one, which runs as well, so both "
          + "have stopped and nothing is written")
      #expect(
        other.advice?.hasPrefix(
          "end this copy for good and restart the original, which writes again and has lost nothing; or"
        ) ?? false)
    }
    // The copy is gone, and the original restarted.
    let again = try node.start()
    try again.office?.checkWritable()
    #expect(again.degraded().isEmpty)
    again.stop()
  }
}
