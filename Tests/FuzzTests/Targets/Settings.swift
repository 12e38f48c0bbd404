import Daemon
import Format
import Launch
import Platform
import Terminal

/// The configuration file.
enum Settings {
  static let target = FuzzTarget(
    name: "configuration", kind: .decoder,
    abstract: "a configuration that is read says the same once written; a mistake names its line",
    reaches: ["Daemon/Configuration", "Platform", "Terminal", "Launch"], sizeMax: 1_024,
    seeds: { seeds() }, run: { try run($0) })

  private static func seeds() -> [[UInt8]] {
    let lines = [
      "home = /a", "state=/b", "socket = /c\r", "socket-group = zuruf", "port = 47474",
      "seed = 10.2.0.17", "seed = [2001:db8::1]:1", "seed = host.example:2", "discovery = no",
      "interface = br0 # a comment", "ticket-file = /d", "page-port = 1", "",
    ]
    return lines.map { Array($0.utf8) }
      + [Array(lines.joined(separator: "\n").utf8), [0xef, 0xbb, 0xbf] + Array("port = 1".utf8)]
  }

  static func run(_ bytes: [UInt8]) throws {
    var settings = Configuration()
    do throws(Configuration.Mistake) {
      try settings.read(bytes)
    } catch {
      let lines = bytes.count { $0 == 0x0a } + 1
      try need((1...lines).contains(error.line), "a mistake is in line \(error.line) of \(lines)")
      try needHarmless(escaped(error.description, .shown), "a mistake in a configuration")
      return
    }
    var again = Configuration()
    do throws(Configuration.Mistake) {
      try again.read(Array(text(settings).utf8))
    } catch {
      throw Found("a configuration that was read is refused once written: \(error)")
    }
    try need(text(again) == text(settings), "a configuration says something else again")
    try need(again.seeds == settings.seeds, "seeds are others once written")
  }

  /// The settings as lines of a file.
  private static func text(_ settings: Configuration) -> String {
    let single: [(String, String?)] = [
      ("home", settings.home), ("state", settings.stateDirectory), ("socket", settings.socket),
      ("socket-group", settings.socketGroup), ("ticket-file", settings.ticketFile),
      ("port", settings.port.map { String($0) }),
      ("page-port", settings.pagePort.map { String($0) }),
      ("discovery", settings.usesDiscovery ? "yes" : "no"),
    ]
    let lines =
      single.compactMap { key, value in value.map { "\(key) = \($0)" } }
      + settings.seeds.map { "seed = \($0)" } + settings.interfaces.map { "interface = \($0)" }
    return lines.joined(separator: "\n")
  }
}

/// Finds what would act on the terminal of whoever reads a text: lines may end, and nothing else.
func needHarmless(_ text: String, _ what: String) throws(Found) {
  for scalar in text.unicodeScalars {
    switch scalar.value {
    case 0x0a, 0x20..<0x7f: break
    case 0..<0x20, 0x7f..<0xa0, 0x2028, 0x2029, 0x202a...0x202e, 0x2066...0x2069:
      throw Found("\(what) has a control character in it: \(String(scalar.value, radix: 16))")
    default: break
    }
  }
}
