/// One response as it travels: `{"jsonrpc":"2.0","id":1,"result":{…}}` or with `error` (C-4).
package struct ResponseLine: Equatable, Sendable {
  /// Nil when the request's could not be read.
  package let id: RequestID?
  package let outcome: Result<ControlResult, ControlError>
  package init(id: RequestID?, outcome: Result<ControlResult, ControlError>) {
    self.id = id
    self.outcome = outcome
  }

  /// Writes the line with its line feed. A result that is longer than a line can be (C-1) is an error
  /// instead, for nobody could read what follows it.
  package func encoded() -> [UInt8] {
    let line = LineCoding.line(self)
    guard line.count - 1 > LineGuard.bytesMax, case .success = outcome else { return line }
    let error = ControlError(
      .answerTooLong, "the answer is longer than one can be", hint: "ask for less at once")
    return ResponseLine(id: id, outcome: .failure(error)).encoded()
  }
}

extension ResponseLine: Encodable {
  enum CodingKeys: String, CodingKey {
    case jsonrpc, id, result, error
  }

  /// Writes the object of a response, with `result` or `error` and never both.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode("2.0", forKey: .jsonrpc)
    // JSON-RPC wants null, not silence, where the id is not known.
    try container.encode(id, forKey: .id)
    switch outcome {
    case .success(let result): try container.encode(result.answer, forKey: .result)
    case .failure(let error): try container.encode(error, forKey: .error)
    }
  }
}

/// One event as it travels: `{"jsonrpc":"2.0","method":"event","params":{…}}`.
package struct EventLine: Equatable, Sendable {
  package let event: ControlEvent
  package init(event: ControlEvent) {
    self.event = event
  }

  /// Writes the line with its line feed.
  package func encoded() -> [UInt8] {
    LineCoding.line(self)
  }
}

extension EventLine {
  private static let head = Array(#"{"jsonrpc":"2.0","method":"event","params":"#.utf8)

  /// The bytes of `params` in a line of an event as `encoded` writes it, without its line feed;
  /// nil for any other line. What is in them stays as it is, also what this version does not know.
  package static func parameters(of line: [UInt8]) -> ArraySlice<UInt8>? {
    guard line.starts(with: head), line.last == 0x7D, line.count > head.count + 1 else {
      return nil
    }
    return line[head.count..<(line.count - 1)]
  }
}

/// What a subscription on the page begins with, in the shape of an event (W-9).
package struct SubscribedEvent: Encodable {
  private let kind = "subscribed"
  private let cursor: HexIdentifier
  private let group: GroupRef?

  /// The event for what `subscribe` answered.
  package init(_ answer: SubscribeCall.Answer) {
    (cursor, group) = (answer.cursor, answer.group)
  }

  /// Writes the object with its line feed.
  package func encoded() -> [UInt8] { LineCoding.line(self) }
}

extension EventLine: Encodable {
  private enum CodingKeys: String, CodingKey {
    case jsonrpc, method, params
  }

  /// Writes the object of a notification: no `id`, so nobody answers it.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode("2.0", forKey: .jsonrpc)
    try container.encode("event", forKey: .method)
    try container.encode(event, forKey: .params)
  }
}
