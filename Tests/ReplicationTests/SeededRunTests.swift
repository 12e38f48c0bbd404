import Format
import Replication
import TestSupport
import Testing

/// Offices of four whose nodes, wires and disks misbehave as a number says.
///
/// The number is the test's argument, so a failure names it; the run grows from it alone, keys
/// included.
@Suite struct SeededRunTests {
  @Test(arguments: UInt64(1)...100)
  func `loss, partitions, slow disks and crashes cost nothing that was stored`(seed: UInt64) throws
  {
    try SeededRandomness.from(seed) {
      let office = try SeededOffice(seed: seed)
      try office.misbehave(steps: 80)
      try office.heal()
      #expect(office.crashes + office.cuts + office.lost > 0, "nothing went wrong in this run")
      expectAlike(office.nodes, office.group)
      for node in office.nodes {
        #expect(node.texts(office.group).sorted() == office.stored.sorted())
      }
    }
  }

  @Test(arguments: UInt64(1)...8)
  func `the same number gives the same run`(seed: UInt64) throws {
    func end() throws -> [String] {
      try SeededRandomness.from(seed) {
        let office = try SeededOffice(seed: seed)
        try office.misbehave(steps: 40)
        try office.heal()
        return office.nodes.map { "\(String(describing: $0.replica.digest(of: office.group)))" }
          + office.nodes[0].texts(office.group)
      }
    }
    #expect(try end() == end())
  }
}

/// Four nodes with a wire between any two of them, and what goes wrong there.
final class SeededOffice {
  private(set) var nodes: [MemoryNode]
  let group: GroupID
  private var generator: SeededGenerator
  private var wires: [Pair: Wire] = [:]
  /// What each node wrote that is not known to be durable there yet.
  private var written: [[String]]
  /// What was durable at its author, and so must reach everyone once.
  private(set) var stored: [String] = []
  private(set) var (crashes, cuts, lost) = (0, 0, 0)
  private var isLossy = true
  private var texts = 0

  /// Two nodes by their numbers, the smaller one first.
  private struct Pair: Hashable {
    let a: Int
    let b: Int
  }

  private static let pairs = (0..<4).flatMap { a in (a + 1..<4).map { Pair(a: a, b: $0) } }

  init(seed: UInt64) throws {
    generator = SeededGenerator(seed: seed)
    let anna = MemoryNode.founder()
    group = try everyone(anna)
    nodes = [anna]
    for name in ["Ben", "Cleo", "Dora"] { nodes.append(try admit(by: anna, name: name)) }
    written = nodes.map { _ in [] }
    let star = nodes.dropFirst().map { Wire(anna, $0) }
    settle(nodes, star, rounds: 8)
    for wire in star { wire.cut() }
  }

  /// So many steps in which people write and something fails.
  func misbehave(steps: Int) throws {
    for _ in 0..<steps {
      let number = generator.number(0...3)
      switch generator.number(0...9) {
      case 0...2: try say(number)
      case 3, 4: try toggle(Self.pairs[generator.number(0...Self.pairs.count - 1)])
      case 5: try crash(number)
      case 6: setSlow(number, !nodes[number].storesAtOnce)
      default: carry()
      }
    }
  }

  /// All disks and wires work again, for long enough.
  func heal() throws {
    isLossy = false
    for number in nodes.indices { setSlow(number, false) }
    for pair in Self.pairs where wires[pair] == nil { try toggle(pair) }
    settle(nodes, Self.pairs.compactMap { wires[$0] }, rounds: 60)
  }

  private func say(_ number: Int) throws {
    let new = (0..<generator.number(1...3)).map { "\(texts + $0) of \(number)" }
    texts += new.count
    written[number] += new
    try nodes[number].say(new, in: group)
    note(number)
  }

  /// What its author shows is durable there.
  private func note(_ number: Int) {
    let shown = Set(nodes[number].texts(group))
    stored += written[number].filter(shown.contains)
    written[number].removeAll(where: shown.contains)
  }

  /// Links two nodes, or cuts the wire between them.
  private func toggle(_ pair: Pair) throws {
    if let wire = wires.removeValue(forKey: pair) {
      cuts += 1
      return wire.cut()
    }
    let wire = Wire(nodes[pair.a], nodes[pair.b])
    wire.tamper = { [unowned self] message in
      guard isLossy, generator.oneIn(8) else { return message }
      lost += 1
      return nil
    }
    wires[pair] = wire
  }

  /// The power fails at one node; it starts again with what its disk holds.
  private func crash(_ number: Int) throws {
    crashes += 1
    note(number)
    // Nobody had heard of these.
    written[number] = []
    for pair in Self.pairs where pair.a == number || pair.b == number {
      wires.removeValue(forKey: pair)?.cut()
    }
    nodes[number] = nodes[number].restarted(secrets: try nodes[number].copyOfSecrets())
  }

  private func setSlow(_ number: Int, _ isSlow: Bool) {
    nodes[number].storesAtOnce = !isSlow
    if !isSlow { nodes[number].storeAll() }
    note(number)
  }

  /// One round over all wires, and some time.
  private func carry() {
    for pair in Self.pairs { _ = wires[pair]?.carry() }
    for node in nodes { node.advance(.milliseconds(generator.number(1...2_000))) }
  }
}
