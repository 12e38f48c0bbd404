internal import Format
package import TestSupport

/// What a run is made of; drawn from its seed, and printed with it.
package struct Plan {
  package var hosts: Int
  /// How many of the hosts are boxes that keep everything.
  package var keepers: Int
  /// How long people write while things go wrong.
  package var minutes: Int
  /// What may go wrong, each with how often in a hundred seconds.
  package var powerCuts: Int
  package var kills: Int
  package var stops: Int
  package var partitions: Int
  package var sleeps: Int
  package var clockJumps: Int
  package var slowDisks: Int
  package var fullDisks: Int
  package var failedWrites: Int
  package var slowNetwork: Bool

  /// A plan of one's own of those that are possible.
  package init(drawing chance: inout SeededGenerator) {
    hosts = chance.number(3...7)
    keepers = chance.number(0...min(2, hosts - 2))
    minutes = chance.number(3...12)
    func often(_ most: Int) -> Int { chance.oneIn(3) ? 0 : chance.number(1...most) }
    powerCuts = often(5)
    kills = often(5)
    stops = often(4)
    partitions = often(6)
    sleeps = often(3)
    clockJumps = often(3)
    slowDisks = often(4)
    fullDisks = often(2)
    failedWrites = often(2)
    slowNetwork = chance.oneIn(4)
  }

  package var description: String {
    "\(hosts) hosts (\(keepers) keepers), \(minutes) min, in 100 s: \(powerCuts) power cuts, "
      + "\(kills) kills, \(stops) stops, \(partitions) partitions, \(sleeps) sleeps, "
      + "\(clockJumps) clock jumps, \(slowDisks) slow disks, \(fullDisks) full disks, "
      + "\(failedWrites) failed writes\(slowNetwork ? ", a slow network" : "")"
  }
}
