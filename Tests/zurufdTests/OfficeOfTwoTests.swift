import Control
import Testing

/// Two real nodes on loopback, asked as programs ask them (Protocol/A-control.md).
@Suite(.serialized) struct OfficeOfTwoTests {
  let anna = RealNode()
  let ben = RealNode()

  /// Founds an office on one node and joins it from the other.
  private func join() throws {
    try anna.start()
    try ben.start()
    try anna.found("Werk", "Anna", "a")
    _ = try ben.join(try anna.ticket(), "Ben", "b")
  }

  private func send(_ node: RealNode, _ to: String, _ text: String) throws -> SendCall.Answer {
    try node.ask(SendCall(to: to, text: text, id: nil))
  }

  @Test func `a follower hears of messages, of their way, and who comes and goes`() throws {
    try join()
    var events = try anna.client()
    _ = try events.call(SubscribeCall(group: nil, after: nil))
    #expect(
      try events.next { event in
        if case .caughtUp = event { return true }
        return nil
      })
    _ = try send(ben, "everyone", "from Ben")
    #expect(try events.message("from Ben").member.name == "Ben")
    let sent = try send(anna, "everyone", "from Anna")
    let state = try events.next { event -> DeliveryInfo? in
      guard case .delivery(let delivery) = event, delivery.entry == sent.entry else { return nil }
      return delivery.state
    }
    #expect(state == DeliveryInfo(word: .onDevices, devices: 2, of: 2, everyone: true))
    ben.stop()
    #expect(
      try events.next { event -> Bool? in
        if case .peer(let peer) = event { return peer.linked }
        return nil
      } == false)
    #expect(
      try events.next { event -> DegradedWord? in
        if case .degraded(let state) = event { return state.word }
        return nil
      } == .noPeers)
    #expect(
      try events.next { event -> ChangedList? in
        if case .changed(let list) = event { return list }
        return nil
      } == .devices)
    try ben.start()
    #expect(
      try events.next { event -> Bool? in
        if case .peer(let peer) = event { return peer.linked }
        return nil
      } == true)
    #expect(
      try events.next { event -> DegradedWord? in
        if case .recovered(let word) = event { return word }
        return nil
      } == .noPeers)
  }

  @Test func `pages of all groups join without a gap and without a repeat`() throws {
    try anna.start()
    try anna.found("Werk", "Anna", "a")
    _ = try anna.ask(GroupNewCall(title: "Werkstatt", purpose: nil, members: []))
    var sent: [String] = []
    for number in 0..<11 {
      sent.append("message \(number)")
      _ = try send(anna, number % 3 == 0 ? "Werkstatt" : "everyone", "message \(number)")
    }
    var pages: [[MessageInfo]] = []
    var before: HexIdentifier?
    repeat {
      let page = try anna.ask(
        ReadCall(group: nil, limit: 3, sinceMs: nil, untilMs: nil, before: before))
      pages.append(page.messages)
      before = page.more ? page.messages.first?.cursor : nil
    } while before != nil && pages.count < 20
    let read = pages.reversed().flatMap { $0 }
    let whole = try anna.ask(
      ReadCall(group: nil, limit: 100, sinceMs: nil, untilMs: nil, before: nil))
    #expect(read.map(\.entry) == whole.messages.map(\.entry))
    #expect(Set(read.compactMap(\.text)) == Set(sent))
    #expect(read.count == sent.count)
  }

  @Test func `who follows a person hears what the two write, how far it came, and nothing else`()
    throws
  {
    try join()
    var events = try anna.client()
    // Nobody has written yet.
    #expect(try events.call(SubscribeCall(group: "@Ben", after: nil)).group == nil)
    _ = try send(ben, "everyone", "to everyone")
    _ = try send(anna, "everyone", "to everyone too")
    _ = try send(ben, "@Anna", "to Anna")
    let first = try events.nextMessage()
    #expect(first.text == "to Anna")
    #expect(first.group.kind == .direct)
    let sent = try send(anna, "@Ben", "to Ben")
    #expect(try events.nextMessage().entry == sent.entry)
    let delivered = try events.next { event -> DeliveryEvent? in
      if case .delivery(let delivery) = event { return delivery }
      return nil
    }
    #expect(delivered.entry == sent.entry)
    #expect(delivered.state.word == .onRecipient)
  }

  @Test func `the last own message is known however many others wrote since`() throws {
    try join()
    var events = try anna.client()
    _ = try events.call(SubscribeCall(group: nil, after: nil))
    let sent = try send(anna, "everyone", "mine")
    for number in 0..<300 { _ = try send(ben, "everyone", "other \(number)") }
    _ = try events.message("other 299")
    #expect(try anna.ask(StatusCall()).latest?.entry == sent.entry)
  }

  @Test func `doctor takes a seed as linked whoever called, and says which one is not`() throws {
    try join()
    anna.stop()
    let free = try ben.loopbackAddress()
    try anna.start(["--seed", free, "--seed", "127.0.0.1:9", "--seed", "localhost:9"])
    var events = try anna.client()
    _ = try events.call(SubscribeCall(group: nil, after: nil))
    while try !anna.ask(StatusCall()).peers.allSatisfy(\.linked) {
      _ = try events.next { event -> Bool? in
        if case .peer(let peer) = event { return peer.linked }
        return nil
      }
    }
    let checks = try anna.ask(DoctorCall()).checks
    func verdict(_ name: String) -> CheckWord? { checks.first { $0.name == name }?.verdict }
    #expect(verdict("seed \(free)") == .ok)
    #expect(verdict("seed 127.0.0.1:9") == .failed)
    #expect(verdict("seed localhost:9") == .failed)
    #expect(verdict("clock") == .ok)
    let link = checks.first { $0.name.hasPrefix("link to ") }
    #expect(link?.name.contains(" of Ben") ?? false)
    #expect(link?.verdict == .ok)
  }
}

extension RealNode {
  /// The loopback address at which it listens.
  fileprivate func loopbackAddress() throws -> String {
    let listening = try ask(StatusCall()).listening
    guard let address = listening.first(where: { $0.hasPrefix("127.0.0.1:") }) else {
      throw NotStarted(description: "it does not listen on loopback: \(listening)")
    }
    return address
  }
}
