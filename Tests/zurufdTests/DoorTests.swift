import Control
import Foundation
import Platform
import TestSupport
import Testing

@testable import zurufd

/// Joining by six digits, with real nodes.
@Suite(.serialized) struct DoorTests {
  let anna = RealNode()
  let ben = RealNode()

  private func office() throws {
    try anna.start()
    try anna.found("Müller GmbH", "Anna", "pc-anna")
    _ = try anna.ask(GroupNewCall(title: "Werkstatt", purpose: nil, members: []))
    try ben.start()
  }

  @Test func `a newcomer is let in by who sees the same digits, with name, rank and groups`() throws
  {
    try office()
    #expect(try anna.ask(OfficeStatusCall()).door == nil)
    try anna.openDoor()
    #expect(try anna.ask(OfficeStatusCall()).door != nil)
    let knocked = try ben.knock(at: anna, "Ben", "pc-ben")
    #expect(knocked.office == "Müller GmbH" && knocked.sponsor == "Anna")
    let request = try #require(try anna.requests().first)
    #expect(request.digits == knocked.digits && knocked.digits.utf8.count == 6)
    #expect(request.name == "Ben" && request.device == "pc-ben")
    // Until somebody says yes nothing of the office is there.
    let before = try ben.ask(OfficeStatusCall())
    #expect(before.standing == .noOffice)
    // What a page can offer to a person who types nothing.
    #expect(before.account?.name.isEmpty == false && before.account?.device.isEmpty == false)
    #expect(try anna.ask(TicketListCall()).tickets.isEmpty)
    let joined = ben.askBeside(KnockWaitCall())
    let answer = try anna.sayYes(name: "Ben Vogel", rank: .admin, groups: ["Werkstatt"])
    #expect(answer.request.state == .admitted)
    #expect(answer.device?.name == "pc-ben")
    let end = try #require(joined.wait())
    #expect(end.member.name == "Ben Vogel" && end.through.name == "pc-anna")
    #expect(end.groups.map(\.title) == ["everyone", "Werkstatt"])
    #expect(try anna.rank(of: "Ben Vogel") == .admin)
    try anna.say("Willkommen", in: "Werkstatt")
    try ben.untilReads("Willkommen")
    // Asked again it is the same answer, also on a later connection.
    #expect(try ben.ask(KnockWaitCall()) == end)
    // Whoever is in can hold the door for others, who are then everywhere.
    let cleo = RealNode()
    try cleo.start()
    try ben.openDoor()
    #expect(try cleo.joinAtDoor(of: ben, "Cleo", "pc-cleo").through.name == "pc-ben")
    try anna.until { try $0.rank(of: "Cleo") }
  }

  @Test func `while the door is closed a stranger learns nothing, and a knock says what to do`()
    throws
  {
    try office()
    let closed = try #require(try ben.refusal(of: KnockCall.at(anna, "Ben", "pc-ben")))
    #expect(closed.name == .doorClosed && closed.hint?.contains("zuruf admit") ?? false)
    // Not one byte, whatever the stranger says.
    let heard = try Stranger.hear(anna.port, saying: Stranger.firstMessage)
    #expect(heard.isEmpty)
    try anna.openDoor()
    #expect(try !Stranger.hear(anna.port, saying: Stranger.firstMessage, count: 162).isEmpty)
    _ = try anna.ask(AdmitCloseCall())
    #expect(try Stranger.hear(anna.port, saying: Stranger.firstMessage).isEmpty)
    #expect(try ben.refusal(of: KnockCall.at(anna, "Ben", "pc-ben"))?.name == .doorClosed)
  }

  @Test func `where nobody is, a knock says so`() throws {
    try ben.start()
    #expect(try ben.refusal(of: KnockWaitCall())?.name == .noKnock)
    func knock(_ address: String) throws -> ErrorName? {
      try ben.refusal(
        of: KnockCall(
          door: nil, address: address, name: "Ben", account: nil, device: "pc", hold: nil))?.name
    }
    #expect(try knock("127.0.0.1:1") == .noAnswer)
    #expect(try knock("300.1.1.1") == .refused)
    #expect(try knock("nobody.invalid") == .noAnswer)
    let neither = KnockCall(
      door: nil, address: nil, name: nil, account: nil, device: nil, hold: nil)
    #expect(try ben.refusal(of: neither)?.name == .invalidParameters)
    let gone = KnockCall(
      door: HexIdentifier(text: "0011223344556677"), address: nil, name: nil, account: nil,
      device: nil, hold: nil)
    #expect(try ben.refusal(of: gone)?.name == .doorClosed)
    // What came of the last knock is told as often as somebody asks.
    #expect(try ben.refusal(of: KnockWaitCall())?.name == .noAnswer)
    let doors = try ben.ask(DoorsCall())
    #expect(doors.doors.isEmpty && doors.reason == .discoveryDown)
    #expect(doors.advice?.contains("zuruf join --at ADDRESS") ?? false)
  }

  @Test func `a no, a closed door and a knock taken back each have their word`() throws {
    try office()
    try anna.openDoor()
    _ = try ben.knock(at: anna, "Ben", "pc-ben")
    try anna.sayNo()
    let no = try #require(try ben.refusal(of: KnockWaitCall()))
    #expect(no.name == .refused && no.message == "\"Anna\" said no")
    #expect(try anna.requests(.refused).count == 1)
    _ = try ben.knock(at: anna, "Ben", "pc-ben")
    _ = try anna.ask(AdmitCloseCall())
    #expect(try ben.refusal(of: KnockWaitCall())?.name == .doorClosed)
    #expect(try anna.requests(.closed).count == 1)
    try anna.openDoor()
    _ = try ben.knock(at: anna, "Ben", "pc-ben")
    let request = try #require(try anna.requests().first)
    try anna.until(
      after: { _ = try ben.ask(KnockCancelCall()) },
      { try $0.requests().isEmpty ? true : nil })
    #expect(try ben.refusal(of: KnockWaitCall())?.name == .noKnock)
    // A yes to somebody who has gone lets nobody in and leaves nothing behind.
    let late = AdmitAnswerCall(
      request: request.id, yes: true, name: nil, rank: nil, groups: nil, member: nil, remove: nil)
    #expect(try anna.refusal(of: late)?.name == .noKnock)
    #expect(try anna.ask(TicketListCall()).tickets.isEmpty)
    #expect(try ben.ask(OfficeStatusCall()).standing == .noOffice)
  }

  @Test func `a door and a knock that are held end with the connection that holds them`() throws {
    try office()
    do {
      var holder = try anna.client()
      _ = try holder.call(AdmitOpenCall(seconds: nil, hold: true))
      do {
        var knocker = try ben.client()
        _ = try knocker.call(
          KnockCall(
            door: nil, address: "127.0.0.1:\(anna.port)", name: "Ben", account: nil,
            device: "pc-ben", hold: true))
        #expect(try anna.requests().count == 1)
        _ = try knocker.call(StatusCall())
      }
      try anna.until { try $0.requests(.gone).count == 1 ? true : nil }
      #expect(try anna.ask(AdmitStatusCall()).open)
      _ = try holder.call(StatusCall())
    }
    try anna.until { try $0.ask(AdmitStatusCall()).open ? nil : true }
    // One that was opened to stay open does.
    try anna.openDoor()
    do {
      var holder = try anna.client()
      _ = try holder.call(AdmitOpenCall(seconds: nil, hold: true))
      _ = try holder.call(StatusCall())
    }
    _ = try anna.ask(StatusCall())
    #expect(try anna.ask(AdmitStatusCall()).open)
  }

  @Test func `a new computer takes the place of a lost one in the same step`() throws {
    try office()
    try anna.openDoor()
    _ = try ben.joinAtDoor(of: anna, "Ben", "pc-ben", groups: ["Werkstatt"])
    ben.stop()
    let next = RealNode()
    try next.start()
    _ = try next.knock(at: anna, "Benjamin", "pc-neu")
    var events = try anna.client()
    _ = try events.call(SubscribeCall(group: nil, after: nil))
    // The name is taken by nobody but Ben, whose device it is.
    let joined = next.askBeside(KnockWaitCall())
    let answer = try anna.sayYes(remove: "pc-ben")
    #expect(answer.device?.name == "pc-neu")
    #expect(answer.member?.name == "Ben" && answer.removed?.name == "pc-ben")
    let end = try #require(joined.wait())
    #expect(end.member.name == "Ben")
    // Whose log came too late for the answer is there a moment later, but what it lists has a name.
    #expect(end.groups.allSatisfy { $0.title != nil })
    try next.until { try $0.group("Werkstatt") }
    #expect(
      try anna.ask(DeviceListCall(member: "Ben", removed: nil)).devices.map(\.name) == ["pc-neu"])
    let all = try anna.ask(DeviceListCall(member: "Ben", removed: true)).devices
    #expect(all.first { $0.name == "pc-ben" }?.state == .removed)
    // Ben was in the office all the time, so it is told as what became of his computers.
    var told: [NewsWord] = []
    while told.last != .deviceJoined {
      told.append(
        try events.next { event in
          if case .news(let news) = event { return news.word }
          return nil
        })
    }
    #expect(told == [.deviceRemoved, .deviceJoined])
    let later = ReadCall(
      group: "everyone", limit: nil, sinceMs: nil, untilMs: nil, before: nil, news: true)
    #expect(
      try anna.ask(later).news?.map(\.word) == [.joined, .deviceRemoved, .deviceJoined])
    // Before it came nothing happened that is news to the new one.
    #expect(try next.ask(later).news == nil)
    // What is written from here on the lost one cannot read, and the new one can.
    try anna.say("nach dem Verlust", in: "Werkstatt")
    try next.untilReads("nach dem Verlust")
  }

  @Test func `one more computer keeps the old one, and nobody lets in what is not theirs`() throws {
    try office()
    try anna.openDoor()
    _ = try ben.joinAtDoor(of: anna, "Ben", "pc-ben")
    let laptop = RealNode()
    try laptop.start()
    // Nobody stands there yet when a member hears that the door is for no new people.
    func open(_ member: String?) throws -> ErrorName? {
      try ben.refusal(of: AdmitOpenCall(seconds: nil, hold: nil, member: member))?.name
    }
    #expect(try open(nil) == .notAllowed)
    #expect(try open("Anna") == .notAllowed)
    #expect(try !ben.ask(AdmitStatusCall()).open)
    try ben.openDoor(for: "Ben")
    #expect(try ben.ask(AdmitStatusCall()).member?.name == "Ben")
    // Both sides of the door say so.
    #expect(try laptop.knock(at: ben, "Ben", "laptop").member == "Ben")
    let request = try #require(try ben.requests().first)
    func yes(
      _ rank: RankWord?, member: String?, remove: String? = nil, name: String? = nil
    ) -> AdmitAnswerCall {
      AdmitAnswerCall(
        request: request.id, yes: true, name: name, rank: rank, groups: nil, member: member,
        remove: remove)
    }
    // A member lets in no new person, no device of others, and makes no admin.
    #expect(try ben.refusal(of: yes(nil, member: "Anna"))?.name == .refused)
    #expect(try ben.refusal(of: yes(nil, member: nil, name: "Laptop"))?.name == .refused)
    #expect(try ben.refusal(of: yes(.admin, member: "Ben"))?.name == .refused)
    #expect(try ben.refusal(of: yes(nil, member: "Ben", remove: "pc-anna")) != nil)
    #expect(try ben.refusal(of: yes(nil, member: "Ben", remove: "pc-ben"))?.name == .refused)
    #expect(try ben.refusal(of: yes(nil, member: "Ben", name: "Benno"))?.name == .refused)
    #expect(try ben.requests().count == 1)
    let joined = laptop.askBeside(KnockWaitCall())
    // It is nobody else's, also where that is not said once more.
    let answer = try ben.sayYes()
    #expect(answer.device?.name == "laptop" && answer.member?.name == "Ben")
    let end = try #require(joined.wait())
    #expect(end.member.name == "Ben" && end.by?.name == "Ben")
    let devices = try ben.ask(DeviceListCall(member: "Ben", removed: nil)).devices
    #expect(devices.map(\.name) == ["laptop", "pc-ben"])
  }

  @Test func `a name that somebody has is told to the sponsor, who can choose another`() throws {
    try office()
    try anna.openDoor()
    _ = try ben.knock(at: anna, "Anna", "pc-ben")
    let request = try #require(try anna.requests().first)
    let taken = AdmitAnswerCall(
      request: request.id, yes: true, name: nil, rank: nil, groups: nil, member: nil, remove: nil)
    #expect(try anna.refusal(of: taken)?.name == .nameTaken)
    let joined = ben.askBeside(KnockWaitCall())
    _ = try anna.sayYes(name: "Anna Vogel")
    #expect(try #require(joined.wait()).member.name == "Anna Vogel")
  }

  @Test func `the words of a yes are judged before anybody stands there`() throws {
    try office()
    func check(
      _ request: HexIdentifier? = nil, name: String? = nil, rank: RankWord? = nil,
      groups: [String]? = nil, member: String? = nil, remove: String? = nil
    ) -> AdmitCheckCall {
      AdmitCheckCall(
        request: request, name: name, rank: rank, groups: groups, member: member, remove: remove)
    }
    #expect(try anna.refusal(of: check(groups: ["Zoo"]))?.name == .noSuchGroup)
    #expect(try anna.refusal(of: check(member: "Zoe"))?.name == .noSuchMember)
    #expect(try anna.refusal(of: check(remove: "pc-ben"))?.name == .noSuchDevice)
    #expect(try anna.refusal(of: check(remove: "pc-anna"))?.name == .refused)
    #expect(try anna.refusal(of: check(name: "ANNA"))?.name == .nameTaken)
    #expect(try anna.refusal(of: check(rank: .owner))?.name == .refused)
    #expect(try anna.ask(check(groups: ["Werkstatt"])).member == nil)
    #expect(try anna.ask(check(member: "Anna")).member?.name == "Anna")
    // Whoever knocks is judged by the name it has.
    try anna.openDoor()
    _ = try ben.knock(at: anna, "anna", "pc-ben")
    let request = try #require(try anna.requests().first)
    #expect(try anna.refusal(of: check(request.id))?.name == .nameTaken)
    #expect(try anna.ask(check(request.id, name: "Ben")).member == nil)
    #expect(try anna.ask(TicketListCall()).tickets.isEmpty)
    // An open door keeps its word.
    let other = AdmitOpenCall(seconds: nil, hold: nil, member: "Anna")
    #expect(try anna.refusal(of: other)?.name == .refused)
    #expect(try anna.requests().count == 1)
    _ = try anna.ask(AdmitCloseCall())
    #expect(try anna.refusal(of: check(request.id))?.name == .noKnock)
  }

  @Test func `who was removed or left comes in again only where that is said`() throws {
    try office()
    try anna.openDoor()
    _ = try ben.joinAtDoor(of: anna, "Ben", "pc-ben")
    _ = try anna.ask(MemberRemoveCall(member: "Ben", look: nil))
    _ = try anna.ask(AdmitCloseCall())
    let closed = try anna.refusal(of: AdmitOpenCall(seconds: nil, hold: nil, member: "Ben"))
    #expect(closed?.name == .memberGone)
    #expect(
      closed?.message == "\"Ben\" was removed from the office; a yes lets that person in again")
    func check(again: Bool?, member: String = "Ben") -> AdmitCheckCall {
      AdmitCheckCall(
        request: nil, name: nil, rank: nil, groups: nil, member: member, remove: nil, again: again)
    }
    #expect(try anna.refusal(of: check(again: nil))?.name == .memberGone)
    #expect(try anna.ask(check(again: true)).member?.name == "Ben")
    #expect(try anna.refusal(of: check(again: true, member: "Anna"))?.name == .refused)
    // A door that says so when it is opened needs no second word.
    _ = try anna.ask(AdmitOpenCall(seconds: nil, hold: nil, member: "Ben", again: true))
    let back = RealNode()
    try back.start()
    let joined = try back.joinAtDoor(of: anna, "Ben", "pc-ben-2")
    #expect(joined.member.name == "Ben")
  }

  @Test func `a second computer of the same name gets a number`() throws {
    try office()
    try anna.openDoor()
    #expect(try ben.joinAtDoor(of: anna, "Ben", "debian").device.name == "debian")
    let carla = RealNode()
    try carla.start()
    #expect(try carla.joinAtDoor(of: anna, "Carla", "Debian").device.name == "Debian 2")
    let dora = RealNode()
    try dora.start()
    #expect(try dora.join(try anna.ticket(), "Dora", "debian").device.name == "debian 3")
    try anna.until { try $0.rank(of: "Dora") }
    // Whoever types one is told instead.
    let taken = try anna.refusal(of: NameSetCall(name: nil, device: "DEBIAN"))
    #expect(taken?.name == .nameTaken)
    #expect(try anna.ask(NameSetCall(name: nil, device: "pc-anna")).device.name == "pc-anna")
  }

  @Test func `a door where too many came to nothing closes, and says why`() throws {
    try office()
    try anna.openDoor()
    var knocks = 0
    while try anna.ask(AdmitStatusCall()).open {
      _ = try ben.knock(at: anna, "Ben", "pc-ben")
      try anna.sayNo()
      knocks += 1
      guard knocks <= 16 else { break }
    }
    #expect(knocks == 16)
    let status = try anna.ask(AdmitStatusCall())
    #expect(status.reason?.contains("16 who knocked were not let in") ?? false)
    #expect(status.requests.count == 16)
    #expect(try ben.refusal(of: KnockCall.at(anna, "Ben", "pc-ben"))?.name == .doorClosed)
    try anna.openDoor()
    #expect(try anna.ask(AdmitStatusCall()).reason == nil)
    _ = try ben.joinAtDoor(of: anna, "Ben", "pc-ben")
  }

  @Test func `more than a few are not compared at once, and those who are stay`() throws {
    try office()
    try anna.openDoor()
    var strangers: [RealNode] = []
    var words: [ErrorName?] = []
    for number in 0..<6 {
      let stranger = RealNode()
      try stranger.start()
      words.append(
        try stranger.refusal(of: KnockCall.at(anna, "S\(number)", "pc\(number)")).map(\.name))
      strangers.append(stranger)
    }
    // All come from one address here, of which four are heard.
    #expect(words == [nil, nil, nil, nil, .busy, .busy])
    #expect(try anna.requests().map(\.name) == ["S0", "S1", "S2", "S3"])
    let request = try #require(try anna.requests().last)
    let joined = strangers[3].askBeside(KnockWaitCall())
    _ = try anna.ask(
      AdmitAnswerCall(
        request: request.id, yes: true, name: nil, rank: nil, groups: nil, member: nil, remove: nil)
    )
    #expect(try #require(joined.wait()).member.name == "S3")
    #expect(try anna.requests().map(\.name) == ["S0", "S1", "S2"])
  }

  @Test func `a node without an office hears of its own knock by events`() throws {
    try office()
    try anna.openDoor()
    var events = try ben.client()
    _ = try events.call(SubscribeCall(group: nil, after: nil))
    let knocked = try ben.knock(at: anna, "Ben", "pc-ben")
    func next() throws -> KnockInfo {
      try events.next { event in if case .knock(let knock) = event { knock } else { nil } }
    }
    #expect(try next() == KnockInfo(state: .waiting, digits: knocked.digits))
    _ = try anna.sayYes()
    #expect(try next() == KnockInfo(state: .admitted, digits: knocked.digits))
    // The same subscription goes on once the node is in an office.
    _ = try ben.ask(KnockWaitCall())
    try anna.say("bist du da?", in: "everyone")
    #expect(try events.message("bist du da?").member.name == "Anna")
  }

  @Test func `a sponsor hears of a newcomer by events`() throws {
    try office()
    var events = try anna.client()
    _ = try events.call(SubscribeCall(group: nil, after: nil))
    func next() throws -> AdmissionInfo {
      try events.next { event in if case .admission(let request) = event { request } else { nil } }
    }
    try anna.openDoor()
    #expect(
      try events.next { event in if case .changed(.door) = event { true } else { nil } } == true)
    let knocked = try ben.knock(at: anna, "Ben", "pc-ben")
    let request = try next()
    #expect(request.state == .comparing && request.digits == knocked.digits)
    _ = try anna.sayYes()
    #expect(try next().state == .admitted)
  }
}

/// A stranger with nothing but a socket.
enum Stranger {
  /// The preface of mode 2 and a first message: any point but those of low order.
  static let firstMessage: [UInt8] =
    Array("ZRF1".utf8) + [1, 2, 0, 32, 9] + [UInt8](repeating: 0, count: 31)

  /// Says something to a node and hears it out: until it ends the connection, or so many bytes came.
  static func hear(_ port: String, saying bytes: [UInt8], count: Int = .max) throws -> [UInt8] {
    let number = try #require(UInt16(port))
    let socket = try Socket.connect(to: SocketAddress(.loopbackV4, port: number))
    var poller = try Poller.open()
    var (ready, heard, room): ([PollEvent], [UInt8], [UInt8]) = (
      [], [], Array(repeating: 0, count: 1024)
    )
    try poller.add(socket.descriptor, token: 0, interest: .write)
    try poller.wait(until: nil, into: &ready)
    _ = socket.write(bytes.span)
    try poller.modify(socket.descriptor, token: 0, interest: .read)
    while heard.count < count {
      var span = room.mutableSpan
      switch socket.read(into: &span) {
      case .bytes(let count): heard += room.prefix(count)
      case .wouldBlock: try poller.wait(until: nil, into: &ready)
      case .closed, .failed: return heard
      }
    }
    return heard
  }
}
