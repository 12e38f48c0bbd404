import Control
import Terminal

/// Guesses which name was meant where nobody and nothing is called as somebody typed.
enum NearName {
  /// The same failure, with the nearest name as a hint where there is one.
  static func hinting(_ failure: Failure, _ session: Session) -> Failure {
    guard case .control(.refused(let error)) = failure, error.candidates.isEmpty, !session.json,
      // One that begins so knows already what was meant.
      !(error.hint?.hasPrefix("to ") ?? false),
      let guess = guess(error.name, session)
    else { return failure }
    return .control(
      .refused(ControlError(error.name, error.message, hint: "did you mean \(typed(guess))?")))
  }

  private static func guess(_ name: ErrorName, _ session: Session) -> String? {
    let words = session.invocation
    let places = words.given("TO") + words.given("GROUP")
    let people = places.filter { $0.begins("@") } + words.given("MEMBER")
    switch name {
    case .noSuchGroup:
      guard !places.isEmpty, var client = try? session.connect() else { return nil }
      let groups = (try? client.ask(GroupListCall()))?.groups ?? []
      return nearestName(to: places, in: groups.compactMap { $0.gone == nil ? $0.title : nil })
    case .noSuchMember:
      guard !people.isEmpty, var client = try? session.connect() else { return nil }
      let members = (try? client.ask(MemberListCall(removed: nil)))?.members ?? []
      return nearestName(
        to: people.map { $0.begins("@") ? $0 : "@" + $0 }, in: members.map { "@" + $0.name })
    default: return nil
    }
  }

  /// The name nearest to the first of the words that is the beginning of none.
  private static func nearestName(to words: [String], in names: [String]) -> String? {
    // People are called by their first names too.
    let folded = names.map { $0.lowercased() }
    let first = folded.map { String($0.prefix { $0 != " " }) }
    for word in words.map({ $0.lowercased() })
    where !folded.contains(where: { $0.hasPrefix(word) }) {
      for known in [folded, first] {
        if let near = nearest(to: word, in: known), let index = known.firstIndex(of: near) {
          return names[index]
        }
      }
    }
    return nil
  }
}
