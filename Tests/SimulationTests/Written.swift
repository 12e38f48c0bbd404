import Control
import Daemon
import Format
import Platform
import TestSupport
import Testing

@testable import Simulation

/// An entry as it lies on a disk, and as somebody may have changed it.
struct Written {
  var header: [UInt8]
  private(set) var body: ArraySlice<UInt8>?

  var entry: PlainEntry { get throws { try PlainEntry(header: header[...], body: body) } }

  init(header: [UInt8], body: ArraySlice<UInt8>?) { (self.header, self.body) = (header, body) }

  /// With another body, as its header says.
  func with(_ body: [UInt8]) -> Written {
    var other = self
    other.body = body[...]
    // Its size and hash stand at offsets 116 and 120 of a header (chapter 3).
    other.header.replaceSubrange(
      116..<152, with: [UInt8](body.count, bytes: 4) + Sums.hash("zr1.body", body[...]).bytes)
    return other
  }
}

extension [UInt8] {
  /// A number as chapter 2 writes it.
  init(_ number: Int, bytes: Int) {
    self = (1...bytes).map { UInt8(truncatingIfNeeded: number >> (8 * (bytes - $0))) }
  }
}

extension Set<World.Path> {
  /// All that lead from some to others, and back.
  static func ways(_ some: [Int], _ others: [Int]) -> Self {
    Set(
      some.flatMap { one in
        others.flatMap { [World.Path(from: one, to: $0), World.Path(from: $0, to: one)] }
      })
  }
}

/// An office of three to which nothing happens but what a test says.
struct SaidInOffice {
  /// `happens` names what such an office is ready for, as one that has it in its plan.
  func office(_ happens: Set<Mishap> = [], _ happening: (OfficeRun) -> Void) -> OfficeRun {
    var plan = Plan.quiet
    for mishap in happens { plan.rates[mishap] = 1 }
    let run = OfficeRun(seed: 11, plan: plan, keepsTrace: false)
    run.run { happening(run) }
    return run
  }

  /// Somebody writes in a group; the entry, where it is said to be durable.
  func say(in group: String, by number: Int = 0, _ run: OfficeRun) -> Long? {
    let message = run.ledger.begin(group)
    let call = SendCall(to: group, text: message.text, id: HexIdentifier(bytes: message.id))
    let person = run.people[number]
    guard case .send(let sent)? = run.answer(of: person, to: .send(call), "write in \(group)")
    else { return nil }
    run.acknowledged(message, as: sent.entry, by: person)
    return Long(sent.entry.bytes)
  }

  /// Somebody lets in one more computer of theirs.
  @discardableResult
  func letInFurther(of person: Person, _ run: OfficeRun) -> Person {
    let further = Person(name: person.name, host: run.world.addHost())
    run.people.append(further)
    run.place(further.host)
    further.host.start()
    let ticket = TicketNewCall(
      kind: .member, keeper: nil, name: nil, member: "@\(person.name)", groups: [], uses: nil,
      validSeconds: nil)
    if case .ticketNew(let made)? = run.answer(of: person, to: .ticketNew(ticket), "a ticket") {
      let join = JoinCall(ticket: made.text, name: nil, account: nil, device: "pc-further")
      _ = run.answer(of: further, to: .join(join), "join")
    }
    run.world.run(for: .seconds(10))
    return further
  }

  /// Where a link leads that is proven to be to the computer of one, or to that of another one in its place.
  func end(of host: Int, from other: Int, as device: Int? = nil, _ run: OfficeRun) -> OverheardEnd {
    let key =
      run.people.indices.contains(device ?? host)
      ? self.device(of: run.people[device ?? host], run).flatMap { Bytes32($0.bytes) } : nil
    return OverheardEnd(
      address: run.world.segments.address(of: host, from: other).map { SocketAddress($0, port: 1) },
      device: key.map { DeviceKey($0) }, certificate: nil, noise: nil)
  }

  /// The computer of somebody, which need not have written anything yet.
  func device(of person: Person, _ run: OfficeRun) -> Long? {
    run.certificate(at: person.host).flatMap(run.world.audit.book.device(certifiedBy:))
  }

  func written(at number: Int, _ run: OfficeRun) -> [Written] {
    let logs = run.world.hosts[number].disk.files.filter { $0.key.names.first == "logs" }
    return logs.sorted { $0.key < $1.key }.flatMap { _, bytes in
      var reader = SegmentReader()
      return reader.read(bytes).flatMap(\.entries).map { Written(header: Array($0), body: $1) }
    }
  }

  /// What the audit says of the second of two messages of somebody when the key of the first closes it; of
  /// the second as it is, but for its time, it says nothing.
  func toldOfLeak(_ both: [Long], by number: Int, _ run: OfficeRun) throws -> String? {
    let all = written(at: number, run)
    let pair = try both.map { id in try #require(all.first { (try? $0.entry.id) == id }) }
    // What is at offset 100 of a header is the name of its epoch (chapter 3).
    let epochs = pair.map { $0.header[100..<116] }
    try #require(epochs[0] != epochs[1])
    let book = run.world.audit.book
    book.mayFork.insert(try #require(run.world.audit.device(of: number)))
    var late = pair[1]
    late.header[95] ^= 1
    #expect(book.take(try late.entry, isOwn: true) == nil)
    var leak = pair[1]
    leak.header.replaceSubrange(100..<116, with: epochs[0])
    let told = book.take(try leak.entry, isOwn: true)
    // A key that no epoch gave to anybody.
    leak.header[115] ^= 1
    #expect(book.take(try leak.entry, isOwn: true)?.contains("nobody was given") ?? false)
    return told
  }
}
