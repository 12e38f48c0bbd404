import Format
import TestSupport
import Testing

/// Every vector once more, cut and with flipped bits, through the door of its form: what comes is
/// refused, or is another value that encodes to exactly its bytes; it never ends the process.
@Suite struct SpoiltVectorTests {
  /// Forms whose bytes are no encoding: their doors hand them to primitives as they are, and the
  /// tests of Cryptography and Transport spoil those.
  private static let primitives: Set = ["digest", "handshake", "hash", "sealed", "signature"]

  static let forms = Set(ConformanceTests.doors.keys).subtracting(primitives).sorted()

  /// Sends spoilt bytes of a vector through a door; `right` is what the vector itself gives.
  private func judge(
    _ bytes: [UInt8], of vector: Vector, right: [String: String]?,
    _ door: ConformanceTests.Door
  ) {
    do {
      let gives = try door(vector.with(bytes))
      // An ID covers every byte that counts: another entry cannot have the same. One whose body
      // was cut off as a whole is the same entry, erased.
      let isErased = vector.form == "entry" && vector.bytes.starts(with: bytes)
      if let id = gives["id"], id == right?["id"], !isErased {
        Issue.record("\(vector.path): \(bytes.hex) has the ID of other bytes")
      }
    } catch is NotCanonical {
      Issue.record("\(vector.path): \(bytes.hex) was taken and encodes to other bytes")
    } catch {
      // Refused, by whichever rule the damage happened to break.
    }
  }

  @Test(arguments: forms)
  func `a vector that is cut or flipped is refused or another value`(form: String) throws {
    let door = try #require(ConformanceTests.doors[form])
    for (number, vector) in Vector.of(form).enumerated() {
      // Large ones that are refused as they are differ from those accepted by their size alone.
      guard vector.bytes.count <= Mutations.everyBitMax || vector.expect == .ok else { continue }
      let right = vector.expect == .ok ? try door(vector) : nil
      let seed = UInt64(number)
      Mutations.truncations(of: vector.bytes, seed: seed) {
        judge($0, of: vector, right: right, door)
      }
      Mutations.flips(of: vector.bytes, seed: seed) { judge($0, of: vector, right: right, door) }
    }
  }
}
