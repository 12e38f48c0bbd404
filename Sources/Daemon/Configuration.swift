import Format
import Platform

/// What the configuration file and the command line say.
package struct Configuration: Sendable {
  /// Where the data lies.
  package var home: String?
  package var stateDirectory: String?
  package var socket: String?
  /// Opens the socket to members of this Unix group (a system service).
  package var socketGroup: String?
  /// Nil: the default port, or the next free one.
  package var port: UInt16?
  package var seeds: [String] = []
  package var usesDiscovery = true
  /// Interfaces to look for others on that would be passed over as virtual.
  package var interfaces: [String] = []
  package var ticketFile: String?
  /// The page's port; nil: the default port, or the next free one.
  package var pagePort: UInt16?
  /// How long a browser may take over a request; nil: as long as the limits say.
  package var pageSeconds: Int?

  package init() {}

  /// What is wrong in a configuration file, with the line it is in.
  package struct Mistake: Error, Hashable, Sendable, CustomStringConvertible {
    package let line: Int
    package let text: String
    package var description: String { "line \(line): \(text)" }
  }

  /// Takes in a configuration file: `key = value` lines, `#` begins a comment.
  package mutating func read(_ file: [UInt8]) throws(Mistake) {
    // Some editors begin a file with a mark of its encoding.
    let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    let bytes = file.starts(with: mark) ? file[mark.count...] : file[...]
    guard let whole = Format.text(Array(bytes)) else {
      throw Mistake(line: 1, text: "the file is not UTF-8")
    }
    var seen: Set<String> = []
    // By its bytes: "\r\n" is one character, which is no "\n".
    let lines = whole.utf8.split(separator: 0x0a, omittingEmptySubsequences: false)
    for (index, raw) in lines.enumerated() {
      let line = trimmed(Substring(raw.prefix { $0 != 0x23 }))
      if line.isEmpty { continue }
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        throw Mistake(line: index + 1, text: "no \"=\" in \"\(line)\"")
      }
      let (key, value) = (trimmed(parts[0]), trimmed(parts[1]))
      guard !value.isEmpty else {
        throw Mistake(line: index + 1, text: "\"\(key)\" has no value")
      }
      guard key == "seed" || key == "interface" || seen.insert(key).inserted else {
        throw Mistake(line: index + 1, text: "\"\(key)\" stands twice")
      }
      try set(key, value, line: index + 1)
    }
  }

  private mutating func set(_ key: String, _ value: String, line: Int) throws(Mistake) {
    switch key {
    case "home": home = try path(value, key, line)
    case "state": stateDirectory = try path(value, key, line)
    case "socket": socket = try path(value, key, line)
    case "socket-group": socketGroup = value
    case "ticket-file": ticketFile = try path(value, key, line)
    case "port": port = try number(value, key, line)
    case "page-port": pagePort = try number(value, key, line)
    case "seed":
      guard (try? Endpoint(parsing: value, defaultPort: Limits.defaultPort)) != nil else {
        throw Mistake(line: line, text: "\"\(value)\" is no address of a seed")
      }
      seeds.append(value)
    case "interface": interfaces.append(value)
    case "discovery":
      guard value == "yes" || value == "no" else {
        throw Mistake(line: line, text: "\"discovery\" is yes or no, not \"\(value)\"")
      }
      usesDiscovery = value == "yes"
    default:
      throw Mistake(
        line: line,
        text: "no setting is called \"\(key)\"; known are \(Self.keys.joined(separator: ", "))")
    }
  }

  /// Every setting, in the order of the commented file.
  package static let keys = [
    "home", "state", "socket", "socket-group", "port", "seed", "discovery", "interface",
    "ticket-file", "page-port",
  ]

  private func number(_ value: String, _ key: String, _ line: Int) throws(Mistake) -> UInt16 {
    guard let number = UInt16(value), number > 0 else {
      throw Mistake(line: line, text: "\"\(key)\" is a number from 1 to 65535, not \"\(value)\"")
    }
    return number
  }

  private func path(_ value: String, _ key: String, _ line: Int) throws(Mistake) -> String {
    guard value.utf8.first == 0x2f else {
      throw Mistake(line: line, text: "\"\(key)\" is a path from the root, not \"\(value)\"")
    }
    return value
  }
}

private func trimmed(_ text: Substring) -> String {
  let blanks: Set<Character> = [" ", "\t", "\r"]
  let start = text.drop { blanks.contains($0) }
  guard let last = start.lastIndex(where: { !blanks.contains($0) }) else { return "" }
  return String(start[...last])
}
