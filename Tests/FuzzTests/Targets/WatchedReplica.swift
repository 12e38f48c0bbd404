import Authority
import Cryptography
import Format
import Synchronization
import TestSupport

@testable import Replication
@testable import Simulation

/// A replica whose every wish is looked at by code of its own before it is carried out.
final class WatchedReplica {
  private let office: SampleOffice
  private let person: SampleOffice.Person
  private var replica: Replica
  private var now: Duration = .zero
  private var wall = SampleOffice.wall + 1_000_000
  private(set) var steps = 0
  /// Whether somebody was shown two things at one place.
  var wasForked = false
  private var links: [(id: LinkID, person: SampleOffice.Person)] = []
  private var linkNumber: UInt64 = 0
  private var stores: [(batch: Batch, token: StoreToken)] = []
  private var loads: [(group: GroupID, place: FeedPlace, from: UInt32)] = []
  private var closing: [LinkID] = []
  /// All that was handed over to be stored, by the entry's ID, and by how much of that is durable.
  private var batches: [Batch] = []
  private var known: Set<EntryID> = []
  private var durable: Set<Bytes16> = []
  /// By feed, whose it is.
  private var authors: [FeedID: DeviceKey] = [:]
  /// By place, what this device wrote there.
  private var written: [Written: EntryID] = [:]

  private struct Written: Hashable {
    let feed: FeedID
    let seq: UInt32
  }

  init(
    _ person: SampleOffice.Person, holding log: [Batch], of office: SampleOffice
  ) throws {
    (self.office, self.person) = (office, person)
    replica = try office.replica(person, holding: log)
    let own = replica.secrets.device
    for batch in log {
      let isOwn = try note(batch) == own
      for entry in batch.entries {
        durable.insert(entry.id.prefix)
        if isOwn { written[Written(feed: batch.feed, seq: entry.seq)] = entry.id }
      }
    }
    try carryOut()
  }

  // MARK: What happens to it

  private func handle(_ input: Input) throws {
    steps += 1
    replica.handle(input, at: now)
    try carryOut()
  }

  func linkUp(_ other: SampleOffice.Person) throws {
    guard links.count < 6, other != person else { return }
    linkNumber += 1
    let noise = office.noises[other.rawValue]
    let certificate = office.certificates[other.rawValue]
    let device = replica.rosterNow().device(noise: noise, named: certificate)
    links.append((LinkID(linkNumber), other))
    try handle(
      .linkUp(
        LinkID(linkNumber), device.flatMap { $0.isLive ? $0.key : nil }, noise: noise,
        named: certificate))
  }

  func linkDown(_ choice: UInt8) throws {
    guard let link = link(choice) else { return }
    links.removeAll { $0.id == link }
    try handle(.linkDown(link))
  }

  private func link(_ choice: UInt8) -> LinkID? {
    links.isEmpty ? nil : links[Int(choice) % links.count].id
  }

  func pass(_ duration: Duration) throws {
    now += duration
    wall += 1
    try handle(.tick)
  }

  /// Bytes of a peer; what is no message ends the link, as it does before a replica hears of it.
  func say(_ kind: UInt8, _ content: [UInt8], on choice: UInt8) throws {
    guard content.count <= Limits.messageBytesMax else { return }
    let decoded = Result { () throws(DecodeError) in try Message.decode(kind: kind, content) }
    switch decoded {
    case .success(let message): if let message { try say(message, on: choice) }
    case .failure: try linkDown(choice)
    }
  }

  func say(_ message: Message, on choice: UInt8) throws {
    guard let link = link(choice) else { return }
    try handle(.received(link, message))
  }

  func sayDigest(of group: GroupID, isEqual: Bool, on choice: UInt8) throws {
    let digest = isEqual ? replica.digest(of: group) : nil
    let other = FrontierDigest(Bytes32(repeating: 9))
    try say(.digests([.init(group: group, digest: digest ?? other)]), on: choice)
  }

  func answerStores(_ count: Int) throws {
    for _ in 0..<min(count, stores.count) {
      let (batch, token) = stores.removeFirst()
      for entry in batch.entries { durable.insert(entry.id.prefix) }
      try handle(.stored(token, arrivalMilliseconds: wall))
    }
  }

  func answerLoad(isThere: Bool) throws {
    guard !loads.isEmpty else { return }
    let (group, place, from) = loads.removeFirst()
    let batch = batches.last { batch in
      batch.group == group && batch.feed == place.feed && batch.first <= from
        && from <= batch.last.seq && durable.contains(batch.last.id.prefix)
    }
    guard isThere, let batch else { return try handle(.loadFailed(group, place)) }
    try handle(.loaded(batch, arrivalMilliseconds: wall))
  }

  func write(_ number: UInt8, in group: GroupID) throws {
    let text = [UInt8](repeating: 0x61 + number % 26, count: 1 + Int(number) % 40)
    let draft = Draft.message(.text(RequestID(Bytes16(Random.bytes16())), text))
    do throws(ComposeRefusal) {
      _ = try replica.compose(group, [draft], wall: wall)
    } catch {
      // Whoever may not write hears so, and nothing happens.
    }
    try carryOut()
  }

  func renewEpoch(_ group: GroupID) throws {
    do throws(ComposeRefusal) {
      _ = try replica.composeEpoch(group, wall: wall)
    } catch {
      // The same.
    }
    try carryOut()
  }

  func serve(_ choice: UInt8, isThere: Bool) throws {
    guard let link = link(choice), let serving = replica.nextServing(on: link) else { return }
    try need(
      batches.contains { batch in
        batch.group == serving.group && batch.feed == serving.place.feed
          && batch.entries.contains { $0.seq == serving.from && durable.contains($0.id.prefix) }
      }, "something is to be sent that is not durable")
    let batch = batches.first { batch in
      batch.feed == serving.place.feed && batch.first <= serving.from
        && serving.from <= batch.last.seq
    }
    replica.served(serving, through: isThere ? batch?.last.seq : nil, on: link)
    try carryOut()
  }

  /// Lets the disk do all that it was asked for.
  func answerAll() throws {
    for _ in 0..<400 where !stores.isEmpty || !loads.isEmpty {
      try answerStores(1)
      try answerLoad(isThere: true)
    }
    try need(stores.isEmpty && loads.isEmpty, "a replica asks its disk for ever")
  }

  /// An honest peer brings all there is.
  func learn(_ contents: [[UInt8]], from other: SampleOffice.Person) throws {
    while !links.isEmpty { try linkDown(0) }
    try pass(.seconds(61))
    try linkUp(other)
    for content in contents {
      try say(Message.entriesKind, content, on: 0)
      try answerAll()
    }
    let lacking = office.log.first { batch in
      !batch.entries.allSatisfy { durable.contains($0.id.prefix) }
    }
    // What a device wrote that others never had can stand in the way of its own feed alone.
    try need(
      lacking == nil || !isOpen(lacking), "what an honest peer brings is not taken in any more")
  }

  /// Whether this device wrote nothing else at the place of a batch or before it in its feed. Behind such
  /// a place a peer is asked for its branch, and this one brings what it has unasked.
  private func isOpen(_ batch: Batch?) -> Bool {
    guard let batch else { return false }
    let others = office.log.filter { $0.feed == batch.feed }.flatMap(\.entries)
    return !written.contains { place, id in
      place.feed == batch.feed && place.seq <= batch.last.seq && !others.contains { $0.id == id }
    }
  }

  // MARK: What it wishes

  private func carryOut() throws {
    var count = 0
    while let effect = replica.nextEffect() {
      count += 1
      try need(count < 20_000, "one input has wishes without end")
      switch effect {
      case .store(let batch, let token, let isOwn):
        try look(at: batch, isOwn: isOwn)
        stores.append((batch, token))
      case .send(let link, let message): try look(at: message, for: link)
      case .close(let link, _, _): closing.append(link)
      case .load(let group, let place, let from): loads.append((group, place, from))
      case .happened: break
      }
    }
    try check()
    // The end of a link is told once it is over.
    guard let link = closing.popLast() else { return }
    guard links.contains(where: { $0.id == link }) else { return try carryOut() }
    links.removeAll { $0.id == link }
    try handle(.linkDown(link))
  }

  private func check() throws(Found) {
    try need(
      replica.bytesAhead <= Limits.storeQueueBytesMax + RecordLayout.groupSizeMax,
      "more is on its way to the disk than may be")
    try need(
      replica.waitingBytes <= Limits.storeQueueBytesMax + 2 * RecordLayout.groupSizeMax,
      "more waits to be admitted than may")
    // What somebody merely names takes no place.
    let founded = Set(batches.filter { $0.first == 0 }.map(\.group)).union([office.office])
    try need(
      replica.groups.keys.allSatisfy(founded.contains), "a group has a place that was only named")
    for group in replica.groups.values {
      try need(
        group.feedList.allSatisfy { authors[$0.place.feed] != nil },
        "a feed has a place of which nothing came")
    }
  }

  /// Whether an entry is what its author signed: every hash and the signature, computed past the
  /// product's own code.
  @discardableResult
  private func note(_ batch: Batch) throws(Found) -> DeviceKey {
    var last: Long?
    for entry in batch.entries {
      let start = Int(entry.headerAt)
      let header = batch.records[start..<start + Int(entry.headerSize)]
      let body = batch.body(entry)
      let read: PlainEntry
      do throws(PlainEntry.Broken) {
        read = try PlainEntry(header: header, body: body.map { $0[...] })
      } catch {
        throw Found("an entry is stored that breaks \(error.rule)")
      }
      try need(read.id.bytes == entry.id.bytes.array, "an entry is stored under another ID")
      try need(last == nil || read.prev == last, "an entry is stored that follows another one")
      try need(
        read.seq == 0 || last != nil || known.contains { $0.bytes.array == read.prev.bytes },
        "an entry is stored that follows nothing")
      try need(
        read.group.bytes == batch.group.bytes.array, "an entry is stored in another group's log")
      if read.seq == 0, let key = read.ext[1].flatMap({ Bytes32(Array($0)) }) {
        authors[batch.feed] = DeviceKey(key)
      }
      last = read.id
    }
    guard let author = authors[batch.feed], let last,
      let device = Long(author.bytes.array)
    else { throw Found("entries are stored of a feed without a beginning") }
    try need(
      Self.isSigned(last, by: device, batch.signature.array),
      "entries are stored that nobody signed")
    for entry in batch.entries { known.insert(entry.id) }
    batches.append(batch)
    return author
  }

  /// What was found genuine before: the sample office's entries come in every input.
  private static let genuine = Mutex<Set<[UInt8]>>([])

  private static func isSigned(_ id: Long, by device: Long, _ signature: [UInt8]) -> Bool {
    let all = id.bytes + device.bytes + signature
    if genuine.withLock({ $0.contains(all) }) { return true }
    guard Sums.holds(signature[...], of: id, by: device) else { return false }
    genuine.withLock { if $0.count < 4_096 { $0.insert(all) } }
    return true
  }

  private func look(at batch: Batch, isOwn: Bool) throws(Found) {
    let author = try note(batch)
    guard isOwn else { return }
    try need(author == replica.secrets.device, "an own entry is in another's feed")
    for entry in batch.entries {
      let place = Written(feed: batch.feed, seq: entry.seq)
      try need(
        written[place] == nil || written[place] == entry.id,
        "this device writes a second entry at one place")
      written[place] = entry.id
    }
  }

  private func look(at message: Message, for link: LinkID) throws(Found) {
    let bytes = message.encode()
    try need(
      bytes.count <= Message.headSize + Limits.messageBytesMax, "a message is longer than it may be"
    )
    let again = try? Message.decode(kind: bytes[0], Array(bytes[Message.headSize...]))
    try need(again == message, "a message is sent that others do not take")
    switch message {
    case .frontier(_, let items), .have(_, let items):
      try need(
        items.allSatisfy { durable.contains($0.prefix) },
        "an entry is announced that is not durable")
    default: break
    }
  }
}
