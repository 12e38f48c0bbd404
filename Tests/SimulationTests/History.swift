import Testing

@testable import Simulation

/// The office log of people who bear numbers, told entry by entry: each has one computer with one feed. The
/// first one founds the office.
final class History {
  let book = Book()
  private var last: [Int: PlainEntry] = [:]

  init() throws { _ = try write(genesisKind, certificate(of: 1), by: 1, knowing: []) }

  /// Somebody lets somebody in, who begins to write once `begins`.
  func certify(
    _ number: Int, by author: Int, ticket: Int, knowing others: [Int] = [], begins: Bool = true
  ) throws -> Long {
    let rest = [UInt8](repeating: 0, count: 64) + [2, 2]
    let certificate = try say(
      1, certificate(of: number) + rest + long(ticket).bytes, by: author, knowing: others)
    if begins { try begin(number, with: certificate, knowing: [author]) }
    return certificate
  }

  /// Somebody begins to write, and names what let them in.
  func begin(_ number: Int, with certificate: Long, knowing others: [Int]) throws {
    _ = try write(genesisKind, [], by: number, as: certificate, knowing: others)
  }

  func ticket(_ key: Int, by author: Int, knowing others: [Int] = []) throws -> Long {
    try say(4, long(key).bytes, by: author, knowing: others)
  }

  /// The founder lets somebody in by a ticket of their own number.
  func letIn(_ number: Int) throws {
    _ = try ticket(number, by: 1)
    _ = try certify(number, by: 1, ticket: number)
  }

  func rank(_ number: Int, _ rank: UInt8, by author: Int, knowing others: [Int] = []) throws {
    _ = try say(3, short(number).bytes + [rank], by: author, knowing: others)
  }

  /// Somebody removes somebody, or the computer of theirs, from the office, or says so in another log.
  func remove(
    _ number: Int, isDevice: Bool = false, by author: Int, knowing others: [Int] = [],
    inGroup group: Int? = nil
  ) throws {
    let target = isDevice ? [2] + long(number).bytes : [1] + short(number).bytes
    _ = try write(3, [2] + target, by: author, knowing: others, in: group.map(long))
  }

  func isRemoved(_ number: Int, isDevice: Bool) -> Bool {
    isDevice ? !book.removals(ofDevice: long(number)).isEmpty : book.lowered.contains(short(number))
  }

  /// Whether the last thing that somebody wrote may lie beyond the cut of what removed that computer.
  func isCutOff(_ entry: Long) -> Bool {
    book.entries[entry].map(book.mayBeCutOffWithDevice) ?? false
  }

  /// Without a previous list it follows the founding.
  func owners(
    _ numbers: [Int], after previous: Long = .zero, by author: Int, knowing others: [Int] = []
  ) throws -> Long {
    let members = numbers.flatMap { short($0).bytes }
    return try say(
      6, previous.bytes + [UInt8(numbers.count)] + members, by: author, knowing: others)
  }

  /// From now on somebody lies.
  func takeOver(_ number: Int) { book.liars.insert(long(number)) }

  func hasLost(_ number: Int) -> Bool { book.hasLost(short(number)) }

  func isInVain(_ certificate: Long) -> Bool {
    book.mayBeInVain(certificate: certificate, without: [])
  }

  func hasEnded(ticket: Long) -> Bool {
    var doubts = Doubts(book, without: [])
    return doubts.mayHaveEnded(ticket: ticket)
  }

  private let genesisKind: UInt8 = 1

  private func short(_ number: Int) -> Short { Short(high: 0, low: UInt64(number)) }

  private func long(_ number: Int) -> Long { Long(first: short(number), last: short(0)) }

  private func certificate(of number: Int) -> [UInt8] { short(number).bytes + long(number).bytes }

  private func say(
    _ code: UInt8, _ fields: [UInt8], by author: Int, knowing others: [Int]
  ) throws -> Long {
    try write(3, [code] + fields, by: author, knowing: others)
  }

  /// Somebody writes who knows of the last words of others, and of all that these knew then.
  private func write(
    _ kind: UInt8, _ body: [UInt8], by author: Int, as certificate: Long = .zero,
    knowing others: [Int], in group: Long? = nil
  ) throws -> Long {
    let before = kind == genesisKind ? nil : last[author]
    let causes = try others.map { try #require(last[$0]) }.sorted { $0.feed < $1.feed }
    let lamport = 1 + ((causes + [before].compactMap { $0 }).map(\.lamport).max() ?? 0)
    var header: [UInt8] = [1, kind, 0, 0]
    header += (group ?? book.office ?? .zero).bytes + (before?.feed ?? short(0)).bytes
    header += [UInt8](before.map { $0.seq + 1 } ?? 0, bytes: 4) + (before?.id ?? .zero).bytes
    header += [UInt8](0, bytes: 8) + [UInt8](Int(lamport), bytes: 4) + short(0).bytes
    header += [UInt8](repeating: 0, count: 36) + [UInt8(causes.count)]
    for cause in causes {
      header += cause.feed.bytes + [UInt8](cause.seq, bytes: 4) + cause.id.first.bytes
    }
    var ext: [UInt8] = []
    if kind == genesisKind {
      ext = [1, 32] + long(author).bytes + [2, 32] + certificate.bytes + [3, 16] + short(0).bytes
    }
    header += [UInt8](ext.count, bytes: 2) + ext
    let blank = Written(header: header, body: [])
    let entry = try (body.isEmpty ? blank : blank.with(body)).entry
    #expect(book.take(entry, isOwn: true) == nil)
    last[author] = entry
    return entry.id
  }
}
