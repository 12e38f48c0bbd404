import Authority
import Format
import TestSupport

@testable import Replication

/// The door for whole logs: stored in order as a link brings them, admitted, and evaluated.
enum LogDoor {
  static func log(_ vector: Vector) throws -> [String: String] {
    let batches = try parts(vector.bytes)
    guard let first = batches.first else { return [:] }
    let witness = Witness(office: try BatchHead(decoding: first, at: 0).group)
    for batch in batches {
      switch try witness.take(batch) {
      case .stored: break
      case .refused(let violation): throw Refusal(violation)
      case .left: throw Refusal.verify("F-15")
      }
    }
    witness.finish()
    if let end = witness.ends.first { throw Refusal(layer: .admit, rule: end.rule) }
    return gives(witness)
  }

  /// The batches of a log, each after its length.
  static func parts(_ bytes: [UInt8]) throws -> [[UInt8]] {
    var parts: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      try need(rest.count >= 4, .decode("F-13"))
      let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(4)
      try need(rest.count >= length, .decode("F-13"))
      parts.append(Array(rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
    return parts
  }

  /// How far each feed is admitted, and what all of it says about people.
  static func gives(_ witness: Witness) -> [String: String] {
    witness.finish()
    let feeds = witness.replica.groups.values.flatMap(\.feedList)
      .sorted { $0.place < $1.place }
    let roster = witness.replica.rosterNow()
    var gives = [
      "admitted": feeds.map { String($0.admittedCount) }.joined(separator: " "),
      "roster": listed(
        roster.members.filter { !$0.isRemoved }.map { ($0.id.description, $0.rank.rawValue) }),
      // A list that another one replaced is shown as void, and is not: owner lists never are.
      "void": roster.voids.filter { $0.reason != .otherOwners }
        .map { String($0.entry.id.description.prefix(8)) }.sorted().joined(separator: " "),
    ]
    var isHeldBack = roster.needsNewerVersion
    for group in witness.replica.groups.keys.sorted() {
      guard let membership = witness.replica.membershipNow(group) else { continue }
      gives["members"] = listed(
        membership.members.map { ($0.id.description, $0.grade.rawValue) })
      gives["recipients"] = membership.devices.map { String($0.key.description.prefix(8)) }
        .joined(separator: " ")
      isHeldBack = isHeldBack || membership.needsNewerVersion
    }
    gives["newer"] = isHeldBack ? "yes" : "no"
    return gives
  }

  private static func listed(_ pairs: [(String, UInt8)]) -> String {
    pairs.map { "\($0.prefix(8))=\($1)" }.joined(separator: " ")
  }
}
