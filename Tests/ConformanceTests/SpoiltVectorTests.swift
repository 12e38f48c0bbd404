import Format
import TestSupport
import Testing

@testable import Replication

/// Every vector spoilt in every small way, through the door that judges it whole: the process lives,
/// and the verdict is a refusal or a value that encodes to the very bytes.
@Suite struct SpoiltVectorTests {
  /// Forms in which no bit is free: a signature, a tag or a checksum covers every one. A spoilt
  /// accepted case is refused there, or says the same (a ticket in capitals, a stream cut between
  /// two frames).
  static let sealed: Set = ["batch", "entry", "handshake", "line", "sealed", "signature"]

  /// Each form but logs, which are spoilt batch by batch.
  static let forms = ConformanceTests.doors.keys.filter { $0 != "log" }.sorted()

  typealias Door = (Vector) throws -> [String: String]

  @Test(arguments: forms)
  func `a truncation or flipped bit is refused or another value with these bytes`(
    form: String
  ) throws {
    let usual = try #require(ConformanceTests.doors[form])
    var tries = 0
    // Stores that are spoilt already are the whole ones with one fault more: those are enough.
    let vectors = Vector.of(form).filter { form != "store" || $0.path.contains("/ok-") }
    for vector in vectors {
      // One node takes all that a batch was spoilt to: to make one is most of the work.
      let witness = form == "batch" ? BatchDoor.witness(of: vector) : nil
      let door: Door = witness.map { node in { try BatchDoor.batch($0, at: node) } } ?? usual
      let whole = Self.sealed.contains(form) ? try? door(vector) : nil
      let judge: ([UInt8]) -> Void = { bytes in
        tries += 1
        Self.judge(vector.with(bytes), door, whole: whole)
      }
      Mutations.truncations(of: vector.bytes, seed: 5, judge)
      // Heads and numbers of entries stand all over a batch, between bodies.
      let headers = form == "batch" ? PackedWalk(vector.bytes)?.offsets ?? [] : []
      Mutations.flips(of: vector.bytes, seed: 6, headers: headers, judge)
    }
    print("spoilt \(form): \(vectors.count) vectors, \(tries) tries")
  }

  @Test func `the numbers of every entry of a whole batch are among what is spoilt`() throws {
    for vector in Vector.of("batch") where vector.expect == .ok {
      let offsets = try #require(PackedWalk(vector.bytes)).offsets
      let head = try BatchHead(decoding: vector.bytes, at: 0)
      // Control bits and three numbers at least, for each.
      #expect(offsets.count >= BatchHead.size + 4 * Int(head.count), "\(vector.path)")
      #expect(Set(offsets).count == offsets.count)
    }
  }

  /// Doors compare what they took with what it encodes to, and throw `NotCanonical`.
  static func judge(
    _ vector: Vector, _ door: Door, whole: [String: String]?
  ) {
    do {
      let gives = try door(vector)
      guard let whole, gives != whole else { return }
      // What came before a cut between two frames counts.
      let isBegin =
        gives["hash"] == whole["hash"] && whole["plain"]?.hasPrefix(gives["plain"] ?? "-") ?? false
      if !isBegin { Issue.record("\(vector.path): taken though spoilt: \(vector.bytes.hex)") }
    } catch is Refusal {
    } catch is DecodeError {
    } catch {
      Issue.record("\(vector.path): \(error): \(vector.bytes.hex)")
    }
  }

  /// Whole logs are stored batch by batch, and a spoilt batch is never stored: so each batch is
  /// spoilt where it stands, before a node that holds what comes before it. Of equal ones that begin
  /// a feed one is enough: what is held decides nothing of them.
  static let batches: [(vector: Vector, index: Int)] = {
    var seen: Set<[UInt8]> = []
    return Vector.of("log").flatMap { vector in
      let batches = (try? LogDoor.parts(vector.bytes)) ?? []
      return batches.indices.filter { index in
        let isLater = (try? BatchHead(decoding: batches[index], at: 0))?.first != 0
        return isLater || seen.insert(batches[index]).inserted
      }.map { (vector, $0) }
    }
  }()

  static let shards = 8

  @Test(arguments: 0..<shards)
  func `a spoilt batch of a log is not stored and leaves no trace`(shard: Int) throws {
    var tries = 0
    for (place, (vector, index)) in Self.batches.enumerated() where place % Self.shards == shard {
      let batches = try LogDoor.parts(vector.bytes)
      let witness = Witness(office: try BatchHead(decoding: batches[0], at: 0).group)
      for batch in batches[..<index] { _ = try witness.take(batch) }
      let judge: ([UInt8]) throws -> Void = { spoilt in
        tries += 1
        if case .stored = try? witness.take(spoilt) {
          Issue.record("\(vector.path): stored though spoilt: \(spoilt.hex)")
        }
      }
      try Mutations.truncations(of: batches[index], seed: 7, judge)
      try Mutations.flips(of: batches[index], seed: 8, judge)
      for batch in batches[index...] { _ = try? witness.take(batch) }
      let untouched = try? LogDoor.log(vector)
      if let untouched { #expect(LogDoor.gives(witness) == untouched, "\(vector.path)") }
    }
    print("spoilt log, part \(shard): \(tries) tries")
    #expect(tries > 0)
  }
}
