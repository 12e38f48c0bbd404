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
    let folded = names.map { $0.lowercased() }
    for typed in words.map({ $0.lowercased() })
    where !folded.contains(where: { $0.hasPrefix(typed) }) {
      let word = plain(typed)
      let whole = folded.map { plain($0) }
      // People are called by their first names too, and groups by any word of their titles.
      let parts = whole.enumerated().flatMap { index, name in
        name.split(separator: " ").map { (index, name.begins("@") ? afterSign($0) : String($0)) }
      }
      if let near = nearest(to: word, in: whole), let index = whole.firstIndex(of: near) {
        return names[index]
      }
      if let near = nearest(to: word, in: parts.map(\.1)),
        let part = parts.first(where: { $0.1 == near })
      {
        return names[part.0]
      }
    }
    return nil
  }

  /// The sign of people before each word of their names, as it is typed.
  private static func afterSign(_ word: Substring) -> String {
    word.begins("@") ? String(word) : "@" + word
  }

  /// A name as somebody types it who has no such letters on the keyboard.
  private static func plain(_ name: String) -> String {
    let letters: [Character: String] = ["ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"]
    return name.map { letters[$0] ?? String($0) }.joined()
  }
}
