// sightings: shows what discovery sees, and announces this host.
//
// usage: sightings [--port NUMBER] [--office WORD] [--every-link]
//
// A line for every event; commands on standard input: `announce NUMBER`, `withdraw`, `refresh`,
// `status`, `stop`. The end of the input stops it too. For `Tools/lan` and for a look at a LAN.

import Discovery
import Glibc
import Platform
import Synchronization

let clock = LinuxClock()
let began = clock.now()

/// Prints a line at once, with the milliseconds since the start before it.
@Sendable func say(_ text: String) {
  let line = "\((clock.now() - began).wholeNanoseconds / 1_000_000) \(text)\n"
  let bytes = Array(line.utf8)
  // A reader that has gone is no reason to stay: the next command ends the program.
  _ = unsafe write(STDOUT_FILENO, bytes, bytes.count)
}

func refuse(_ text: String) -> Never {
  let bytes = Array("sightings: error: \(text)\n".utf8)
  _ = unsafe write(STDERR_FILENO, bytes, bytes.count)
  exit(2)
}

/// A toy hint: enough to tell one office of a story from another.
@Sendable func hint(of office: String, salt: [UInt8]) -> [UInt8] {
  var number: UInt64 = 0xcbf2_9ce4_8422_2325
  for byte in Array(office.utf8) + salt { number = (number ^ UInt64(byte)) &* 0x100_0000_01b3 }
  return (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
}

func describe(_ event: DiscoveryEvent) -> String {
  switch event {
  case .sighted(let sighting):
    "sighted \(sighting.place.instance) \(sighting.interfaceName) \(sighting.address) "
      + (sighting.isRecognised ? "recognised" : "stranger")
  case .lost(let place): "lost \(place.instance) \(place.overIPv6 ? "IPv6" : "IPv4")"
  case .state(let state): "state: \(state.text)"
  case .publication(let state): "publication: \(state.text)"
  }
}

func describe(_ status: DiscoveryStatus) -> String {
  "status: \(status.state.text); \(status.publication.text); sightings \(status.sightings), "
    + "waiting \(status.waiting), ignored \(status.ignored), crowded out \(status.crowdedOut)"
}

var port: UInt16?
var office = "office"
var interfaces = InterfaceFilter.physical(and: [])
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
  switch argument {
  case "--port":
    guard let number = arguments.popFirst().flatMap(UInt16.init), number > 0 else {
      refuse("--port needs a number from 1 to 65535")
    }
    port = number
  case "--office":
    guard let word = arguments.popFirst() else { refuse("--office needs a word") }
    office = word
  case "--every-link": interfaces = .everyLink
  default: refuse("unknown option \(argument.debugDescription)")
  }
}

let chosenOffice = office
func publication(_ port: UInt16) -> Publication {
  let salt = LinuxEntropy().bytes(8)
  let announcement = Announcement(salt: salt, hint: hint(of: chosenOffice, salt: salt))
  return Publication(port: port, announcement: announcement)
}

let configuration = DiscoveryConfiguration(
  interfaces: interfaces, clock: clock, entropy: LinuxEntropy()
) { $0.hint == hint(of: chosenOffice, salt: $0.salt) }
do {
  let discovery = try DiscoveryThread(configuration: configuration) { say(describe($0)) }
  if let port { discovery.announce(publication(port)) }
  commands: while let line = readLine() {
    let words = line.split(separator: " ")
    switch words.first {
    case "announce":
      guard words.count == 2, let number = UInt16(words[1]), number > 0 else {
        refuse("announce needs a port")
      }
      discovery.announce(publication(number))
    case "withdraw": discovery.announce(nil)
    case "refresh": discovery.refresh()
    case "status": say(describe(discovery.status))
    case "stop": break commands
    default: refuse("unknown command \(line.debugDescription)")
    }
  }
  let asked = clock.now()
  discovery.stop()
  say("stopped after \((clock.now() - asked).wholeNanoseconds / 1_000_000) ms")
} catch {
  refuse("\(error)")
}
