import Platform
import Terminal

/// How commands in hints are typed for the node that this command speaks to.
///
/// Whoever named the socket of a node must name it again, or the next command asks another node.
struct Spelling {
  private let options: [UInt8]
  /// What stands before a command that is for somebody at another computer, whose node has its own
  /// socket.
  private static let elsewhere = [
    "on the other computer: ", "on that computer: ", "on a computer of that owner: ",
    "on a computer of an admin: ", "another owner types: ", "must agree: ",
  ].map { Array($0.utf8) }
  private static let program = Array("zuruf".utf8)
  private static let verbs = Set(CommandLineProgram.description.verbs.map(\.name))

  /// Commands as they are; or, where a socket was named, with it.
  init(socket: String?) {
    options = socket.map { Array(" --socket \(shellWord(escaped($0, .shown)))".utf8) } ?? []
  }

  /// The text with every command in it as it is to be typed: `zuruf` and a verb, or `"zuruf"`.
  func spelled(_ text: String) -> String {
    guard !options.isEmpty else { return text }
    let bytes = Array(text.utf8)
    var spelled: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let end = index + Self.program.count
      guard bytes[index...].starts(with: Self.program), isCommand(bytes, index, end) else {
        spelled.append(bytes[index])
        index += 1
        continue
      }
      spelled += Self.program + options
      index = end
    }
    return String(decoding: spelled, as: UTF8.self)
  }

  private func isCommand(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Bool {
    if Self.elsewhere.contains(where: { bytes[..<start].suffix($0.count).elementsEqual($0) }) {
      return false
    }
    let before = start > 0 ? bytes[start - 1] : 0x20
    let quote = UInt8(ascii: "\"")
    if end < bytes.count, bytes[end] == quote { return before == quote }
    guard [0x20, 0x0A, quote, UInt8(ascii: "(")].contains(before), end < bytes.count,
      bytes[end] == 0x20
    else { return false }
    let word = bytes[(end + 1)...].prefix { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
    return Self.verbs.contains(String(decoding: word, as: UTF8.self))
  }
}
