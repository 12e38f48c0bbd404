import Control

/// What Desk answers in the node's place.
enum DeskRefusal {
  /// Nobody answers at the node's socket, or no more.
  case noNode
  /// Too many pages are open.
  case busy
  /// Subscriptions have an address of their own.
  case subscribeHere

  private var error: ControlError {
    switch self {
    case .noNode:
      ControlError(
        .noNode, "the node of this computer does not answer",
        hint: "it may be starting or stopping: try again in a moment")
    case .busy:
      ControlError(
        .busy, "too many pages are open", hint: "close one of them")
    case .subscribeHere:
      ControlError(
        .noSuchMethod, "events come at /events", hint: nil)
    }
  }

  var reply: Exchange.Reply {
    let line = ResponseLine(id: nil, outcome: .failure(error)).encoded()
    switch self {
    case .noNode, .busy: return .json(503, line)
    case .subscribeHere: return .json(400, line)
    }
  }
}

extension Exchange.Reply {
  static func refusal(_ refusal: DeskRefusal) -> Exchange.Reply { refusal.reply }

  /// What the node would say of a request, without asking it: 400 where it is none, or where no
  /// stream comes of it.
  static func refusal(_ refusal: RequestLine.Refusal, of errand: Errand) -> Exchange.Reply {
    let line = ResponseLine(id: refusal.id, outcome: .failure(refusal.error)).encoded()
    let isNone = [.parseError, .invalidRequest].contains(refusal.error.name)
    return .json(isNone || errand == .events ? 400 : 200, line)
  }
}
