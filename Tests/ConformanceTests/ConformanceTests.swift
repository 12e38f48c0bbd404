import Format
import TestSupport
import Testing

/// Every vector of Protocol/ through the door of its form.
@Suite struct ConformanceTests {
  typealias Door = @Sendable (Vector) throws -> [String: String]

  /// The doors, by the form they judge.
  static let doors: [String: Door] = [
    "header": EntryDoors.header, "entry": EntryDoors.entry, "operation": EntryDoors.operation,
    "founding": EntryDoors.founding, "content": EntryDoors.content, "padded": EntryDoors.padded,
    "name": EntryDoors.name, "batch": BatchDoor.batch, "epoch": CipherDoors.epoch,
    "sealed": CipherDoors.sealed, "hash": CipherDoors.hash, "signature": CipherDoors.signature,
    "handshake": CipherDoors.handshake, "message": LinkDoors.message, "digest": LinkDoors.digest,
    "preface": LinkDoors.preface, "greeting": LinkDoors.greeting, "line": LinkDoors.line,
    "log": LogDoor.log, "frames": FrameDoor.frames, "record": RecordDoor.record,
    "visit": VisitDoor.visit, "store": StoreDoor.store,
  ]

  @Test func `there are vectors, and each has a door`() {
    #expect(Vector.all.count >= 750)
    #expect(Set(Vector.all.map(\.form)) == Set(Self.doors.keys))
  }

  @Test(arguments: doors.keys.sorted())
  func `every vector is accepted or refused by the layer and rule it names`(form: String) throws {
    let door = try #require(Self.doors[form])
    let vectors = Vector.of(form)
    #expect(!vectors.isEmpty)
    for vector in vectors { Self.judge(vector, door) }
  }

  static func judge(_ vector: Vector, _ door: Door) {
    let expected = "\(vector.expect.rawValue) \(vector.rule)"
    do {
      let gives = try door(vector)
      #expect(vector.expect == .ok, "\(vector.path): accepted where \(expected) belongs")
      for (key, value) in vector.gives where key != "type" {
        #expect(gives[key] == value, "\(vector.path): \(key)")
      }
    } catch let refusal as Refusal {
      #expect(refusal.description == expected, "\(vector.path)")
    } catch let error as DecodeError {
      #expect(Refusal(error).description == expected, "\(vector.path)")
    } catch {
      Issue.record("\(vector.path): \(error)")
    }
  }

  @Test func `every rule that Format can find broken has a vector that breaks it`() {
    let refused = Vector.all.filter { $0.expect != .ok }
    let broken = Set(refused.map(\.rule) + refused.compactMap { $0.text("because") })
    for rule in Rule.allCases where !broken.contains(rule.label) {
      // A feed waits at a dep that is not here, and nothing is refused.
      #expect(rule == .f4, "\(rule.label)")
    }
  }
}
