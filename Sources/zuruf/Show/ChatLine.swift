import Control
import Terminal

/// The messages of a chat that can be answered, of those that were shown.
struct Answerable {
  private var entries: [HexIdentifier] = []
  /// The newest that somebody else wrote.
  private(set) var newest: HexIdentifier?

  init(_ messages: [MessageInfo]) {
    for message in messages { note(message) }
  }

  mutating func note(_ message: MessageInfo) {
    guard message.text != nil else { return }
    if entries.count == LastShown.most { entries.removeFirst() }
    entries.append(message.entry)
    if !message.own { newest = message.entry }
  }

  /// The one whose number begins so, in digits enough to be no word; nil for none or several.
  fileprivate func called(_ word: Substring) -> HexIdentifier? {
    let digits = word.lowercased()
    guard digits.utf8.count >= 4 else { return nil }
    let found = Set(entries.filter { $0.text.hasPrefix(digits) })
    return found.count == 1 ? found.first : nil
  }
}

/// What a line means that a person typed into a chat.
enum ChatLine: Equatable {
  case text(String, reply: HexIdentifier?)
  /// Nil takes back what was shown.
  case sign(String?, to: HexIdentifier)
  case quit
  /// Why nothing comes of it.
  case mistake(String)

  init(_ line: String, _ answerable: Answerable) {
    guard line.hasPrefix("/"), !line.hasPrefix("//") else {
      self = .text(line.hasPrefix("//") ? String(line.dropFirst()) : line, reply: nil)
      return
    }
    let words = line.split(separator: " ", maxSplits: 1)
    switch words.first {
    case "/quit" where words.count == 1: self = .quit
    case "/reply", "/react":
      var rest = words.count > 1 ? trimmed(String(words[1])) : ""
      let first = rest.split(separator: " ", maxSplits: 1)
      let called = first.first.flatMap { answerable.called($0) }
      if called != nil { rest = first.count > 1 ? trimmed(String(first[1])) : "" }
      guard let entry = called ?? answerable.newest else {
        self = .mistake("\(quoted(line)) was not sent: there is nothing here yet to answer")
        return
      }
      if words.first == "/react" {
        self = .sign(rest.isEmpty ? nil : rest, to: entry)
      } else {
        self =
          rest.isEmpty
          ? .mistake("\(quoted(line)) was not sent: write the answer behind it")
          : .text(rest, reply: entry)
      }
    default:
      self = .mistake(
        "\(quoted(line)) was not sent; /reply TEXT answers, /react SIGN shows a sign, /quit ends, and "
          + "a line that begins with // is sent with one /")
    }
  }
}
