package import Format

/// What a peer did that no honest node does; the link is closed and the rule is named.
package enum Violation: Error, Hashable, Sendable {
  /// Bytes that are not what they claim to be.
  case decode(DecodeError)
  /// A batch that does not continue what this node holds (F-1, F-15).
  case chain(GroupID, FeedID, seq: UInt32)
  /// A signature that is not the feed's device's (F-2).
  case signature(GroupID, FeedID, seq: UInt32)
  /// A genesis of another office, or of a group that is not what was asked for.
  case foreignGroup(GroupID)
  /// A message that this kind of link may not carry (H-5).
  case notOnThisLink(kind: UInt8)
  /// More than a provisional link may send (H-5).
  case provisionalTooMuch
  /// Entries sent as a branch that they do not begin.
  case otherBranch(FeedID, seq: UInt32)
  /// An entry whose body was left out.
  case withoutBody(FeedID, seq: UInt32)

  /// The rule that was broken.
  package var rule: String {
    switch self {
    case .decode(let error): error.rule.label
    case .chain: "F-15"
    case .signature: "F-2"
    case .foreignGroup: "E-12"
    case .notOnThisLink, .provisionalTooMuch: "H-5"
    case .otherBranch: "R-13"
    case .withoutBody: "R-16"
    }
  }
}

extension Violation: CustomStringConvertible {
  package var description: String {
    switch self {
    case .decode(let error): error.description
    case .chain(_, let feed, let seq):
      "entry \(seq) of feed \(feed) does not continue the feed (F-15)"
    case .signature(_, let feed, let seq):
      "entry \(seq) of feed \(feed) is not signed by its device (F-2)"
    case .foreignGroup(let group): "group \(group) is not of this office (E-12)"
    case .notOnThisLink(let kind): "message \(kind) has no place on this link (H-5)"
    case .provisionalTooMuch: "more than a provisional link may send (H-5)"
    case .otherBranch(let feed, let seq):
      "entry \(seq) of feed \(feed) does not begin the branch that it is sent as (R-13)"
    case .withoutBody(let feed, let seq):
      "entry \(seq) of feed \(feed) came without its body (R-16)"
    }
  }
}
