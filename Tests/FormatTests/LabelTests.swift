import Foundation
import TestSupport
import Testing

/// The rules of Protocol/ against the code that keeps them, as texts.
@Suite struct LabelTests {
  /// Every label that a chapter defines.
  private static func defined() throws -> Set<String> {
    let folder = PackageRoot.url.appendingPathComponent("Protocol")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    var found: Set<String> = []
    for name in names.sorted() where name.hasSuffix(".md") && name != "CHANGES.md" {
      let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
      for match in text.matches(of: /(?m)^ *- \*\*([A-Z]-[0-9]+)\*\*/) {
        #expect(found.insert(String(match.1)).inserted, "\(match.1) is defined twice")
      }
    }
    return found
  }

  /// Every label that a source of the product names, by itself or within `A-1 to A-3`.
  private static func cited() throws -> Set<String> {
    let folder = PackageRoot.url.appendingPathComponent("Sources")
    let names =
      FileManager.default.enumerator(atPath: folder.path)?
      .compactMap { $0 as? String } ?? []
    var found: Set<String> = []
    for name in names where name.hasSuffix(".swift") {
      let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
      for match in text.matches(of: /\b[A-Z]-[0-9]+\b/) { found.insert(String(match.0)) }
      for match in text.matches(of: /\b([A-Z])-([0-9]+) to (?:[A-Z]-)?([0-9]+)/) {
        let (first, last) = (try #require(Int(match.2)), try #require(Int(match.3)))
        for number in first...max(first, last) { found.insert("\(match.1)-\(number)") }
      }
    }
    return found
  }

  @Test func `every rule is cited by the code that keeps it`() throws {
    let (defined, cited) = (try Self.defined(), try Self.cited())
    #expect(defined.count > 100)
    #expect(defined.subtracting(cited).sorted() == [])
  }

  @Test func `no code cites a rule that no chapter states`() throws {
    let (defined, cited) = (try Self.defined(), try Self.cited())
    #expect(cited.subtracting(defined).sorted() == [])
  }
}
