import Format
import Platform
import Storage
import TestSupport

@testable import Replication

/// A disk on which something is wrong, opened as a start does: what a crash, a rotten disk or somebody
/// who may write to it can leave.
enum StoredLogs {
  static let target = FuzzTarget(
    name: "recovery", kind: .sequence,
    abstract:
      "opening a broken store hands over what lies there whole, the same each time, and goes on",
    reaches: ["Storage", "Format", "Platform"], sizeMax: 4_096, seeds: { seeds() },
    run: { try run($0) })

  /// The files of one disk, by what is made of them.
  struct Image: Sendable {
    let files: [DiskPath: [UInt8]]
    /// Where segments lie, with their group and number.
    let segments: [Segment]
    /// The headers of all entries that were stored.
    let headers: Set<[UInt8]>
  }

  struct Segment: Sendable {
    let path: DiskPath
    let group: [UInt8]
    let number: UInt32
  }

  /// The logs of an office, whole; the same with the log of one group in two segments.
  static let images: [Image] = {
    do {
      return [try image(isParted: false), try image(isParted: true)]
    } catch {
      preconditionFailure("the sample office cannot be stored: \(error)")
    }
  }()

  private static func image(isParted: Bool) throws -> Image {
    let office = SampleOffice.shared
    let batches =
      office.log
      + office.forks.prefix(1).map { fork in
        var fork = fork
        fork.branch = BranchID(fork.entries[0].id.prefix)
        return fork
      }
    let last = office.groups[0]
    // Its founding alone, for the first of two segments.
    let founding = last.bytes.prefix
    let early =
      isParted
      ? batches.filter { $0.group != last || $0.first == 0 && $0.feed.bytes == founding } : batches
    var files = try SampleOffice.files(storing: early, own: .anna)
    if isParted {
      // What came later into the group lies in a second segment.
      let late = try SampleOffice.files(storing: batches.filter { $0.group == last }, own: .anna)
      let path = path(last, 1)
      guard let first = files[path], let all = late[path], all.count > first.count else {
        preconditionFailure("a group has too little in it")
      }
      let head = Array(all[..<PlainSegment.headSize])
      files[Self.path(last, 2)] = PlainSegment(bytes: head + all[first.count...])
        .sealed(group: last.bytes.array, number: 2, after: PlainSegment(bytes: first))
    }
    var headers: Set<[UInt8]> = []
    for batch in batches { for entry in batch.entries { headers.insert(header(batch, entry)) } }
    return Image(
      files: files,
      segments: files.keys.sorted().compactMap { path in
        guard path.names.count == 3, let group = [UInt8](hex: path.names[1].text) else {
          return nil
        }
        let number = UInt32(path.names[2].text.prefix(8)) ?? 0
        return Segment(path: path, group: group, number: number)
      }, headers: headers)
  }

  private static func path(_ group: GroupID, _ number: UInt64) -> DiskPath {
    DiskPath(names: ["logs", .hex(group.bytes.array), .number(number, digits: 8) + ".segment"])
  }

  static func header(_ batch: Batch, _ entry: EntrySummary) -> [UInt8] {
    Array(batch.records[Int(entry.headerAt)..<Int(entry.headerAt) + Int(entry.headerSize)])
  }

  private static func seeds() -> [[UInt8]] {
    var seeds: [[UInt8]] = [[0], [1], [8], [9, 0, 1, 0, 0, 200, 8], [1, 1, 1, 2, 1, 44]]
    // One change each, in every segment, with and without checksums that are made right.
    for number in 0..<UInt8(6) {
      for kind in 0..<UInt8(7) {
        seeds.append([number & 1 | 8, 1, number, 0, kind, 1, kind * 30, 255, 0, 9])
        seeds.append([number & 1 | 12, 1, number, 0, kind, 0, 160 + kind, 1, 0, 9])
      }
    }
    // A segment as it lies there, to be changed in any way.
    for (number, segment) in images[0].segments.enumerated() {
      let bytes = (images[0].files[segment.path] ?? []).prefix(4_000)
      seeds.append([2, UInt8(number)] + bytes)
      seeds.append([14, UInt8(number)] + bytes)
    }
    return seeds
  }

  /// A disk as an input describes it.
  struct Spoilt {
    let image: Image
    var files: [DiskPath: [UInt8]]
    /// Whether anything was changed at all, and whether checksums were made right again.
    var isChanged = false
    let isSealed: Bool
  }

  /// The first byte says which image it is and what is done with it; the rest changes its segments, or
  /// is a segment.
  static func spoilt(_ choices: inout Choices) -> Spoilt {
    let kind = choices.byte()
    let isWhole = kind & 2 != 0
    let image = images[isWhole ? 0 : Int(kind & 1)]
    var spoilt = Spoilt(image: image, files: image.files, isSealed: kind & 4 != 0)
    var touched: Set<Int> = []
    if isWhole {
      let number = choices.below(image.segments.count)
      touched = [number]
      spoilt.files[image.segments[number].path] = choices.rest()
    } else {
      for _ in 0..<min(8, choices.below(9)) {
        let number = choices.below(image.segments.count)
        touched.insert(number)
        edit(&spoilt.files, image.segments, number, &choices)
      }
    }
    for number in touched where spoilt.isSealed {
      let segment = image.segments[number]
      guard let bytes = spoilt.files[segment.path] else { continue }
      let before = segment.number > 1 ? spoilt.files[image.segments[number - 1].path] : nil
      spoilt.files[segment.path] = PlainSegment(bytes: bytes).sealed(
        group: segment.group, number: segment.number, after: before.map { PlainSegment(bytes: $0) })
    }
    spoilt.isChanged = spoilt.files != image.files
    return spoilt
  }

  private static func edit(
    _ files: inout [DiskPath: [UInt8]], _ segments: [Segment], _ number: Int,
    _ choices: inout Choices
  ) {
    let path = segments[number].path
    // Now and then whole files are lost or stand at each other's place.
    switch choices.byte() {
    case 255: files[path] = nil
    case 254:
      let other = segments[choices.below(segments.count)].path
      (files[path], files[other]) = (files[other], files[path])
    default:
      guard var bytes = files[path] else { return }
      Edit.apply(&choices, to: &bytes)
      files[path] = bytes
    }
  }

  /// A record group as it was handed over, copied out.
  private struct Seen: Equatable {
    let group: GroupID
    let place: FeedPlace
    let first: UInt32
    let ids: [EntryID]
    let headers: [[UInt8]]
    let bodies: [[UInt8]?]
    /// What each entry names as the one before it.
    var prevs: [EntryID] {
      headers.map { header in
        let range = HeaderLayout.prev..<HeaderLayout.prev + 32
        return EntryID(Bytes32(Array(header[range])) ?? Bytes32())
      }
    }
  }

  static func run(_ input: [UInt8]) throws {
    var choices = Choices(input)
    let spoilt = spoilt(&choices)
    let seen = try look(spoilt)
    if !spoilt.isChanged {
      let found = Set(seen.flatMap(\.headers))
      try need(
        found == spoilt.image.headers,
        "a store that is whole lacks \(spoilt.image.headers.subtracting(found).count) entries")
    }
    try open(spoilt, seen, isWritten: input.first.map { $0 & 8 != 0 } ?? false)
  }

  /// Reads it as `zuruf-inspect` does: what is found lies there whole, and each follows another one.
  private static func look(_ spoilt: Spoilt) throws -> [Seen] {
    var seen: [Seen] = []
    var found: Found?
    var known: Set<Bytes16> = []
    let disk = MemoryDisk(files: spoilt.files)
    let opened = try? StoreView.open(readOnly: disk, first: []) { batch, place, _, _ in
      let new = copy(batch)
      seen.append(new)
      do throws(Found) {
        try lies(new, place, spoilt.files, of: spoilt.image)
        let isFollowing = new.first == 0 || known.contains(new.prevs[0].prefix)
        try need(isFollowing, "what was handed over follows nothing")
        try need(
          new.prevs.dropFirst().elementsEqual(new.ids.dropLast()),
          "an entry does not follow the one before it")
      } catch {
        found = found ?? error
      }
      known.formUnion(new.ids.map(\.prefix))
    }
    if let found { throw found }
    if let report = opened?.1 {
      for damage in report.damages { try needHarmless(damage.description, "a damage") }
    }
    return seen
  }

  private static func copy(_ batch: Batch) -> Seen {
    Seen(
      group: batch.group, place: FeedPlace(feed: batch.feed, branch: batch.branch),
      first: batch.first, ids: batch.entries.map(\.id),
      headers: batch.entries.map { header(batch, $0) }, bodies: batch.entries.map { batch.body($0) }
    )
  }

  /// Nothing is invented: the very bytes lie in the file, under checksums that fit their place.
  private static func lies(
    _ seen: Seen, _ place: RecordPlace, _ files: [DiskPath: [UInt8]], of image: Image
  ) throws(Found) {
    let path = path(seen.group, UInt64(place.segment))
    guard let bytes = files[path] else {
      throw Found("what was handed over comes out of a file that is not there")
    }
    // In a file that nobody touched it need not be asked each time.
    if bytes == image.files[path] { return }
    let segment = PlainSegment(bytes: bytes)
    let size = segment.size(
      ofRecordAt: Int(place.offset), group: seen.group.bytes.array, segment: place.segment)
    try need(size == Int(place.length), "what was handed over does not lie there whole")
    let range = bytes[Int(place.offset)..<Int(place.offset) + Int(place.length)]
    var at = range.startIndex + 160
    for (header, body) in zip(seen.headers, seen.bodies) {
      let size = Int(bytes[at]) << 8 | Int(bytes[at + 1])
      try need(
        Array(bytes[at + 16..<at + 16 + size]) == header, "a header is another than lies there")
      let extent = bytes[at + 4..<at + 8].reduce(0) { $0 << 8 | Int($1) }
      let end = at + 16 + size + extent
      if let body {
        try need(Array(bytes[end - extent..<end]) == body, "a body is another than lies there")
      }
      at = end
    }
  }

  /// Opens it as a node does, twice, and writes one entry more where that can be.
  private static func open(_ spoilt: Spoilt, _ looked: [Seen], isWritten: Bool) throws {
    let disk = MemoryDisk(files: spoilt.files)
    func start() throws -> (store: Store, report: RecoveryReport, seen: [Seen]) {
      var seen: [Seen] = []
      let (store, report) = try Store.open(disk, SampleOffice.settings, first: []) { batch, _, _ in
        seen.append(copy(batch))
      }
      return (store, report, seen)
    }
    guard let first = try? start() else {
      try need((try? start()) == nil, "a store that was refused is opened at the second time")
      return
    }
    try need(first.seen == looked, "a node finds something else than zuruf-inspect")
    let second = try start()
    try need(second.seen == first.seen, "a second start finds something else than the first one")
    try need(second.report.cuts.isEmpty, "a second start cuts off something more")
    guard isWritten, second.store.state == .writing, let batch = try next(second.store) else {
      return
    }
    var jobs = [second.store.prepare(batch, isOwn: true, arrival: 7)]
    try second.store.writer.perform(&jobs)
    for job in jobs { _ = second.store.finish(job) }
    let third = try start()
    let added = copy(batch)
    // Whoever makes checksums right can say of a record group that it reaches over what comes later.
    try need(
      spoilt.isSealed || third.seen.contains(added),
      "what was written is not there at the next start: \(third.report.damages)")
    try need(
      second.seen.allSatisfy { third.seen.contains($0) }, "what was there is gone after a writing")
  }

  /// An entry that continues Anna's feed in her first group, if that is there.
  private static func next(_ store: Store) throws -> Batch? {
    let group = SampleOffice.shared.groups[0]
    let place = FeedPlace(feed: FeedID(group.bytes.prefix))
    guard let chain = store.index(group)?[place], let last = chain.last,
      let lamport = chain.lamport(last), chain.next < .max - 1, lamport < .max
    else { return nil }
    var builder = CommitBuilder(
      group: group, feed: place.feed, prev: chain.headID, nextSeq: chain.next, lamport: lamport)
    _ = builder.append(
      .message, body: [UInt8](repeating: 1, count: 168), epoch: EpochID(Bytes16(1, 1)), wall: 5)
    return builder.sign(try SampleOffice.Person.anna.secrets())
  }
}
