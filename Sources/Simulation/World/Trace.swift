internal import Format
import Platform

/// What happened in a world, a line for each event with a column for each host, and a sum of all of it:
/// two runs of one seed have the same.
package struct Trace {
  /// What stands in the column of the host where it happened.
  enum Sign: Character {
    case happens = "*"
    /// Its node said that something is durable.
    case sent = "+"
    /// Its node wrote a line into its log.
    case logs = "!"
    /// Another part of the run begins.
    case begins = "="
  }

  /// What the reader of a trace has to know.
  package static let legend = [
    "A line: seconds since the world began, a column for each computer, the computer, what happened there.",
    "  *  something happens to it, or somebody wants something there   !  its node writes this into its log",
    "  +  its node said \"sent\" of a message that is durable: none of these may be lost, doubled or changed",
    "  .  a node runs   -  none does   ~  it sleeps   L  somebody lies there   S  a stranger's   x  gone for good",
    "2 P3 sent \"Büro 17\" (3f2a91bc, d65e3d99:19): P3 at computer 2; the run's 17th message, in the group Büro; as the",
    "entry 3f2a91bc, which is the 19th of feed d65e3d99. Entries, feeds, devices and groups go by their first digits.",
    "What a node logs again within a minute is left out. \"FAULT\" must never be; the first one ends the run.",
  ]

  /// Lines are kept only where somebody wants to look at them.
  package let isKept: Bool
  package private(set) var lines: [String] = []
  /// Hears the lines as they grow: what is added to one stands behind it, and the end of one before the next.
  package var tell: ((String) -> Void)?
  /// FNV-1a over all events, those that no line shows, too.
  package private(set) var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  /// How many events were noted, also those that no line shows.
  private(set) var events = 0
  /// What the last line says, to which an answer may be added.
  private var last: (host: Int?, text: String)?
  /// When what a node logs was last shown, by the host and its words.
  private var logged: [String: Moment] = [:]

  package init(isKept: Bool) { self.isKept = isKept }

  /// Whether anybody sees lines.
  var isShown: Bool { isKept || tell != nil }

  /// Notes what happened at a host, or to the world where it is nil. `columns`: what stands there for each
  /// host where nothing happens to it.
  mutating func note(
    _ moment: Moment, _ host: Int?, _ sign: Sign, _ text: String, _ columns: () -> [Character]
  ) {
    events += 1
    count(UInt64(moment.nanoseconds))
    count(UInt64(host ?? .max))
    for byte in text.utf8 { count(byte) }
    if isShown { show(moment, host, sign, Self.shortened(text), columns()) }
  }

  /// Adds a number to the sum alone.
  mutating func count(_ number: UInt64) {
    for shift in 0..<8 { count(UInt8(truncatingIfNeeded: number >> (8 * UInt64(shift)))) }
  }

  private mutating func count(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }

  private mutating func show(
    _ moment: Moment, _ host: Int?, _ sign: Sign, _ text: String, _ columns: [Character]
  ) {
    if let last, last.host == host, text.hasPrefix(last.text + ": ") {
      let answer = String(text.dropFirst(last.text.count))
      self.last = (host, text)
      if isKept { lines[lines.count - 1] += answer }
      tell?(answer)
      return
    }
    if sign == .logs {
      let words = "\(host ?? -1) \(text)"
      if let shown = logged[words], moment < shown + .seconds(60) { return }
      logged[words] = moment
    }
    last = (host, text)
    if sign == .begins {
      let numbers = columns.indices.map { " \($0 % 10)" }.joined()
      add("     =====\(numbers)  \(text)", at: moment)
    } else {
      var signs = columns
      if let host, signs.indices.contains(host) { signs[host] = sign.rawValue }
      let whole = signs.map { " \($0)" }.joined()
      add(seconds(moment) + whole + "  " + (host.map { "\($0) " } ?? "") + text, at: moment)
    }
  }

  private mutating func add(_ line: String, at moment: Moment) {
    if isKept { lines.append(line) }
    tell?("\n" + line)
  }

  /// With names of many digits cut to as many as tell them apart.
  private static func shortened(_ text: String) -> String {
    var (out, digits) = ("", "")
    for character in text + " " {
      if character.isHexDigit {
        digits.append(character)
      } else {
        out += digits.count >= 32 ? String(digits.prefix(8)) : digits
        out.append(character)
        digits = ""
      }
    }
    return String(out.dropLast())
  }

  private func seconds(_ moment: Moment) -> String {
    let milliseconds = moment.nanoseconds / 1_000_000
    let fraction = String(1_000 + milliseconds % 1_000).dropFirst()
    let whole = String(milliseconds / 1_000)
    return String(repeating: " ", count: max(0, 6 - whole.count)) + whole + "." + fraction
  }
}

extension Host {
  /// What stands in its column of a trace while nothing happens to it.
  var column: Character {
    if isOver { return "x" }
    if liar != nil { return "L" }
    if stranger != nil { return "S" }
    return node == nil ? "-" : isAsleep ? "~" : "."
  }
}
