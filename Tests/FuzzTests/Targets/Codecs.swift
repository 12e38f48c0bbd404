import Cryptography
import Format
import Replication
import TestSupport

@testable import Simulation

/// Decoders of what nodes say to each other and keep: each takes exactly what it encodes.
enum Codecs {
  static let targets = [
    FuzzTarget(
      name: "header", kind: .decoder,
      abstract: "a header that is taken encodes to itself, and another reader takes it too",
      reaches: ["Format"], sizeMax: 1_024, seeds: { try headerSeeds() }, run: { try header($0) }),
    FuzzTarget(
      name: "body", kind: .decoder,
      abstract: "bodies, content, padding, greetings and names encode to themselves",
      reaches: ["Format"], sizeMax: 2_048, seeds: { bodySeeds() }, run: { try body($0) }),
    FuzzTarget(
      name: "message", kind: .decoder, abstract: "a message encodes to itself",
      reaches: ["Format", "Replication/EntryHashes"], sizeMax: 2_048,
      seeds: { Vector.of("message").map(\.bytes) }, run: { try message($0) }),
    FuzzTarget(
      name: "batch", kind: .decoder,
      abstract: "a batch packs to itself, is chained, and another reader takes its headers too",
      reaches: ["Format", "Replication/EntryHashes"], sizeMax: 4_096,
      seeds: { Vector.of("batch").map { [UInt8](repeating: 0, count: 16) + $0.bytes } },
      run: { try batch($0) }),
  ]

  // MARK: Headers

  static func header(_ bytes: [UInt8]) throws {
    guard let header = try? EntryHeader(decoding: bytes) else { return }
    try needSame(header.encode(), bytes, "a header")
    try need(header.size == bytes.count, "a header has another size than it says")
    try readOtherwise(bytes)
    guard header.kind == .genesis else { return }
    guard let facts = GenesisFacts(header) else { throw Found("a genesis has no facts") }
    let again = GenesisFacts(
      device: facts.device, certificate: facts.certificate, nonce: facts.nonce, group: facts.group)
    try need(facts == again, "facts that are written again are others")
  }

  /// A header that is taken here is one by the tables of chapter 3, too, as code reads them that
  /// shares nothing with the product.
  static func readOtherwise(_ bytes: [UInt8]) throws {
    do throws(PlainEntry.Broken) {
      _ = try PlainEntry(header: bytes[...], body: nil)
    } catch {
      // Its body is not looked at here.
      try need(error.rule == "E-13", "a header was taken that breaks \(error.rule)")
    }
  }

  private static func headerSeeds() throws -> [[UInt8]] {
    // Headers inside entries and batches are of more kinds than those that stand alone.
    Vector.of("header").map(\.bytes)
      + Vector.of("batch").filter { $0.expect == .ok }
      .compactMap { $0.gives["headers"] }.compactMap { [UInt8](hex: $0) }.filter {
        $0.count < 1_024
      }
  }

  // MARK: Bodies

  /// The forms of vectors behind which body decoder they stand.
  private static let forms = [
    "operation", "founding", "epoch", "content", "padded", "greeting", "preface", "name",
  ]

  private static func bodySeeds() -> [[UInt8]] {
    forms.enumerated().flatMap { number, form in
      Vector.of(form).map { [UInt8(number)] + $0.bytes }
    }
  }

  /// The first byte says which decoder gets the rest.
  static func body(_ input: [UInt8]) throws {
    guard let first = input.first else { return }
    let bytes = Array(input.dropFirst())
    let form = forms[Int(first) % forms.count]
    switch form {
    case "operation":
      guard let operation = try? Operation(decoding: bytes) else { return }
      if case .unknown(let code) = operation { return try need(code == bytes[0], "a code changed") }
      try needSame(operation.encode(), bytes, form)
    case "founding":
      // The device is the one that its header names.
      let device = bytes.count >= 48 ? Bytes32(Array(bytes[16..<48])) : nil
      guard
        let founding = try? OfficeGenesis(decoding: bytes, device: DeviceKey(device ?? Bytes32()))
      else { return }
      try needSame(founding.encode(), bytes, form)
    case "epoch":
      guard let epoch = try? EpochBody(decoding: bytes) else { return }
      try needSame(epoch.encode(), bytes, form)
    case "content": try content(bytes)
    case "padded":
      guard let content = try? Padding.unpad(bytes) else { return }
      try needSame(Padding.pad(content) ?? [], bytes, form)
      try need(Padding.isBodySize(bytes.count + Padding.overhead), "a padded size is none")
    case "greeting":
      guard let greeting = try? Greeting(decoding: bytes) else { return }
      try needSame(greeting.encode(), bytes, form)
    case "preface":
      guard let preface = try? Preface(decoding: bytes) else { return }
      try needSame(preface.bytes, bytes, form)
    default:
      guard let name = try? Name(bytes) else { return }
      try needSame(Array(name.text.utf8), bytes, form)
    }
  }

  /// Tags that are not known are passed over, so what comes again is the meaning.
  private static func content(_ bytes: [UInt8]) throws {
    guard let content = try? Content(decoding: bytes) else { return }
    if case .unknown = content { return }
    let again = content.encode()
    try need(
      (try? Content(decoding: again)) == content, "content means something else once encoded")
    try need(again.count <= bytes.count, "content grows when it is encoded")
    try need(Padding.pad(again) != nil, "content that was taken is too long to be written")
  }

  // MARK: Messages

  static func message(_ bytes: [UInt8]) throws {
    guard bytes.count >= Message.headSize else { return }
    let length = bytes[1..<Message.headSize].reduce(0) { $0 << 8 | Int($1) }
    guard length <= Limits.messageBytesMax, length == bytes.count - Message.headSize else { return }
    guard
      let message = try? Message.decode(kind: bytes[0], Array(bytes[Message.headSize...]))
    else { return }
    try needSame(message.encode(), bytes, "a message")
    try need(message.kind == bytes[0], "a message has another kind than it came with")
    switch message {
    case .digests(let list): try need(list.count <= Limits.digestsMax, "too many digests")
    case .frontier(_, let items), .have(_, let items):
      try need(items.count <= Limits.frontierItemsMax, "too many heads")
    case .want(_, let wants): try need(wants.count <= Limits.frontierItemsMax, "too many wishes")
    case .entries(let entries): try batch(entries.bytes)
    default: break
    }
  }

  // MARK: Batches

  static func batch(_ bytes: [UInt8]) throws {
    guard let message = try? EntriesMessage(decoding: bytes) else { return }
    let head = message.head
    var prev = EntryID(head.first == 0 ? Bytes32() : Bytes32(repeating: 0xff))
    var unpacker = BatchUnpacker(head, entriesAt: EntriesMessage.entriesAt, prev: prev)
    var records: [UInt8] = []
    guard
      let entries = try? unpacker.unpack(message.bytes, into: &records, hasher: EntryHashes())
    else { return }
    try need(entries.count == Int(head.count), "a batch has more entries or fewer than it says")
    try need(
      records.count <= RecordLayout.groupSizeMax, "a batch takes more room than a record group")
    let batch = Batch(
      group: head.group, feed: head.feed, branch: message.branch, records: records,
      entries: entries, signature: head.signature)
    var packer = BatchPacker(
      group: head.group, feed: head.feed, first: head.first, wallBase: head.wallBase,
      lamportBase: head.lamportBase, behind: message.branch.bytes.array)
    for (index, entry) in entries.enumerated() {
      let header = try batch.header(entry)
      let encoded = header.encode()
      try readOtherwise(encoded)
      try need(header.seq == head.first + UInt32(index), "an entry has another number")
      try need(header.prev == prev, "an entry follows another one than the one before it")
      prev = EntryID(Bytes32(Blake2b.hash(.entry, encoded.span)))
      try need(entry.id == prev, "an entry has another ID than the hash of its header")
      if let body = batch.body(entry) {
        try need(body.count == Int(header.bodySize), "a body has another size")
        let isWhole =
          body.isEmpty || Bytes32(Blake2b.hash(.body, body.span)) == header.bodyHash.bytes
        try need(isWhole, "a body is not the one that its header names")
      }
      packer.append(
        records, headerAt: Int(entry.headerAt), headerSize: Int(entry.headerSize),
        body: entry.bodyState)
    }
    try needSame(packer.finish(signature: head.signature), bytes, "a batch")
    try? batch.checkBodies()
    try? batch.checkKinds(office: head.group)
    try? batch.checkKinds(office: GroupID(Bytes32()))
  }
}
