import Foundation
import TestSupport
import Testing

/// Protocol/10-limits.md against Limits.swift, as texts: a number stands in both or in none.
@Suite struct LimitsTests {
  /// Name and value of each row of the chapter's tables.
  static func chapter() throws -> [String: Int] {
    let place = PackageRoot.url.appendingPathComponent("Protocol/10-limits.md")
    let text = try String(contentsOf: place, encoding: .utf8)
    var found: [String: Int] = [:]
    for match in text.matches(of: /(?m)^\| `(\w+)` \| ([0-9,]+) \| (.+) \|$/) {
      #expect(match.3.hasSuffix("."), "\(match.1) has no reason")
      #expect(found[String(match.1)] == nil, "\(match.1) stands twice")
      found[String(match.1)] = Int(match.2.filter { $0 != "," })
    }
    return found
  }

  /// Name and value of each constant of the source.
  static func source() throws -> [String: Int] {
    let place = PackageRoot.url.appendingPathComponent("Sources/Format/Limits.swift")
    let text = try String(contentsOf: place, encoding: .utf8)
    var found: [String: Int] = [:]
    for match in text.matches(of: /static let (\w+)(?:: \w+)? = ([0-9_]+)/) {
      found[String(match.1)] = Int(match.2.filter { $0 != "_" })
    }
    return found
  }

  @Test func `chapter and source name the same limits with the same numbers`() throws {
    let (chapter, source) = (try Self.chapter(), try Self.source())
    #expect(source.count > 40)
    #expect(Set(chapter.keys).symmetricDifference(source.keys) == [])
    for (name, value) in source { #expect(chapter[name] == value, "\(name)") }
  }

  @Test func `limits that follow from others keep their distance`() throws {
    let limits = try Self.source()
    func value(_ name: String) throws -> Int { try #require(limits[name]) }
    #expect(try value("paddedBytesMax") == value("bodyBytesMax") - 40)
    // Type, request id and its head, the head of the text, and the length before the content.
    #expect(try value("textBytesMax") + 1 + 19 + 3 + 2 <= value("paddedBytesMax"))
    #expect(try 34 + 80 * value("epochRecipientsMax") <= value("bodyBytesMax"))
    #expect(try 35 + 52 * value("cutsMax") <= value("bodyBytesMax"))
    #expect(try 36 + 52 * value("frontierItemsMax") <= value("messageBytesMax"))
    #expect(try 2 + 64 * value("digestsMax") <= value("messageBytesMax"))
    // A packed entry is never larger than its header and body; before it stand branch and head.
    #expect(try value("runBytesMax") + 16 + 130 <= value("messageBytesMax"))
    #expect(try 2 * value("pingSeconds") < value("deadSeconds"))
    #expect(try value("feedsPerGroupMax") <= value("frontierItemsMax"))
  }
}
