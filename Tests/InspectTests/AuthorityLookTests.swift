import Authority
import Format
import Foundation
import TestSupport
import Testing

@testable import zuruf_inspect

/// What `why`, `entry` and `verify` say of offices in which people were removed, lowered and
/// overruled: the logs of the vectors of authority.
struct AuthorityLookTests {
  /// Whole offices that are accepted.
  static let accepted = logs(.ok)
  /// Offices with an entry that may not stand where it does.
  static let refused = logs(.admit)

  private static func logs(_ verdict: Vector.Verdict) -> [Vector] {
    Vector.of("log").filter { $0.path.hasPrefix("5-authority/") && $0.expect == verdict }
  }

  private func why(_ id: EntryID, _ office: VectorOffice) throws -> [String: Any] {
    let run = InspectRun("why", "\(id)", "--json", "--home", office.home)
    #expect(run.code == 0)
    let object = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
    return try #require(object)
  }

  @Test(arguments: accepted)
  func `what has effect and what is void is said as the vector says`(vector: Vector) throws {
    let office = try VectorOffice(vector)
    #expect(InspectRun("verify", "--home", office.home).code == 0)
    let void = Set((vector.gives["void"] ?? "").split(separator: " ").map(String.init))
    for entry in office.entries where entry.kind == EntryKind.control.rawValue {
      let line = try why(entry.id, office)
      let isVoid = void.contains(String(entry.id.description.prefix(8)))
      let text = try #require(line["text"] as? String)
      // A list that another one replaced is shown as such, and is void to no rule.
      if text == "another owner list took its place" {
        #expect(!isVoid && line["rule"] as? String == "A-11")
        continue
      }
      let hasEffect = try #require(line["effect"] as? Bool)
      if !office.inGroups.contains(entry.id) {
        #expect(hasEffect == !isVoid, "\(entry.id): \(text)")
      }
      if !hasEffect {
        #expect(line["rule"] as? String == "A-14" && text.hasPrefix("it lies beyond a cut of "))
      }
    }
  }

  @Test func `a name that was given beyond a cut is said to have no effect`() throws {
    let vector = try #require(
      Self.accepted.first { $0.path == "5-authority/ok-log-admitted-beyond-a-cut.txt" })
    let office = try VectorOffice(vector)
    let names = office.entries.filter { $0.kind == EntryKind.message.rawValue }
    #expect(names.count == 1)
    for name in names {
      let line = try why(name.id, office)
      #expect(line["effect"] as? Bool == false && line["rule"] as? String == "A-15", "\(line)")
    }
  }

  @Test func `each way to lose effect has its rule and sentence`() {
    let reasons: [(VoidReason, rule: String, text: String)] = [
      (.targetIsOwner, "A-11", "its target is on the owner list in force"),
      (.otherOwners, "A-11", "another owner list took its place"),
      (.noRight(.notInGroup), "A-8", "without what was taken back, "),
    ]
    for (reason, rule, text) in reasons {
      #expect(reason.rule == rule)
      #expect(reason.text.hasPrefix(text), "\(reason.text)")
    }
  }

  @Test(arguments: refused)
  func `what may not stand there is found, by the rule of the vector`(vector: Vector) throws {
    let office = try VectorOffice(vector)
    let verify = InspectRun("verify", "--home", office.home)
    #expect(verify.code == 1)
    #expect(verify.output.contains("(\(vector.rule))"), "\(verify.output)")
    let refused = try office.entries.filter { entry in
      let line = try why(entry.id, office)
      return line["rule"] as? String == vector.rule && line["effect"] as? Bool == false
        && (line["text"] as? String)?.hasPrefix("it may not stand there: ") ?? false
    }
    #expect(refused.count == 1)
  }

  @Test func `every entry is taken apart to its last byte`() throws {
    for vector in Self.accepted {
      let office = try VectorOffice(vector)
      for entry in office.entries {
        let run = InspectRun("entry", "\(entry.id)", "--json", "--home", office.home)
        #expect(run.code == 0)
        // Of an operation of a later version nobody can tell more.
        #expect(
          !run.output.contains(#""rest""#) || run.output.contains(#""op":"unknown""#),
          "\(vector.path): \(run.output)")
      }
    }
  }

  @Test func `every operation is taken apart to its last byte`() throws {
    var named: Set<String> = []
    for vector in Vector.of("operation") where vector.expect == .ok {
      var walk = BodyWalk(vector.bytes)
      walk.operation()
      let kind = try #require(walk.fields.first?.meaning)
      // What a later version may issue has a body of its own.
      guard kind != "of a later version" else { continue }
      named.insert(kind)
      #expect(walk.fields.flatMap(\.bytes) == vector.bytes, "\(vector.path)")
    }
    #expect(
      named.sorted() == [
        "certify", "group-add", "group-remove", "owners", "rank", "remove", "suspend", "ticket",
        "ticket-revoke",
      ])
  }
}
