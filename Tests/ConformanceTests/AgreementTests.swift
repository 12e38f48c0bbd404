import Foundation
import TestSupport
import Testing

/// The product and the independent reader on cases that nobody wrote down: vectors with one to three
/// bytes changed. They agree on the layer, and with it on what is taken.
///
/// Of batches, alone or in a log, a change breaks several rules at once, and which of those two
/// layers meets first is nobody's concern: there decode and verify are one.
@Suite struct AgreementTests {
  static let casesPerForm = 150

  /// Forms whose changed cases the reader judges in a moment.
  static let forms = ConformanceTests.doors.keys.sorted()

  /// A changed case, drawn from the vectors of its form that are not too large.
  static func drawn(_ form: String, _ generator: inout SeededGenerator) -> [Vector] {
    let vectors = Vector.of(form).filter { !$0.bytes.isEmpty && $0.bytes.count <= 8_192 }
    guard !vectors.isEmpty else { return [] }
    return (0..<casesPerForm).map { _ in
      let vector = vectors[generator.number(0...vectors.count - 1)]
      var bytes = vector.bytes
      for _ in 0..<generator.number(1...3) {
        let place = generator.number(0...bytes.count - 1)
        switch generator.number(0...4) {
        case 0: bytes[place] = 0
        case 1: bytes[place] = UInt8(generator.number(0...255))
        case 2: bytes[place] &+= 1
        case 3 where bytes.count > 1: bytes.remove(at: place)
        default: bytes[place] ^= 1 << UInt8(generator.number(0...7))
        }
      }
      return vector.with(bytes)
    }
  }

  /// The product's verdict: `ok`, or the layer.
  static func verdict(_ vector: Vector) throws -> String {
    do {
      let door = try #require(ConformanceTests.doors[vector.form])
      _ = try door(vector)
      return "ok"
    } catch {
      guard let refusal = Refusal(any: error) else { throw error }
      return refusal.layer.rawValue
    }
  }

  @Test(.enabled(if: ReaderTests.isHere, "\(ReaderTests.absence)"))
  func `reader and product put changed vectors at one layer`() throws {
    var generator = SeededGenerator(seed: 11)
    let cases = Self.forms.flatMap { Self.drawn($0, &generator) }
    let folder = TemporaryDirectory()
    for (index, vector) in cases.enumerated() {
      let file = URL(fileURLWithPath: folder.path)
        .appendingPathComponent(Self.name(index, vector.form))
      try vector.text.write(to: file, atomically: false, encoding: .utf8)
    }
    let outcome = try ReaderTests.run("reader", ["--list", folder.path], errors: false)
    var layers: [String: String] = [:]
    for line in outcome.output.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 3 { layers[String(words[0])] = String(words[1]) }
    }
    var taken = 0
    for (index, vector) in cases.enumerated() {
      let name = Self.name(index, vector.form)
      let mine = try Self.verdict(vector)
      if mine == "ok" { taken += 1 }
      let theirs = try #require(layers[name], "the reader says nothing of \(name)")
      let isBatch = ["batch", "log"].contains(vector.form)
      let isAlike =
        mine == theirs || isBatch && Set([mine, theirs]).isSubset(of: ["decode", "verify"])
      let what = "\(mine), the reader \(theirs): \(vector.path) changed to \(vector.bytes.hex)"
      #expect(isAlike, "\(what)")
    }
    print("changed vectors: \(cases.count), \(taken) of them taken by both")
    // Both ways happen, or the test would prove little.
    #expect(taken > 100 && taken < cases.count - 100)
  }

  private static func name(_ index: Int, _ form: String) -> String { "\(index)-\(form).txt" }
}
