import Authority
import Cryptography
import Format
import Replication
import Testing

/// An office with a group, and Ben's computer, of which there are copies.
struct ForkOffice {
  let anna: MemoryNode
  let ben: MemoryNode
  let group: GroupID
  private let others: [String: MemoryNode]

  /// Ben wrote as many messages before he was copied, to members who were there already.
  init(said: Int = 2) throws {
    anna = MemoryNode.founder()
    group = try everyone(anna)
    ben = try admit(by: anna, name: "Ben")
    var others: [String: MemoryNode] = [:]
    for name in ["Cleo", "Dora", "Emil"] { others[name] = try admit(by: anna, name: name) }
    self.others = others
    let wire = Wire(anna, ben)
    settle([anna, ben], [wire], rounds: 4)
    for number in 0..<said { try ben.say("before \(number)", in: group) }
    settle([anna, ben], [wire], rounds: 4)
    wire.cut()
  }

  func copy() throws -> MemoryNode { ben.restarted(secrets: try ben.copyOfSecrets()) }

  /// Another member who holds all that was before.
  func member(_ name: String) throws -> MemoryNode {
    let node = try #require(others[name])
    try meet(anna, node)
    return node
  }
}

/// Links two nodes until they have told each other all.
func meet(_ a: MemoryNode, _ b: MemoryNode, rounds: Int = 6) throws {
  let wire = Wire(a, b)
  settle([a, b], [wire], rounds: rounds)
  wire.cut()
}

/// All nodes hold the same entries under the same names, and no link was closed for a violation.
func expectAlike(
  _ nodes: [MemoryNode], _ group: GroupID, sourceLocation: SourceLocation = #_sourceLocation
) {
  for node in nodes {
    #expect(node.entries(group) == nodes[0].entries(group), sourceLocation: sourceLocation)
    #expect(
      node.replica.digest(of: group) == nodes[0].replica.digest(of: group),
      sourceLocation: sourceLocation)
    #expect(
      node.texts(group).count == nodes[0].texts(group).count, sourceLocation: sourceLocation)
    #expect(node.brokenRules.isEmpty, sourceLocation: sourceLocation)
  }
}

@Suite struct ForkTests {
  @Test(arguments: [false, true])
  func `nodes with different branches end alike through a third`(isSwapped: Bool) throws {
    let office = try ForkOffice()
    let (cleo, dora) = (try office.member("Cleo"), try office.member("Dora"))
    let copy = try office.copy()
    for number in 0..<3 { try office.ben.say("first \(number)", in: office.group) }
    for number in 0..<2 { try copy.say("second \(number)", in: office.group) }
    try meet(office.anna, office.ben)
    try meet(cleo, copy)
    let order = isSwapped ? [cleo, office.anna] : [office.anna, cleo]
    for node in order { try meet(dora, node) }
    try meet(dora, order[0])
    expectAlike([office.anna, cleo, dora], office.group)
    #expect(dora.hasFoundFork && office.anna.hasFoundFork && cleo.hasFoundFork)
    #expect(
      dora.texts(office.group).sorted() == [
        "before 0", "before 1", "first 0", "first 1", "first 2", "second 0", "second 1",
      ])
    #expect(dora.entries(office.group).keys.count { !$0.branch.isZero } == 2)
  }

  @Test(arguments: 1...4)
  func `a feed may part after any entry`(said: Int) throws {
    let office = try ForkOffice(said: said)
    let (cleo, copy) = (try office.member("Cleo"), try office.copy())
    try office.ben.say("first", in: office.group)
    try copy.say("second", in: office.group)
    try meet(office.anna, office.ben)
    try meet(cleo, copy)
    try meet(office.anna, cleo)
    expectAlike([office.anna, cleo], office.group)
    #expect(cleo.texts(office.group).count == said + 2)
  }

  @Test func `three branches, and one that parts again`() throws {
    let office = try ForkOffice()
    let nodes = try ["Cleo", "Dora", "Emil"].map { try office.member($0) }
    let (second, third) = (try office.copy(), try office.copy())
    try office.ben.say("first", in: office.group)
    let fourth = try office.copy()
    try office.ben.say("first again", in: office.group)
    try second.say("second", in: office.group)
    try third.say("third", in: office.group)
    try fourth.say("fourth", in: office.group)
    for (node, writer) in zip([office.anna] + nodes, [office.ben, second, third, fourth]) {
      try meet(node, writer)
    }
    let all = [office.anna] + nodes
    for node in all { node.tellsForks = false }
    for _ in 0..<3 { for node in nodes { try meet(office.anna, node) } }
    expectAlike(all, office.group)
    #expect(nodes[2].texts(office.group).count == 7)
    // Four heads, and the stretch that two of them share.
    #expect(nodes[2].entries(office.group).keys.count { !$0.branch.isZero } == 5)
  }

  @Test func `a ninth branch is taken in only where somebody cites it`() throws {
    let office = try ForkOffice()
    let (cleo, dora) = (try office.member("Cleo"), try office.member("Dora"))
    // Dora met one copy, and answered it before anybody knew of another.
    let cited = try office.copy()
    try cited.say("cited", in: office.group)
    try meet(dora, cited)
    try dora.say("I saw that", in: office.group)
    for number in 0..<8 {
      let copy = try office.copy()
      try copy.say("copy \(number)", in: office.group)
      try meet(office.anna, copy)
    }
    let ninth = try office.copy()
    try ninth.say("ninth", in: office.group)
    try meet(office.anna, ninth)
    #expect(office.anna.texts(office.group).count == 10)
    #expect(!office.anna.texts(office.group).contains("ninth"))
    try meet(office.anna, cleo)
    expectAlike([office.anna, cleo], office.group)
    try meet(dora, office.anna, rounds: 40)
    try meet(cleo, office.anna, rounds: 40)
    for node in [office.anna, cleo, dora] {
      #expect(node.texts(office.group).contains("I saw that"))
      #expect(node.texts(office.group).contains("cited"))
      #expect(!node.texts(office.group).contains("ninth"))
      #expect(node.brokenRules.isEmpty)
    }
    expectAlike([office.anna, cleo], office.group)
    // Dora may keep other copies than Anna does; it changes nothing for what people say.
    try office.anna.say("let us go on", in: office.group)
    try meet(office.anna, dora, rounds: 40)
    #expect(dora.texts(office.group).contains("let us go on"))
  }

  @Test func `a fork in long feeds is found in few steps while catching up`() throws {
    let office = try ForkOffice(said: 40)
    let (cleo, copy) = (try office.member("Cleo"), try office.copy())
    for number in 0..<300 { try office.ben.say("first \(number)", in: office.group) }
    try copy.say((0..<200).map { "second \($0)" }, in: office.group)
    try copy.say((0..<200).map { "more \($0)" }, in: office.group)
    try meet(office.anna, office.ben)
    try meet(cleo, copy)
    try meet(office.anna, cleo)
    expectAlike([office.anna, cleo], office.group)
    #expect(cleo.texts(office.group).count == 740)
  }

  @Test func `a fork is found while both copies write on and push live`() throws {
    let office = try ForkOffice()
    let (cleo, copy) = (try office.member("Cleo"), try office.copy())
    let wires = [Wire(office.anna, office.ben), Wire(cleo, copy), Wire(office.anna, cleo)]
    let nodes = [office.anna, cleo, office.ben, copy]
    settle(nodes, wires, rounds: 4)
    try office.ben.say("first", in: office.group)
    try copy.say("second", in: office.group)
    settle(nodes, wires, rounds: 40)
    expectAlike(nodes, office.group)
    #expect(office.ben.hasClosedOwnFeed && copy.hasClosedOwnFeed)
    #expect(office.ben.replica.isForked && copy.replica.isForked)
    #expect(cleo.texts(office.group).count == 4)
  }

  @Test func `a restart at any time finds the same branches again`() throws {
    let office = try ForkOffice()
    let (cleo, copy) = (try office.member("Cleo"), try office.copy())
    for number in 0..<3 { try office.ben.say("first \(number)", in: office.group) }
    for number in 0..<3 { try copy.say("second \(number)", in: office.group) }
    try meet(office.anna, office.ben)
    try meet(cleo, copy)
    let wire = Wire(office.anna, cleo)
    // Every record group that became durable on the way may be the last one.
    for node in [office.anna, cleo] { node.tellsForks = false }
    let before = office.anna.backup()
    var images = [cleo.backup()]
    var seen = cleo.storedCount
    for _ in 0..<20 {
      if !wire.carry() { for node in [office.anna, cleo] { node.advance(.milliseconds(500)) } }
      if cleo.storedCount > seen {
        seen = cleo.storedCount
        images.append(cleo.backup())
      }
    }
    settle([office.anna, cleo], [wire])
    for image in images {
      let again = cleo.restored(from: image, secrets: try cleo.copyOfSecrets())
      let anna = office.anna.restored(
        from: before, secrets: try office.anna.copyOfSecrets())
      try meet(anna, again)
      expectAlike([office.anna, anna, again], office.group)
    }
    for node in [office.anna, cleo] {
      let again = node.restarted(secrets: try node.copyOfSecrets())
      expectAlike([office.anna, again], office.group)
      let isKnown = again.replica.hasFork(of: office.ben.replica.secrets.device)
      #expect(isKnown)
    }
    #expect(images.count > 1)
  }

  @Test func `a restored backup finds its own newer entries and begins a new feed`() throws {
    let office = try ForkOffice()
    let backup = office.ben.backup()
    try office.ben.say("after the backup", in: office.group)
    try meet(office.anna, office.ben)
    let again = office.ben.restored(from: backup, secrets: try office.ben.copyOfSecrets())
    try meet(office.anna, again)
    #expect(again.hasClosedOwnFeed && !again.replica.isForked)
    try again.say("with a new feed", in: office.group)
    try meet(office.anna, again)
    expectAlike([office.anna, again], office.group)
    #expect(
      again.texts(office.group)
        == ["before 0", "before 1", "after the backup", "with a new feed"])
    #expect(!office.anna.hasFoundFork)
  }

  @Test func `whoever got an own feed from others first and pushes it back closes nothing`() throws
  {
    let anna = MemoryNode.founder()
    _ = try everyone(anna)
    let (ben, cleo) = (try admit(by: anna, name: "Ben"), try admit(by: anna, name: "Cleo"))
    for node in [ben, cleo] { try meet(anna, node) }
    let (slow, fast, between) = (Wire(anna, ben), Wire(anna, cleo), Wire(cleo, ben))
    settle([anna, ben, cleo], [slow, fast, between], rounds: 4)
    let members = [ben.replica.member, cleo.replica.member].sorted()
    let group = try anna.replica.foundGroup(
      .listed, pair: nil, [.groupAdd(members, .member)], wall: anna.wall
    ).group
    anna.drain()
    var echoed = 0
    slow.tamper = { message in
      if case .entries(let entries) = message, entries.head.group == group { echoed += 1 }
      return message
    }
    for wire in [fast, between, slow] { _ = wire.carry() }
    #expect(echoed == 2)
    settle([anna, ben, cleo], [slow, fast, between], rounds: 20)
    try anna.say("in the same feed", in: group)
    settle([anna, ben, cleo], [slow, fast, between], rounds: 4)
    #expect(!anna.hasClosedOwnFeed && anna.replica.ownHeads.count { $0.group == group } == 1)
    expectAlike([anna, ben, cleo], group)
  }

  @Test func `whoever answered one branch is understood by those who had the other`() throws {
    let office = try ForkOffice()
    let (cleo, copy) = (try office.member("Cleo"), try office.copy())
    try office.ben.say("first", in: office.group)
    try copy.say("second", in: office.group)
    try meet(office.anna, office.ben)
    try meet(cleo, copy)
    try office.anna.say("to the first", in: office.group)
    try cleo.say("to the second", in: office.group)
    try meet(office.anna, cleo)
    expectAlike([office.anna, cleo], office.group)
    #expect(office.anna.texts(office.group).contains("to the second"))
    #expect(cleo.texts(office.group).contains("to the first"))
  }
}

@Suite struct SuspensionTests {
  @Test func `one node tells the office, and the next secret leaves the device out`() throws {
    let office = try ForkOffice()
    let (cleo, dora, copy) = (
      try office.member("Cleo"), try office.member("Dora"), try office.copy()
    )
    try office.ben.say("first", in: office.group)
    try copy.say("second", in: office.group)
    try meet(office.anna, office.ben)
    let nodes = [office.anna, cleo, dora, copy]
    let wires = [
      Wire(office.anna, cleo), Wire(office.anna, dora), Wire(cleo, dora), Wire(cleo, copy),
    ]
    settle(nodes, wires, rounds: 40)
    let device = office.ben.replica.secrets.device
    for node in [office.anna, cleo, dora] {
      #expect(node.replica.rosterNow().suspensions.count == 1)
      #expect(node.replica.rosterNow().device(device)?.isSuspended == true)
    }
    try office.anna.say("without Ben", in: office.group)
    settle(nodes, wires, rounds: 10)
    #expect(dora.texts(office.group).contains("without Ben"))
    #expect(copy.texts(office.group).contains("(no key)"))
    expectAlike(nodes, office.group)
  }

  @Test(arguments: [false, true])
  func `a removal keeps one branch, the same on every node`(isSwapped: Bool) throws {
    let office = try ForkOffice()
    let (cleo, copy) = (try office.member("Cleo"), try office.copy())
    try office.ben.say("kept", in: office.group)
    try office.ben.say("kept too", in: office.group)
    try copy.say("left out", in: office.group)
    try meet(office.anna, isSwapped ? copy : office.ben)
    try meet(cleo, isSwapped ? office.ben : copy)
    try meet(office.anna, cleo)
    let device = office.ben.replica.secrets.device
    _ = try office.anna.replica.compose(
      office.anna.replica.office,
      [.control(.remove(.device(device), office.anna.replica.cuts(of: [device])))],
      wall: office.anna.wall)
    office.anna.drain()
    try meet(office.anna, cleo)
    expectAlike([office.anna, cleo], office.group)
    for node in [office.anna, cleo] {
      #expect(node.shown(office.group) == ["before 0", "before 1", "kept", "kept too"])
      let again = node.restarted(secrets: try node.copyOfSecrets())
      #expect(again.shown(office.group) == node.shown(office.group))
    }
  }

  @Test func `control entries of both branches count`() throws {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let (cleo, dora) = (try admit(by: anna, name: "Cleo"), try admit(by: anna, name: "Dora"))
    try meet(anna, cleo)
    try meet(anna, dora)
    let copy = anna.restarted(secrets: try anna.copyOfSecrets())
    let emil = try admit(by: anna, name: "Emil")
    let frida = try admit(by: copy, name: "Frida")
    try meet(anna, cleo)
    try meet(copy, dora)
    try meet(cleo, dora)
    try meet(cleo, dora)
    for node in [cleo, dora] {
      #expect(node.replica.rosterNow().isLive(emil.replica.secrets.device))
      #expect(node.replica.rosterNow().isLive(frida.replica.secrets.device))
    }
    expectAlike([cleo, dora], anna.replica.office)
    try meet(cleo, frida)
    try frida.say("I am in", in: group)
    try meet(frida, dora)
    #expect(dora.texts(group) == ["I am in"])
  }
}
