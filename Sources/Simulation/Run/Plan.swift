internal import Format
package import TestSupport

/// What a run is made of; drawn from its seed, printed with it, and changed by whoever wants less.
package struct Plan: Sendable {
  /// How many computers the office begins with.
  package var hosts: Int
  /// How many of the hosts are boxes that keep everything.
  package var keepers: Int
  /// How long people write while things go wrong.
  package var minutes: Int
  package var slowNetwork: Bool
  /// How many segments the network has.
  package var segments = 1
  package var ways = Ways.bridge
  /// Whether those who lie bring devices along.
  package var bringsDevices = false
  /// What those who lie do besides.
  package var ruses: Set<Ruse> = []
  /// After how many seconds the run ends its process, which no seed draws: the canary of what goes on then.
  package var trap = 0
  /// How often each happens in a hundred seconds; what does not is not there.
  package var rates: [Mishap: Int] = [:]

  /// How what is sent gets from one segment to the others.
  package enum Ways: Int, Sendable {
    /// One computer stands in all of them.
    case bridge
    /// One computer goes from each to the next.
    case carrier
    /// A router leads everywhere; what is announced it lets through nowhere.
    case router
  }

  /// A plan of one's own of those that are possible.
  package init(drawing chance: inout SeededGenerator) {
    hosts = chance.number(3...7)
    keepers = chance.number(0...min(2, hosts - 2))
    minutes = chance.number(3...12)
    slowNetwork = chance.oneIn(4)
    for mishap in Mishap.allCases {
      let (none, of) = mishap.absence
      let rate = chance.number(1...mishap.most)
      if chance.number(1...of) > none { rates[mishap] = rate }
    }
  }

  /// The plan of a seed.
  package init(seed: UInt64) {
    var chance = SeededGenerator(seed: seed)
    self.init(drawing: &chance)
    var bringing = SeededGenerator(seed: seed &+ 0xb21f)
    bringsDevices = bringing.oneIn(3) && rates[.liar] != nil
    var artful = SeededGenerator(seed: seed &+ 0x9b05)
    for ruse in Ruse.allCases where artful.oneIn(5) && rates[.liar] != nil { ruses.insert(ruse) }
    var network = SeededGenerator(seed: seed &+ 0x5e60)
    guard network.oneIn(3) else { return }
    segments = network.number(2...3)
    ways = Ways(rawValue: network.number(0...2)) ?? .bridge
  }

  /// As words of a command line, by which `change` makes this plan of any other.
  package var words: String {
    var words = ["hosts=\(hosts)", "keepers=\(keepers)", "minutes=\(minutes)"]
    words.append("slowNetwork=\(slowNetwork ? 1 : 0)")
    words += ["segments=\(segments)", "ways=\(ways.rawValue)"]
    words.append("bringsDevices=\(bringsDevices ? 1 : 0)")
    for ruse in Ruse.allCases { words.append("\(ruse.rawValue)=\(ruses.contains(ruse) ? 1 : 0)") }
    for mishap in Mishap.allCases { words.append("\(mishap.rawValue)=\(rates[mishap] ?? 0)") }
    if trap > 0 { words.append("trap=\(trap)") }
    return words.joined(separator: " ")
  }

  /// The words that make this plan of another.
  package func words(from other: Plan) -> String {
    let before = Set(other.words.split(separator: " "))
    return words.split(separator: " ").filter { !before.contains($0) }.joined(separator: " ")
  }

  /// Takes one word `name=number`; false where there is none of that name.
  package mutating func change(_ word: String) -> Bool {
    let parts = word.split(separator: "=", maxSplits: 1)
    guard parts.count == 2, let number = Int(parts[1]), number >= 0 else { return false }
    switch parts[0] {
    case "hosts": hosts = min(max(number, 2), 12)
    case "keepers": keepers = number
    case "minutes": minutes = number
    case "trap": trap = number
    case "slowNetwork": slowNetwork = number > 0
    case "bringsDevices": bringsDevices = number > 0
    case "segments": segments = min(max(number, 1), 9)
    case "ways":
      guard let ways = Ways(rawValue: number) else { return false }
      self.ways = ways
    default:
      if let ruse = Ruse(rawValue: String(parts[0])) {
        ruses.remove(ruse)
        if number > 0 { ruses.insert(ruse) }
        break
      }
      guard let mishap = Mishap(rawValue: String(parts[0])) else { return false }
      rates[mishap] = number == 0 ? nil : number
    }
    keepers = min(keepers, hosts - 2)
    return true
  }

  package var description: String {
    let named = Mishap.allCases.compactMap { mishap in
      rates[mishap].map { "\($0) \(mishap.rawValue)" }
    }
    return
      "\(hosts) hosts (\(keepers) keepers), \(minutes) min\(slowNetwork ? ", a slow network" : "")"
      + (bringsDevices ? ", liars with devices" : "")
      + (ruses.isEmpty
        ? ""
        : ", liars with "
          + Ruse.allCases.filter(ruses.contains).map(\.rawValue).joined(separator: " and "))
      + (segments > 1 ? ", \(segments) segments and a \(ways)" : "")
      + "; in 100 s: " + named.joined(separator: ", ")
  }
}
