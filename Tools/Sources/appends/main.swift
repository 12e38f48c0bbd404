// appends: durable own messages at the daemon's append call, without socket and JSON.
//
// usage: appends HOME STATE CALLERS COUNT GROUP
//
// HOME and STATE are those of a node that is not running and belongs to an office. Each caller
// sends its next message of 205 bytes when the former is durable. Prints the seconds it took. For
// `Tools/bench`.

import Control
import Daemon
import Glibc
import Platform

func refuse(_ text: String) -> Never {
  let bytes = Array("appends: error: \(text)\n".utf8)
  _ = unsafe write(STDERR_FILENO, bytes, bytes.count)
  exit(1)
}

let words = CommandLine.arguments.dropFirst()
guard words.count == 5, let callers = Int(words[3]), let count = Int(words[4]), callers > 0,
  count > 0
else {
  refuse("usage: appends HOME STATE CALLERS COUNT GROUP")
}

/// A message of 205 bytes, each another.
func text(_ number: Int) -> String {
  let digits = String(number)
  let sentence = "Wo liegt der Lieferschein fuer die Presse in Halle 3? "
  let whole = String(repeating: "0", count: max(0, 8 - digits.count)) + digits + " "
  return String((whole + sentence + sentence + sentence + sentence).prefix(205))
}

/// The callers: how many messages were begun and how many are durable.
final class Callers {
  let node: NodeLoop
  let group: String
  let count: Int
  /// Made before the time is taken.
  let texts: [String]
  var begun = 0
  var done = 0

  init(_ node: NodeLoop, group: String, count: Int) {
    (self.node, self.group, self.count) = (node, group, count)
    texts = (1...count).map(text)
  }

  func next() {
    guard begun < count else { return }
    begun += 1
    node.send(SendCall(to: group, text: texts[begun - 1], id: nil)) { [self] result in
      if case .failure(let error) = result { refuse(error.message) }
      done += 1
      next()
    }
  }
}

do {
  var configuration = Configuration()
  configuration.home = words[1]
  configuration.stateDirectory = words[2]
  configuration.socket = words[1] + "/appends"
  configuration.usesDiscovery = false
  let node = try NodeLoop(configuration, Environment.current())
  try node.openOffice()
  let work = Callers(node, group: words[5], count: count)
  let clock = LinuxClock()
  let began = clock.now()
  for _ in 0..<callers { work.next() }
  var events: [PollEvent] = []
  while work.done < count { try node.turn(&events) }
  let took = clock.now() - began
  print(Double(took.wholeNanoseconds) / 1e9)
  node.stop()
} catch let fatal as Fatal {
  refuse(fatal.text)
} catch {
  refuse("\(error)")
}
