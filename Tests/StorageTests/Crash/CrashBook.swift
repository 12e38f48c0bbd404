import Format
import Platform
import TestSupport

@testable import Storage

/// What a script wrote and what it was told of it, by places on the tape: so it is known of every
/// image what must be there, what may be and what must not.
struct CrashBook: Sendable {
  /// One batch that was handed to the store.
  struct Written: Sendable {
    let group: GroupID
    let seen: Seen
    let batch: Batch
    /// The place of the tape at which nothing of it was done yet.
    let from: Int
    /// Since when the store says that it is durable.
    var kept: Int?
    /// Since when it is certain that it is not there.
    var gone: Int?
    /// Entries that are held already: what is stored of them once more is shown to nobody.
    let isCopy: Bool
    /// By the entry's index.
    var erasures: [Int: Erasure] = [:]
  }

  struct Erasure: Sendable {
    let from: Int
    /// Since when it is said to be gone.
    var done: Int?
    /// Since when whoever erased it was told that nothing of it is left.
    var told: Int?
    /// Where the body lies, in every copy.
    var places: [(file: DiskTape.File, at: Int)] = []
  }

  /// An own feed, by what others know of it.
  struct OwnFeed: Sendable {
    let group: GroupID
    /// Since when the head lock names it for good.
    var exposed: Int?
    var closing: Int?
    var closed: Int?
  }

  /// A small file that is replaced as a whole.
  struct Version: Sendable {
    let bytes: [UInt8]
    let from: Int
    var done: Int?
  }

  enum Standing { case must, may, mustNot }

  var written: [Written] = []
  var own: [FeedID: OwnFeed] = [:]
  var delivered: [Version] = []

  /// How a batch stands at a place of the tape.
  func standing(_ one: Written, at place: Int) -> Standing {
    if let gone = one.gone, gone <= place { return .mustNot }
    if one.from >= place { return .mustNot }
    if let kept = one.kept, kept <= place { return .must }
    return .may
  }

  private func standing(_ erasure: Erasure, at place: Int) -> Standing {
    if erasure.from >= place { return .mustNot }
    if let done = erasure.done, done <= place { return .must }
    return .may
  }

  /// What was read of all logs, compared with what was written up to a place; says what is wrong, or
  /// which batches are there, by their index.
  func compare(
    _ seen: [(group: GroupID, seen: Seen)], at place: Int
  ) -> Result<[Int: Seen], Wrong> {
    var rest: [GroupID: ArraySlice<Seen>] = [:]
    for (group, seen) in seen { rest[group, default: []].append(seen) }
    var present: [Int: Seen] = [:]
    for (index, one) in written.enumerated() where !one.isCopy {
      let standing = standing(one, at: place)
      guard let next = rest[one.group]?.first, isSame(one, next) else {
        if standing == .must { return .failure(Wrong("\(name(index)) was kept and is lost")) }
        continue
      }
      if standing == .mustNot { return .failure(Wrong("\(name(index)) is there again")) }
      if let wrong = compareBodies(index, next, at: place) { return .failure(wrong) }
      present[index] = next
      rest[one.group]?.removeFirst()
    }
    for (group, left) in rest.sorted(by: { $0.key < $1.key }) {
      guard let stranger = left.first else { continue }
      return .failure(
        Wrong(
          "group \(group) holds \(stranger.place.feed):\(stranger.first), which was not written there"
        ))
    }
    return .success(present)
  }

  private func isSame(_ one: Written, _ other: Seen) -> Bool {
    one.seen.place == other.place && one.seen.first == other.first && one.seen.ids == other.ids
      && one.seen.headers == other.headers && one.seen.isOwn == other.isOwn
      && one.seen.arrival == other.arrival && one.seen.signature == other.signature
      && one.seen.bodies.count == other.bodies.count
  }

  private func compareBodies(_ index: Int, _ found: Seen, at place: Int) -> Wrong? {
    let one = written[index]
    for entry in found.bodies.indices {
      let standing: Standing =
        one.erasures[entry].map { self.standing($0, at: place) } ?? .mustNot
      guard let body = found.bodies[entry] else {
        if standing == .mustNot { return Wrong("\(name(index)), entry \(entry): its body is lost") }
        continue
      }
      if standing == .must { return Wrong("\(name(index)), entry \(entry): its body is back") }
      if let written = one.seen.bodies[entry], written != body {
        return Wrong("\(name(index)), entry \(entry): its body is another")
      }
    }
    return nil
  }

  private func name(_ index: Int) -> String {
    "batch \(index) (\(written[index].seen.place.feed):\(written[index].seen.first))"
  }

  /// What was erased lies on no disk any more.
  func compareErased(_ image: DiskImage, at place: Int, _ isErased: (Int, Int) -> Bool) -> Wrong? {
    for (index, one) in written.enumerated() {
      for (entry, erasure) in one.erasures {
        guard erasure.told.map({ $0 <= place }) ?? false || isErased(index, entry),
          let body = one.seen.bodies[entry]
        else { continue }
        for (file, at) in erasure.places {
          guard let bytes = image.bytes(of: file.number), bytes.count >= at + body.count
          else { continue }
          if bytes[at..<at + body.count].contains(where: { $0 != 0 }) {
            return Wrong("\(name(index)), entry \(entry): its body was erased and lies there")
          }
        }
      }
    }
    return nil
  }

  /// Finds out where the bodies lie that were erased.
  mutating func locateErased(_ events: [DiskTape.Event]) {
    for index in written.indices {
      for entry in written[index].erasures.keys {
        let header = written[index].seen.headers[entry]
        for event in events[written[index].from...] {
          guard case .write(let file, let at, let bytes) = event,
            let found = Self.find(header, in: bytes)
          else { continue }
          written[index].erasures[entry]?.places.append((file, at + found + header.count))
        }
      }
    }
  }

  private static func find(_ part: [UInt8], in bytes: [UInt8]) -> Int? {
    guard bytes.count >= part.count else { return nil }
    // Where they begin headers are all alike, but no two have the same hash.
    let hash = HeaderLayout.bodyHash
    for at in 0...bytes.count - part.count where bytes[at + hash] == part[hash] {
      if bytes[at..<at + part.count].elementsEqual(part) { return at }
    }
    return nil
  }

  /// What a start found of all that was unknown: it is there for good, or gone.
  mutating func settle(_ present: [Int: Seen], at place: Int) {
    for index in written.indices where !written[index].isCopy {
      guard let seen = present[index] else {
        written[index].gone = written[index].gone ?? place
        continue
      }
      written[index].kept = written[index].kept ?? place
      for (entry, erasure) in written[index].erasures
      where seen.bodies[entry] == nil && erasure.done == nil {
        written[index].erasures[entry]?.done = place
      }
    }
  }
}

/// What must never be and is.
struct Wrong: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
