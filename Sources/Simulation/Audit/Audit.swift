internal import Platform
import TestSupport

/// What must hold of the logs on all disks, looked at after every step by code that shares nothing
/// with the product: it reads what is durable by the tables of Protocol/ alone.
final class Audit {
  let book = Book()
  let ownFeeds = OwnFeeds()
  private var shelves: [Int: Shelf] = [:]
  /// By the first half of a signature the entry that it ends a batch with.
  private var signed: [Long: Long] = [:]
  /// What a disk lost when beside it only computers held it that nobody could ask for it, by why that is so of
  /// those that did not know yet that they were removed from the office.
  private(set) var leftOutside: [Set<Unasked>: Set<Long>] = [:]
  /// From which computers to which others nothing came yet since these lost what those hold, and how far the
  /// two came.
  private var unheard: [World.Path: Contact] = [:]

  /// What two heard of each other.
  private struct Contact {
    /// When something last came the other way.
    var askedAt: Moment?
    /// When there was last an answer to that, and since when there are.
    var answeredAt: Moment?
    var since: Moment?
  }

  private func shelf(of host: Int) -> Shelf {
    if let shelf = shelves[host] { return shelf }
    let shelf = Shelf()
    shelves[host] = shelf
    return shelf
  }

  /// Reads what became durable at a host; says what is wrong, if anything.
  func look(at host: Host) -> String? {
    let disk = host.disk
    let shelf = shelf(of: host.number)
    // What a copy of a data directory holds that no disk held before was on its way to the first one's disk.
    let known = shelf.original != nil && shelf.ever.isEmpty ? Set(book.entries.keys) : nil
    if shelf.disk !== disk {
      shelf.owed.formUnion(shelf.held)
      // What rots under a node is what it knew before.
      if shelf.disk != nil { shelf.here = [] }
      (shelf.held, shelf.readers, shelf.changes) = ([], [:], .init())
      shelf.disk = disk
      ownFeeds.readAnew(at: host.number)
    }
    var waiting: [(group: Long, record: SegmentReader.Record)] = []
    var misplaced: String?
    var files = disk.durableChanges(since: &shelf.changes, under: "logs")
    if files.contains(where: { shelf.readers[$0.number]?.isWrittenIntoHoles($0.bytes) ?? false }) {
      (shelf.held, shelf.readers, shelf.changes) = ([], [:], .init())
      ownFeeds.readAnew(at: host.number)
      files = disk.durableChanges(since: &shelf.changes, under: "logs")
    }
    for file in files {
      var reader =
        shelf.readers[file.number]
        ?? (shelf.isRotten ? SegmentReader(passingOverRotIn: file.path) : SegmentReader())
      let records = reader.read(file.bytes)
      shelf.readers[file.number] = reader
      for record in records {
        waiting.append((reader.group, record))
        let fault = ownFeeds.fault(
          of: record, in: reader.group, at: host, isNew: !shelf.ever.contains(record.last))
        misplaced = misplaced ?? fault
      }
    }
    if let fault = take(waiting, at: shelf) ?? misplaced {
      return "on the disk of host \(host.number): \(fault)"
    }
    if let known {
      let early = written(on: shelf).subtracting(known)
      shelf.hidden.formUnion(early)
      book.mayFork.formUnion(early.compactMap { book.entries[$0]?.device })
    }
    // What a flush failed to keep may have been there for a start that could not use it, and be durable now.
    if waiting.contains(where: \.record.isOwn) { noteHidden(at: host.number) }
    if !shelf.owed.isEmpty, host.isRunning {
      var lost = shelf.owed.subtracting(shelf.held)
      if !lost.isEmpty, !host.isLetIn { lost.subtract(Self.setAside(on: disk)) }
      shelf.owed = []
      if let lost = lost.min(), !shelf.isRotten, let known = book.entries[lost]?.entry {
        return "host \(host.number) has lost \(known.feed.text):\(known.seq), which was durable"
      }
    }
    return nil
  }

  /// An entry, the batch it lies in, and whether it ends that.
  private struct Taken {
    let group: Long
    let record: SegmentReader.Record
    let entry: PlainEntry
    let isLast: Bool
  }

  /// Takes in what became durable together, causes before what names them, whichever log is first.
  private func take(
    _ records: [(group: Long, record: SegmentReader.Record)], at shelf: Shelf
  ) -> String? {
    var waiting: [Taken] = []
    for (group, record) in records {
      for (index, (header, body)) in record.entries.enumerated() {
        do throws(PlainEntry.Broken) {
          waiting.append(
            Taken(
              group: group, record: record, entry: try PlainEntry(header: header, body: body),
              isLast: index == record.entries.count - 1))
        } catch {
          return "an entry of feed \(record.feed.text) breaks \(error.rule)"
        }
      }
    }
    let new = waiting.filter { $0.record.isOwn && book.entries[$0.entry.id] == nil }
    while !waiting.isEmpty {
      // What other hosts hold is known, and does not make one entry follow another here.
      let next =
        waiting.firstIndex {
          book.knowsPast(of: $0.entry)
            && ($0.entry.seq == 0 || shelf.held.contains($0.entry.prev))
        } ?? 0
      if let fault = take(waiting.remove(at: next), at: shelf) { return fault }
    }
    for one in new {
      if let fault = book.misaddressed(one.entry.id, by: shelf.ever) { return fault }
    }
    return nil
  }

  private func take(_ taken: Taken, at shelf: Shelf) -> String? {
    let (entry, record) = (taken.entry, taken.record)
    let place = "\(entry.feed.text):\(entry.seq)"
    if entry.group != taken.group || entry.feed != record.feed {
      return "\(place) lies in another log"
    }
    if entry.seq > 0, !shelf.held.contains(entry.prev), !shelf.isRotten {
      return "\(place) follows nothing"
    }
    if entry.body == nil, entry.bodySize > 0 {
      return "\(place) lost its body"
    }
    if let fault = book.take(entry, isOwn: record.isOwn) { return fault }
    if entry.seq > 0, !shelf.held.contains(entry.prev) || shelf.behindHoles.contains(entry.prev) {
      shelf.behindHoles.insert(entry.id)
    }
    shelf.held.insert(entry.id)
    shelf.ever.insert(entry.id)
    shelf.here.insert(entry.id)
    guard taken.isLast else { return nil }
    guard entry.id == record.last, let device = book.authors[entry.feed] else {
      return "the batch that ends with \(place) names another end"
    }
    if !book.isSigned(entry.id, by: device, record.signature) { return "\(place) is not signed" }
    var signature = Cursor(record.signature)
    signed[signature.long()] = entry.id
    if record.isOwn {
      shelf.device = device
      shelf.devices.insert(device)
    }
    return nil
  }

  /// A host begins with what lies on the disk of another one.
  func copy(to host: Int, from other: Int) {
    shelf(of: host).original = shelves[other]?.original ?? other
  }

  // MARK: Questions

  /// Whether an entry is durable at a host.
  func isHeld(_ entry: Long, at host: Int) -> Bool { shelves[host]?.held.contains(entry) ?? false }

  /// Whether an entry is durable at a host, or was, on this disk or one before it.
  func wasHeld(_ entry: Long, at host: Int) -> Bool { shelves[host]?.ever.contains(entry) ?? false }

  /// Whether it is, or was, on the disk that is there now: so that it may be shown to others.
  func mayShow(_ entry: Long, at host: Int) -> Bool { shelves[host]?.here.contains(entry) ?? false }

  /// The entry that a signature, of which this is the first half, ends a batch with on any disk.
  func entry(signedWith half: Long) -> Long? { signed[half] }

  /// Whether a device writes or wrote at a host, or where that is a copy of; nil where no host is known at
  /// which it does.
  func writes(_ device: Long, at host: Int) -> Bool? {
    let homes = shelves.filter { $0.value.devices.contains(device) }
    if homes.isEmpty { return nil }
    let original = shelves[host]?.original ?? host
    return homes.contains { ($0.value.original ?? $0.key) == original }
  }

  func count(at host: Int) -> Int { shelves[host]?.held.count ?? 0 }

  /// Whether an entry was ever durable where a device writes or wrote; nil where that cannot be said: it
  /// has written nothing yet, or bytes of its disk rotted.
  func wasHeld(_ entry: Long, by device: Long) -> Bool? {
    let homes = shelves.filter { $0.value.devices.contains(device) }
    let originals = Set(homes.map { $0.value.original ?? $0.key })
    let its = shelves.filter { originals.contains($0.value.original ?? $0.key) }.values
    if its.isEmpty || its.contains(where: \.wasRotten) { return nil }
    return its.contains { $0.ever.contains(entry) }
  }

  func held(at host: Int) -> Set<Long> { shelves[host]?.held ?? [] }

  /// The device whose entries a host writes.
  func device(of host: Int) -> Long? { shelves[host]?.device }

  /// Entries that no disk but this host's holds.
  func heldOnly(at host: Int) -> Set<Long> {
    shelves.reduce(held(at: host)) { $1.key == host ? $0 : $0.subtracting($1.value.held) }
  }

  /// What lies at a host and beside it on computers alone that nobody can ask for it, if what must be so of
  /// these is.
  func heldBesideRemoved(at host: Int) -> [Set<Unasked>: Set<Long>] {
    besideRemoved(held(at: host), apartFrom: host)
  }

  /// Which of these entries only computers hold, apart from one host, that know of their removal from the
  /// office: whoever does not know of it hears it from them first, and asks them for nothing after that (H-5).
  /// By what must be so of those that do not know of one yet.
  private func besideRemoved(
    _ entries: Set<Long>, apartFrom host: Int
  ) -> [Set<Unasked>: Set<Long>] {
    let only = heldOnly(at: host)
    var (removed, present): ([Long: Set<Unasked>], Set<Long>) = ([:], [])
    for (number, shelf) in shelves where number != host {
      guard let device = shelf.device ?? deviceLetIn(at: shelf) else {
        present.formUnion(shelf.held)
        continue
      }
      let reasons: Set<Unasked>
      if removal(of: device, among: shelf.held) != nil {
        reasons = []
      } else if let removal = removal(of: device, among: only) {
        reasons = [.told(removal: removal, host: number)]
      } else {
        reasons = [.unheard(device: device, way: .init(from: number, to: host))]
      }
      for entry in entries.intersection(shelf.held) {
        removed[entry, default: []].formUnion(reasons)
      }
    }
    return removed.reduce(into: [:]) { all, known in
      if !present.contains(known.key) { all[known.value, default: []].insert(known.key) }
    }
  }

  /// A disk lost these beside computers that nobody can ask for them.
  func leaveOutside(_ lost: [Set<Unasked>: Set<Long>]) {
    for (reasons, entries) in lost where !entries.isEmpty {
      leftOutside[reasons, default: []].formUnion(entries)
      for case .unheard(_, let way) in reasons { unheard[way] = Contact() }
    }
  }

  /// Something came from one host to another. Once the two have talked for a second, the other one can ask for
  /// what it lost, unless one of them knows by then that the first one is removed.
  func hear(_ way: World.Path, at now: Moment) {
    if unheard.isEmpty { return }
    unheard[World.Path(from: way.to, to: way.from)]?.askedAt = now
    guard var contact = unheard[way], let asked = contact.askedAt, now < asked + .seconds(10) else {
      return
    }
    // A moment of it long ago is no beginning of a second. A link on which there is nothing to say is silent
    // for twice `idleDigestSeconds`.
    if contact.answeredAt.map({ now >= $0 + .seconds(30) }) ?? true { contact.since = now }
    contact.answeredAt = now
    unheard[way] = contact
    guard let since = contact.since, now >= since + .seconds(1) else { return }
    unheard[way] = nil
    let known = held(at: way.from).union(held(at: way.to))
    leftOutside = leftOutside.filter { reasons, _ in
      !reasons.contains { reason in
        guard case .unheard(let device, way) = reason else { return false }
        return removal(of: device, among: known) == nil
      }
    }
  }

  /// Whether that became so: a removal came to the host that it removes; or one that no word came from is removed.
  func isSo(_ reason: Unasked) -> Bool {
    switch reason {
    case .told(let removal, let host): shelves[host]?.ever.contains(removal) ?? false
    case .unheard(let device, _): removal(of: device) != nil
    }
  }

  /// By what somebody honest removed a device from the office, if that is among some entries.
  private func removal(of device: Long, among entries: Set<Long>? = nil) -> Long? {
    book.removals.enumerated().first { number, removal in
      removal.isHonest && removal.group == nil && entries?.contains(removal.entry) ?? true
        && book.targets(removal).contains(device) && !book.isBack(device, after: number, removal)
    }?.element.entry
  }

  /// What a host can use of what lies on its disk, and show to others: where bytes of it rotted nothing
  /// that follows an entry which cannot be read there.
  func usable(at host: Int) -> Set<Long> {
    guard let shelf = shelves[host] else { return [] }
    if !shelf.isRotten { return shelf.held }
    var usable: Set<Long> = []
    let entries = shelf.held.compactMap { book.entries[$0]?.entry }.sorted { $0.seq < $1.seq }
    for entry in entries where entry.seq == 0 || usable.contains(entry.prev) {
      usable.insert(entry.id)
    }
    return usable
  }

  /// What of the branches of forked feeds was behind a hole on the disk of a host: when others have filled that, be
  /// it with another branch, a start leaves it out (S-15).
  func keptOut(at host: Int) -> Set<Long> {
    (shelves[host]?.behindHoles ?? []).filter { book.entries[$0].map(book.isInBranch) ?? false }
  }

  /// Whether what a device wrote was hidden from it for a while: its disk rotted, and then it was gone there,
  /// or lay behind what was, while a byte turned or when a node started.
  func wasHidden(_ entry: Long) -> Bool { shelves.values.contains { $0.hidden.contains(entry) } }

  /// Notes what cannot be used of what was written at a host whose disk rotted.
  func noteHidden(at host: Int) {
    guard let shelf = shelves[host], shelf.isRotten else { return }
    shelf.hidden.formUnion(written(on: shelf).subtracting(usable(at: host)))
    shelf.unseen.subtract(shelf.held)
  }

  /// Notes what is not there any more of what was written at a host whose disk was lost, or put back.
  func noteLost(at host: Int) {
    guard let shelf = shelves[host] else { return }
    shelf.hidden.formUnion(written(on: shelf).subtracting(shelf.held))
  }

  private func written(on shelf: Shelf) -> Set<Long> {
    shelf.ever.filter { entry in
      book.entries[entry].map { shelf.devices.contains($0.device) } ?? false
    }
  }

  /// A node starts on a disk that rotted. Before that nothing looks for what is gone there, so whoever held
  /// it may be removed meanwhile.
  func noteStart(at host: Int) {
    noteHidden(at: host)
    guard let shelf = shelves[host] else { return }
    leaveOutside(besideRemoved(shelf.unseen, apartFrom: host))
    shelf.unseen = []
  }

  /// Nothing of an office is used on the disk of a host any more: what comes to lie there is whole.
  func empty(_ host: Int) {
    forgive(host)
    shelves[host]?.here = []
    shelves[host]?.device = nil
    shelves[host]?.isRotten = false
    shelves[host]?.unseen = []
    shelves[host]?.behindHoles = []
  }

  /// The disk of a host is gone, or an older one is back: it owes nothing any more.
  func forgive(_ host: Int) {
    shelves[host]?.held = []
    shelves[host]?.owed = []
  }

  /// Bytes of a disk were changed behind the node's back.
  func rotten(_ host: Int) {
    let shelf = shelf(of: host)
    shelf.unseen.formUnion(shelf.held)
    forgive(host)
    (shelf.isRotten, shelf.wasRotten) = (true, true)
    shelf.disk = nil
  }

  func isRotten(_ host: Int) -> Bool { shelves[host]?.isRotten ?? false }
}
