import Foundation
import TestSupport
import Testing

@testable import Control

/// Compares the appendix about the local API with the types it speaks of.
struct ChapterTests {
  static func chapter() throws -> String {
    let url = PackageRoot.url.appendingPathComponent("Protocol/A-control.md")
    return try String(contentsOf: url, encoding: .utf8)
  }

  /// The cells of every row of every table.
  static func rows() throws -> [[String]] {
    try chapter().split(separator: "\n").filter { $0.hasPrefix("|") }.map { line in
      // A bar within a cell is written with a backslash.
      line.replacingOccurrences(of: "\\|", with: "/").split(separator: "|")
        .map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  @Test func `every error has the code and name of the table, and no other is there`() throws {
    var pairs: [String: String] = [:]
    for row in try Self.rows() where row.count >= 2 {
      for (code, name) in zip(row, row.dropFirst()) where Int(code) != nil {
        pairs[code] = name.split(separator: "`").first.map(String.init)
      }
    }
    let expected = Dictionary(
      uniqueKeysWithValues: ErrorName.allCases.map { (String($0.code), $0.rawValue) })
    #expect(pairs == expected)
  }

  @Test(arguments: RequestTests.samples)
  func `every method stands in the table with all its parameters`(
    request: ControlRequest
  ) throws {
    let name = "`\(request.method.rawValue)`"
    let row = try #require(
      Self.rows().first { $0.count == 3 && $0[0].components(separatedBy: ", ").contains(name) })
    for field in type(of: request.call).fields { #expect(row[1].contains("`\(field)`")) }
  }

  @Test func `every word of every list stands in the chapter`() throws {
    let chapter = try Self.chapter()
    let words =
      DegradedWord.allCases.map(\.rawValue) + AbsenceWord.allCases.map(\.rawValue)
      + DeliveryWord.allCases.map(\.rawValue) + StandingWord.allCases.map(\.rawValue)
      + RecoveryWord.allCases.map(\.rawValue) + ChangedList.allCases.map(\.rawValue)
      + CheckWord.allCases.map(\.rawValue) + DeviceStateWord.allCases.map(\.rawValue)
      + RankWord.allCases.map(\.rawValue) + KnockWord.allCases.map(\.rawValue)
      + NoDoorWord.allCases.map(\.rawValue)
    for word in words { #expect(chapter.contains("`\(word)`"), "\(word)") }
    for word in TicketStateWord.allCases.map(\.rawValue)
      + AdmissionWord.allCases.map(\.rawValue) + GroupKindWord.allCases.map(\.rawValue)
      + AddressSourceWord.allCases.map(\.rawValue)
    {
      #expect(chapter.contains("\"\(word)\""), "\(word)")
    }
  }

  /// One value of each kind that the table of values describes, by the name of its row.
  static let values: [(row: String, value: any Sendable)] = [
    ("member", ValueTests.member), ("device", ValueTests.device),
    ("office", OfficeInfo(id: ValueTests.id(4, 32), name: "Werk")), ("group", ValueTests.group),
    ("state", DeliveryInfo(word: .here, devices: 1, of: 2)),
    ("message", ValueTests.message("text", cursor: 1)),
    ("reply", ReplyInfo(entry: ValueTests.id(4, 32), member: nil, text: nil)),
    ("reaction", ReactionInfo(text: "+", members: [], further: nil, own: false)),
    (
      "stored line",
      StoredLine(group: ValueTests.group, messages: 0, oldest: nil, devices: 1, readers: [])
    ),
    (
      "ticket",
      TicketInfo(
        id: ValueTests.id(5, 32), kind: .box, keeper: true, name: nil, member: nil, groups: [],
        issuer: ValueTests.member, created: ClaimedTime(ms: 1), expires: ClaimedTime(ms: 2),
        uses: 1, used: 0, state: .open)
    ),
    (
      "owner change",
      OwnerChange(owners: [], added: [], removed: [], signed: 1, needed: 2, line: nil)
    ),
    (
      "group line",
      GroupInfo(
        id: ValueTests.id(3, 32), title: nil, kind: .listed, purpose: nil, members: [],
        readable: true, messages: 1, latest: nil)
    ),
    ("beginning", LastInfo(member: ValueTests.member, own: true, text: "Guten")),
    ("departure", GoneInfo(word: .removed, by: nil, lost: 2)),
    (
      "member line",
      MemberInfo(
        id: ValueTests.id(1, 16), name: "Anna", rank: .owner, own: true, removed: false, devices: 1,
        seen: nil)
    ),
    (
      "device line",
      DeviceInfo(
        id: ValueTests.id(2, 32), name: "pc", member: ValueTests.member, keeper: false, state: .own,
        seen: nil)
    ),
    (
      "peer",
      PeerInfo(
        device: ValueTests.device, member: ValueTests.member, keeper: false, linked: true,
        since: nil, addresses: [], trouble: nil)
    ),
    ("door", DoorInfo(id: ValueTests.id(7, 8), office: "Werk", sponsor: "Anna", address: "a")),
    (
      "request",
      AdmissionInfo(
        id: ValueTests.id(6, 16), name: "Ben", device: "pc", digits: nil, state: .gone,
        since: ClaimedTime(ms: 1))
    ),
    ("degraded", DegradedInfo(word: .copied, detail: "text", hint: nil, since: nil)),
  ]

  /// The names that a row gives a value's fields: quoted or in backticks, but not their words.
  private static func names(_ row: String, in rows: [[String]]) throws -> Set<String> {
    let cell = try #require(
      rows.first { $0.count == 2 && $0[0].components(separatedBy: ", ").contains("*\(row)*") })
    // What is said behind the first sentence explains the words of a field.
    let text = cell[1].replacing(#/: ["`][\w-]+["`](?:/["`][\w-]+["`])*/#, with: "")
      .replacing(#/; .*/#, with: "").replacing(#/\[\{.*?\}\]/#, with: "")
    var names = Set(text.matches(of: /["`]([a-z]+)["`]/).map { String($0.1) })
    if let whose = text.firstMatch(of: /^([a-z]+) with\b/) {
      names.formUnion(try Self.names(String(whose.1), in: rows))
    }
    return names
  }

  @Test func `every value has the fields of its row, and no others`() throws {
    let rows = try Self.rows()
    for (row, value) in Self.values {
      let fields = Set(Mirror(reflecting: value).children.compactMap(\.label))
      #expect(try Self.names(row, in: rows) == fields, "\(row)")
    }
  }

  @Test func `every type of line that zuruf prints stands in the chapter, and no others`() throws {
    let folder = PackageRoot.url.appendingPathComponent("Sources/zuruf")
    let files =
      FileManager.default.enumerator(atPath: folder.path)?
      .compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") } ?? []
    var printed: Set<String> = ["error"]
    for file in files {
      let source = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
      for match in source.matches(of: /\.(?:printLine|show)\(\s*"([a-z-]+)"/) {
        printed.insert(String(match.1))
      }
    }
    let part = try #require(
      Self.chapter().components(separatedBy: "## What `zuruf").dropFirst().first)
    var told: Set<String> = []
    for row in part.split(separator: "\n") where row.hasPrefix("| ") {
      let lines = row.split(separator: "|").last ?? ""
      for match in lines.matches(of: /(?:one|\ba) `([a-z-]+)`/) {

        told.insert(String(match.1))
      }
    }
    #expect(told == printed)
  }

  @Test func `the numbers of the chapter are those of the code`() throws {
    let chapter = try Self.chapter().replacingOccurrences(of: ",", with: "")
    #expect(chapter.contains("at most \(LineGuard.bytesMax) bytes"))
    #expect(chapter.contains("at most \(LineGuard.depthMax) deep"))
    #expect(chapter.contains("at most \(LineGuard.keysMax) names"))
    #expect(chapter.contains("at most \(RequestID.bytesMax) bytes"))
    #expect(chapter.contains("At most \(EventQueue.capacity) events"))
    #expect(chapter.contains("(\(ReadCall.limitDefault); at most \(ReadCall.limitMax))"))
    #expect(chapter.contains(ControlSocketPath.system))
  }
}
