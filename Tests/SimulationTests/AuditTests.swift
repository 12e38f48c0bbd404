import Platform
import TestSupport
import Testing

@testable import Simulation

/// The audit is worth something only if it sees what is wrong, so it is shown logs that are.
@Suite struct AuditTests {
  /// A run that went well, with what its disks hold in the end.
  private let run: OfficeRun

  init() {
    run = OfficeRun(seed: 3, plan: .quiet, keepsTrace: false)
    run.run()
  }

  /// The office log of a host, as bytes: the one whose first entry cites nothing.
  private func segment() throws -> [UInt8] {
    let host = try #require(run.world.hosts.first)
    let logs = host.disk.files.filter { $0.key.names.first == "logs" }
    return try #require(
      logs.sorted { $0.key < $1.key }.map(\.value).first { bytes in
        guard let (header, body) = records(bytes).first?.entries.first else { return false }
        return (try? PlainEntry(header: header, body: body))?.deps.isEmpty ?? false
      })
  }

  private func records(_ bytes: [UInt8]) -> [SegmentReader.Record] {
    var reader = SegmentReader()
    return reader.read(bytes)
  }

  @Test func `it reads what the nodes wrote, and hosts hold the same`() {
    let audit = run.world.audit
    #expect(audit.book.entries.count > 20)
    #expect(audit.held(at: 0).count > 20)
    #expect(run.world.faults.isEmpty)
  }

  @Test func `a changed byte ends the reading`() throws {
    let bytes = try segment()
    let whole = records(bytes)
    #expect(whole.count > 3)
    for at in [128 + 8, 128 + 200, 128 + 400] {
      var changed = bytes
      changed[at] ^= 1
      #expect(records(changed).count < whole.count)
    }
  }

  @Test func `a body whose checksum alone rotted is what its hash says`() throws {
    let bytes = try segment()
    let host = try #require(run.world.hosts.first)
    let path = try #require(host.disk.files.first { $0.value == bytes }?.key)
    let whole = records(bytes).flatMap(\.entries).map(\.header)
    // The first record group begins behind the segment's head, its first entry behind its own.
    let checksum = 128 + 160 + 12
    let size = Int(bytes[checksum - 12]) << 8 | Int(bytes[checksum - 11])
    for (at, isReadable) in [(checksum, true), (checksum + 4 + size, false)] {
      var image = bytes
      image[at] ^= 1
      var reader = SegmentReader(passingOverRotIn: path)
      #expect((reader.read(image).flatMap(\.entries).map(\.header) == whole) == isReadable)
      #expect(records(image).isEmpty)
    }
  }

  @Test func `what was torn is seen to be written again`() throws {
    let host = try #require(run.world.hosts.first)
    let logs = host.disk.files.filter { $0.key.names.first == "logs" }
    for (path, bytes) in logs {
      let whole = records(bytes)
      guard whole.count > 3 else { continue }
      let entries = whole.flatMap(\.entries).map(\.header)
      for record in whole.dropLast() {
        let torn = try #require(record.entries.first).header
        let from = try #require(bytes.indices.first { bytes[$0...].starts(with: torn) })
        var image = bytes
        image[from + 1] ^= 1
        var reader = SegmentReader(passingOverRotIn: path)
        let before = reader.read(image).flatMap(\.entries).map(\.header)
        #expect(
          before == entries.filter { header in !record.entries.contains { $0.header == header } })
        #expect(reader.read(image).isEmpty)
        #expect(!reader.isWrittenIntoHoles(image))
        #expect(reader.isWrittenIntoHoles(bytes))
      }
    }
  }

  @Test func `what was cut off behind a record that was written into a hole is held no more`()
    throws
  {
    var (gone, stays): (Set<Long>, Set<Long>) = ([], [])
    var held: Set<Long> = []
    _ = SaidInOffice().office([.bitRot]) { run in
      for number in 0..<4 { _ = SaidInOffice().say(in: "everyone", by: number % 3, run) }
      run.world.run(for: .seconds(10))
      let (host, audit) = (run.world.hosts[1], run.world.audit)
      host.stop()
      run.world.look(at: host)
      defer { run.isOver = true }
      let logs = host.disk.files.filter { $0.key.names.first == "logs" }.sorted { $0.key < $1.key }
      guard let (path, bytes) = logs.first(where: { records($0.value).count > 3 }) else { return }
      let whole = records(bytes)
      let places = whole.compactMap { record in
        bytes.indices.first { bytes[$0...].starts(with: record.entries[0].header) }
      }
      host.disk.rot(path, byte: places[1] + 1, bit: 0)
      audit.rotten(1)
      run.world.look(at: host)
      // A start cuts off there, and the first of it is written anew; the rest is not there any more.
      host.disk.rot(path, byte: places[1] + 1, bit: 0)
      for place in places[2...] { host.disk.rot(path, byte: place + 1, bit: 0) }
      run.world.look(at: host)
      func ids(_ records: ArraySlice<SegmentReader.Record>) -> Set<Long> {
        Set(records.flatMap(\.entries).compactMap { try? PlainEntry(header: $0, body: $1).id })
      }
      (stays, gone, held) = (ids(whole[..<2]), ids(whole[2...]), audit.held(at: 1))
    }
    #expect(!gone.isEmpty && held.isSuperset(of: stays))
    #expect(held.isDisjoint(with: gone))
  }

  @Test func `a rotten head of a segment hides nothing from who goes by the name of the file`()
    throws
  {
    let host = try #require(run.world.hosts.first)
    let logs = host.disk.files.filter { $0.key.names.first == "logs" }
    #expect(logs.count > 1)
    for (path, bytes) in logs {
      for at in [0, 32, 42, 70] {
        var rotten = bytes
        rotten[at] ^= 1
        var reader = SegmentReader(passingOverRotIn: path)
        #expect(reader.read(rotten).count == records(bytes).count, "byte \(at) of \(path)")
      }
    }
  }

  @Test func `a changed header is another entry, and a changed body is refused`() throws {
    let all = records(try segment()).flatMap(\.entries)
    let (header, body) = try #require(all.first { $0.1?.isEmpty == false })
    let entry = try PlainEntry(header: header, body: body)
    // The claimed time: no rule speaks of it, but it is hashed.
    var other = Array(header)
    other[95] ^= 1
    #expect(try PlainEntry(header: other[...], body: body).id != entry.id)
    var content = Array(try #require(body))
    content[0] ^= 1
    #expect(throws: PlainEntry.Broken.self) {
      try PlainEntry(header: header, body: content[...])
    }
  }

  @Test func `two entries at one place, a gap and a wrong lamport are seen`() throws {
    let records = records(try segment())
    let all = try records.flatMap(\.entries).map { header, body in
      (entry: try PlainEntry(header: header, body: body), header: Array(header), body: body)
    }
    let feed = try #require(all.first?.entry.feed)
    let chain = all.filter { $0.entry.feed == feed }
    #expect(chain.count > 2)
    func book(upTo end: Int) -> Book {
      let book = Book()
      for one in chain[..<end] { #expect(book.take(one.entry, isOwn: true) == nil) }
      return book
    }
    var forked = chain[1].header
    forked[95] ^= 1
    let second = try PlainEntry(header: forked[...], body: chain[1].body)
    #expect(book(upTo: 2).take(second, isOwn: true) != nil)
    #expect(book(upTo: 1).take(chain[2].entry, isOwn: true) != nil)
    var late = chain[1].header
    late[99] &+= 1
    let wrong = try PlainEntry(header: late[...], body: chain[1].body)
    #expect(book(upTo: 1).take(wrong, isOwn: true) != nil)
  }

  @Test func `a signature of something else does not hold`() throws {
    let records = records(try segment())
    let first = try #require(records.first)
    let book = Book()
    let device = try #require(run.world.audit.book.authors[first.feed])
    #expect(book.isSigned(first.last, by: device, first.signature))
    let other = try #require(records.last?.last)
    #expect(!book.isSigned(other, by: device, first.signature))
  }
}
