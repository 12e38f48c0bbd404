/// What a client reads: an event, or the response to the call it waits for.
package enum IncomingLine<Answer: Decodable & Sendable>: Sendable {
  case answer(RequestID, Answer)
  case error(RequestID?, ControlError)
  case event(ControlEvent)
  /// An event of a kind that this version does not know; skipped (C-5).
  case unknownEvent

  /// Reads one line without its line feed; nil when it is none of these.
  package init?(line: [UInt8]) {
    do throws(LineFault) {
      try LineGuard.check(line)
    } catch {
      return nil
    }
    guard let value = try? LineCoding.value(Decoded.self, from: line) else { return nil }
    self = value.line
  }

  private struct Decoded: Decodable {
    let line: IncomingLine

    private enum CodingKeys: String, CodingKey {
      case jsonrpc, id, result, error, method, params
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      if container.contains(.method) {
        line =
          (try? container.decode(ControlEvent.self, forKey: .params)).map { .event($0) }
          ?? .unknownEvent
      } else if container.contains(.error) {
        line = .error(
          try container.decodeIfPresent(RequestID.self, forKey: .id),
          try container.decode(ControlError.self, forKey: .error))
      } else {
        line = .answer(
          try container.decode(RequestID.self, forKey: .id),
          try container.decode(Answer.self, forKey: .result))
      }
    }
  }
}
