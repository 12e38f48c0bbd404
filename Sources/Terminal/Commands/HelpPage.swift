/// The help of one command, made from the same description that is parsed.
package struct HelpPage: Sendable {
  /// How wide a page is at most.
  package static let columns = 80
  /// How wide the left column of a list may be before its text begins on the next line.
  private static let leftMax = 28

  /// The page of the command with these names below the program; nil if there is none.
  package static func text(of path: [String], in program: Command) -> String? {
    var entered = [program]
    for name in path {
      guard let verb = entered[entered.count - 1].find([name]) else { return nil }
      entered.append(verb)
    }
    return page(entered)
  }

  /// The command that these names were most probably meant to lead to; nil where none is near.
  package static func nearest(to path: [String], in program: Command) -> [String]? {
    var (command, found): (Command, [String]) = (program, [])
    for name in path {
      let names = command.verbs.map(\.name)
      guard let near = names.contains(name) ? name : Terminal.nearest(to: name, in: names),
        let verb = command.find([near])
      else { return nil }
      found.append(near)
      command = verb
    }
    return found
  }

  /// One line that shows how to write a command.
  static func usage(of entered: [Command]) -> String {
    let command = entered[entered.count - 1]
    var parts = entered.map(\.name)
    if command.passesOn { return (parts + ["[ARGUMENT …]"]).joined(separator: " ") }
    if !command.options.isEmpty { parts.append("[OPTIONS]") }
    if !command.verbs.isEmpty {
      parts.append(entered.count == 1 ? "[COMMAND]" : verbWord(command))
    }
    return (parts + command.operands.map(\.spelling)).joined(separator: " ")
  }

  private static func verbWord(_ command: Command) -> String {
    let names = command.verbs.map(\.name).joined(separator: "|")
    return command.defaultVerb == nil ? names : "[\(names)]"
  }

  private static func page(_ entered: [Command]) -> String {
    let command = entered[entered.count - 1]
    let name = entered.map(\.name).joined(separator: " ")
    var sections = ["\(name) - \(command.abstract)\n"]
    sections.append("Usage: \(usage(of: entered))\n")
    sections += command.paragraphs.map { paragraph in
      wrapped(paragraph, columns: columns).joined(separator: "\n") + "\n"
    }
    sections.append(list("Arguments", command.operands.map { ($0.name, $0.abstract) }))
    sections.append(
      list(
        entered.count == 1 ? "Commands" : "Verbs",
        command.verbs.map { verb in
          let isDefault = verb.name == command.defaultVerb
          return (verb.name, verb.abstract + (isDefault ? " (when none is given)" : ""))
        }))
    sections.append(list("Options", command.options.map { ($0.spelling, $0.abstract) }))
    let inherited = entered.dropLast().flatMap(\.options) + [.flag("help", "h", "show this help")]
    sections.append(
      list("Options of every command", inherited.map { ($0.spelling, $0.abstract) }))
    if !command.examples.isEmpty {
      let lines = command.examples.map { "  \($0.line)\n      \($0.effect)\n" }
      sections.append("Examples:\n" + lines.joined())
    }
    return sections.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private static func list(_ title: String, _ rows: [(String, String)]) -> String {
    guard !rows.isEmpty else { return "" }
    let widths = rows.map { displayWidth($0.0) }.filter { $0 <= leftMax }
    let left = widths.max() ?? leftMax
    var text = "\(title):\n"
    for (name, abstract) in rows {
      let width = displayWidth(name)
      let gap = String(repeating: " ", count: left + 4)
      var lines = wrapped(abstract, columns: columns - left - 4)[...]
      if width <= left {
        let space = String(repeating: " ", count: left - width + 2)
        text += "  \(name)\(space)\(lines.popFirst() ?? "")\n"
      } else {
        text += "  \(name)\n"
      }
      for line in lines { text += gap + line + "\n" }
    }
    return text
  }
}
