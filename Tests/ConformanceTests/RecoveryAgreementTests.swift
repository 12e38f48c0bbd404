import Foundation
import TestSupport
import Testing

/// What a start makes of spoilt logs: the product and the independent reader keep, report and leave
/// the same of hundreds of them that nobody wrote down.
@Suite struct RecoveryAgreementTests {
  static let cases = 600

  /// A vector of a store with up to four bytes changed, turned to zeros from some place on, or cut.
  private static func drawn(_ generator: inout SeededGenerator) -> Vector {
    let vectors = Vector.of("store")
    let vector = vectors[generator.number(0...vectors.count - 1)]
    var bytes = vector.bytes
    // The first four bytes are the length of the first segment.
    let place = { (generator: inout SeededGenerator) in generator.number(4...bytes.count - 1) }
    switch generator.number(0...5) {
    case 0:
      let first = place(&generator)
      for index in first..<min(bytes.count, first + 512) { bytes[index] = 0 }
    case 1:
      // Two sectors change places.
      let (one, other) = (place(&generator) / 512 * 512, place(&generator) / 512 * 512)
      for index in max(4, 4 - min(one, other))..<512
      where max(one, other) + index < bytes.count && min(one, other) + index >= 4 {
        bytes.swapAt(one + index, other + index)
      }
    default:
      for _ in 0..<generator.number(1...4) {
        bytes[place(&generator)] ^= 1 << UInt8(generator.number(0...7))
      }
    }
    return vector.with(bytes)
  }

  @Test(.enabled(if: ReaderTests.isHere, "\(ReaderTests.absence)"))
  func `reader and product make the same of spoilt logs`() throws {
    var generator = SeededGenerator(seed: 13)
    let folder = TemporaryDirectory()
    var (taken, cut) = (0, 0)
    for number in 0..<Self.cases {
      let vector = Self.drawn(&generator)
      guard let gives = try? StoreDoor.store(vector) else { continue }
      taken += 1
      cut += gives["reports"] == vector.gives["reports"] ? 0 : 1
      let head = vector.text.split(separator: "\n", omittingEmptySubsequences: false)
        .filter { !$0.hasPrefix("gives-") && !$0.hasPrefix("expect") }
      let lines = ["expect: ok"] + gives.map { "gives-\($0): \($1)" } + head
      let file = URL(fileURLWithPath: folder.path).appendingPathComponent("\(number)-store.txt")
      try lines.joined(separator: "\n").write(to: file, atomically: false, encoding: .utf8)
    }
    // The reader names each case of which it says something else.
    let outcome = try ReaderTests.run("reader", [folder.path], errors: true)
    #expect(outcome.output.contains("\(taken) vectors, 0 judged otherwise"), "\(outcome.output)")
    // A store that was spoilt and nothing of it found would prove little.
    #expect(cut > Self.cases / 2)
    print("note: spoilt stores: \(taken), of which \(cut) are reported otherwise than before")
  }
}
