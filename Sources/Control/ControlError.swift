/// What the node answers instead of a result.
package struct ControlError: Error, Equatable, Sendable {
  package let name: ErrorName
  /// One sentence in lower case without a full stop; data in it stands in double quotes.
  package let message: String
  /// What to do next.
  package let hint: String?
  /// What an ambiguous name may have meant, in the order in which to show it.
  package let candidates: [Candidate]
  /// Which of several causes the name stands for, for who says it in another language.
  package let reason: RefusalReason?
  package init(
    _ name: ErrorName, _ message: String, hint: String?, candidates: [Candidate],
    reason: RefusalReason? = nil
  ) {
    self.name = name
    self.message = message
    self.hint = hint
    self.candidates = candidates
    self.reason = reason
  }

  /// An error without candidates.
  package init(
    _ name: ErrorName, _ message: String, hint: String?, reason: RefusalReason? = nil
  ) {
    self.init(name, message, hint: hint, candidates: [], reason: reason)
  }
}

/// One thing that an ambiguous name may have meant.
package struct Candidate: Codable, Hashable, Sendable {
  /// What to type instead.
  package let text: String
  /// What tells it from the others, such as its members.
  package let detail: String?
  package init(text: String, detail: String?) {
    self.text = text
    self.detail = detail
  }
}

extension ControlError: Codable {
  private enum CodingKeys: String, CodingKey {
    case code, message, data
  }

  /// What JSON-RPC has no room for beside the code.
  private struct Details: Codable {
    let name: ErrorName
    let hint: String?
    let candidates: [Candidate]
    let reason: RefusalReason?
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let details = try container.decode(Details.self, forKey: .data)
    self.init(
      details.name, try container.decode(String.self, forKey: .message), hint: details.hint,
      candidates: details.candidates, reason: details.reason)
  }

  /// Writes `{"code":…,"message":…,"data":{…}}`, as JSON-RPC has errors.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name.code, forKey: .code)
    try container.encode(message, forKey: .message)
    try container.encode(
      Details(name: name, hint: hint, candidates: candidates, reason: reason), forKey: .data)
  }
}
