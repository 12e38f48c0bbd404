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
    let found = numbers(text)
    // Each constant is a plain number: a sum would be read as its first part.
    #expect(found.count == text.matches(of: /static let/).count)
    return found
  }

  private static func numbers(_ text: String) -> [String: Int] {
    var found: [String: Int] = [:]
    for match in text.matches(of: /(?m)static let (\w+)(?:: \w+)? = ([0-9_]+)$/) {
      found[String(match.1)] = Int(match.2.filter { $0 != "_" })
    }
    return found
  }

  /// Numbers of targets that cannot see Format, with the limit that they repeat.
  static let repeated = [
    ("Control/EventQueue", "capacity", "controlEventsMax"),
    ("Control/Lines/LineGuard", "bytesMax", "controlLineBytesMax"),
    ("Control/Lines/LineGuard", "depthMax", "controlDepthMax"),
    ("Control/Lines/LineGuard", "keysMax", "controlNamesMax"),
    ("Cryptography/TransportKey", "messageMax", "frameBytesMax"),
  ]

  @Test(arguments: repeated)
  func `what must repeat a limit repeats it`(file: String, name: String, limit: String) throws {
    let place = PackageRoot.url.appendingPathComponent("Sources/\(file).swift")
    let found = Self.numbers(try String(contentsOf: place, encoding: .utf8))
    #expect(try found[name] == Self.source()[limit])
    #expect(found[name] != nil)
  }

  /// What may state numbers: the appendix that a user interface is written from alone (ControlTests
  /// compare its numbers with the code), and what is told of earlier ones.
  static let apart: Set = ["10-limits.md", "A-control.md", "CHANGES.md"]

  /// The other chapters and appendices without their blocks of bytes.
  static func others() throws -> [(name: String, text: String)] {
    let folder = PackageRoot.url.appendingPathComponent("Protocol")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    return try names.filter { $0.hasSuffix(".md") && !apart.contains($0) }
      .map { name in
        let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        // Every second part lies between fences; field tables drawn as text are read too.
        let parts = text.components(separatedBy: "```")
        return (
          name,
          parts.enumerated().filter { $0.offset % 2 == 0 || $0.element.hasPrefix("\noff") }
            .map(\.element).joined()
        )
      }
  }

  @Test func `no other chapter states a number of its own, and every name stands in the table`()
    throws
  {
    let source = try Self.source()
    let chapters = try Self.others()
    #expect(chapters.count > 10)
    var named: Set<String> = []
    for (chapter, text) in chapters {
      for match in text.matches(of: /[0-9]{1,3}(?:,[0-9]{3})+/) {
        // The highest seq follows from its field.
        #expect(match.0 == "4,294,967,294", "\(chapter) states \(match.0)")
      }
      // What is told of a measurement or a default of others is no limit of ours.
      for match in text.matches(of: /\b[0-9]+ (?:ms|s|seconds|minutes|hours|KiB|MiB|KB|MB)\b/) {
        Issue.record("\(chapter) states \(match.0)")
      }
      let names = text.matches(
        of: /\b[a-z]+(?:[A-Z][a-z]+)*(?:Max|Min|Seconds|Milliseconds|Minutes|Hours|Tried|Port)\b/)
      for match in names {
        #expect(source[String(match.0)] != nil, "\(chapter) names \(match.0)")
        named.insert(String(match.0))
      }
    }
    // What decides what is valid is used by the rules that decide.
    for name in [
      "bodyBytesMax", "depsMax", "extBytesMax", "runEntriesMax", "runBytesMax",
      "nameBytesMax", "textBytesMax", "purposeBytesMax", "epochRecipientsMax", "cutsMax",
      "ownersMax", "devicesPerMemberMax", "paddedBytesMax", "frameBytesMax", "messageBytesMax",
      "frontierItemsMax",
      "digestsMax",
    ] {
      #expect(named.contains(name), "no rule names \(name)")
    }
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
