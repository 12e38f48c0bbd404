/// Longer histories than a search can reach, of everything at once: each grows from a number.
struct Wander {
  let opening: History
  let alphabet: Alphabet
  /// How many entries stand behind the opening.
  let length: Int

  /// A history whose entries are all right at their places.
  func history(seed: UInt64) -> History {
    var generator = SeededGenerator(seed: seed)
    var history = opening
    // Most of what comes to somebody's mind is not its to do.
    for _ in 0..<length * 60 where history.later.count < length {
      if let next = next(history, using: &generator) { history = next }
    }
    return history
  }

  private func next(_ history: History, using generator: inout SeededGenerator) -> History? {
    let authors = history.certificates.filter {
      let device = history.certified($0)?.device ?? 0
      return device >= Cast.count || alphabet.authors.contains(device)
    }
    guard let certificate = authors.randomElement(using: &generator),
      let device = history.certified(certificate)?.device
    else { return nil }
    var seen = history.opening
    for entry in history.later where Bool.random(using: &generator) {
      seen = seen.union(history.entries[entry].past).adding(entry)
    }
    guard seen.contains(certificate),
      let act = alphabet.acts(history, device, seen).randomElement(using: &generator)
    else { return nil }
    let places = Places(history)
    guard let past = places.past(seen, act),
      let spot = places.spots(certificate, act, past, alphabet).randomElement(using: &generator)
    else { return nil }
    var next = history
    next.append(
      act, by: device, under: certificate, in: spot.series, past: past, after: spot.after)
    return places.isAdmitted(next) ? next : nil
  }
}
