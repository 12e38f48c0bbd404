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
      + RankWord.allCases.map(\.rawValue)
    for word in words { #expect(chapter.contains("`\(word)`"), "\(word)") }
    for word in TicketStateWord.allCases.map(\.rawValue)
      + GroupKindWord.allCases.map(\.rawValue) + AddressSourceWord.allCases.map(\.rawValue)
    {
      #expect(chapter.contains("\"\(word)\""), "\(word)")
    }
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
