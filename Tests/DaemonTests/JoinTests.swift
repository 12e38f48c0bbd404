import Control
import Cryptography
import Format
import Foundation
import Platform
import TestSupport
import Testing
import Transport

@testable import Daemon

/// A node that waits to be let in, whose turns the test takes itself (C-9).
@Suite(.serialized) struct JoinTests {
  private let node = TurnedNode()

  private func start(ticketFile: String? = nil) throws -> NodeLoop {
    let loop = try node.start(ticketFile: ticketFile)
    loop.resumeJoining()
    loop.joinByTicketFile()
    return loop
  }

  /// A ticket that nobody at any address knows.
  private func ticket(_ byte: UInt8) throws -> TicketLine {
    let bytes = try #require(Bytes32([UInt8](repeating: byte, count: 32)))
    return TicketLine(
      office: GroupID(bytes), sharedKey: bytes, seed: bytes, member: MemberID(Bytes16()),
      addresses: [])
  }

  private func call(_ byte: UInt8) throws -> JoinCall {
    JoinCall(
      ticket: try ticket(byte).encode(lineChecksum), name: "Ben", account: nil, device: "pc-ben")
  }

  private final class Heard {
    var answers: [ErrorName?] = []
    func answer(_ result: Result<ControlResult, ControlError>) {
      switch result {
      case .success: answers.append(nil)
      case .failure(let error): answers.append(error.name)
      }
    }
  }

  private func words(_ loop: NodeLoop) -> [DegradedWord] { loop.degraded().map(\.word) }

  @Test func `after no answer it goes on, and a restart changes nothing`() throws {
    let first = Heard()
    do {
      let loop = try start()
      loop.join(try call(1), first.answer)
      loop.settle(loop.clock.now())
      #expect(first.answers.isEmpty)
      // Its time is over now.
      loop.joining?.answerBy = loop.clock.now()
      loop.settle(loop.clock.now())
      #expect(first.answers == [.noAnswer])
      #expect(loop.standing() == .joining)
      #expect(words(loop) == [.joining])
      // Nothing is to be looked at any more before something happens.
      #expect(loop.joining?.wakeAt == nil)
      loop.settle(loop.clock.now())
      #expect(first.answers == [.noAnswer])
    }
    let loop = try start()
    #expect(loop.standing() == .joining)
    #expect(loop.joining?.line == (try ticket(1)))
    #expect(loop.joining?.memberName.text == "Ben")
    #expect(loop.joining?.deviceName.text == "pc-ben")
    #expect(loop.keys != nil)
  }

  @Test func `who is out again before its groups came waits for nothing`() throws {
    do {
      let loop = try start()
      try node.found(loop)
      loop.stop()
    }
    // What let it in is gone.
    try FileManager.default.removeItem(atPath: node.directory.path + "/data/logs")
    let loop = try start()
    let office = try #require(loop.office)
    #expect(!office.isReady)
    let (now, line) = (loop.clock.now(), try ticket(1))
    var attempt = JoinAttempt(
      office: office.office, line: line, ticketKey: TicketKey(line.seed),
      memberName: try Name("Ben"), deviceName: try Name("pc-ben"), isFromFile: false,
      answer: nil, answerBy: now)
    (attempt.isTold, attempt.isAdmitted, attempt.groupsBy) = (true, true, now)
    loop.joining = attempt
    loop.tickJoining(now)
    #expect(loop.joining?.wakeAt == nil)
  }

  @Test func `another join takes the place of the one before, and founding an office ends it`()
    throws
  {
    let (first, second, founder) = (Heard(), Heard(), Heard())
    let loop = try start()
    loop.join(try call(1), first.answer)
    // What cannot be used takes no place.
    loop.join(
      JoinCall(ticket: "zr1-ticket-x", name: nil, account: "a", device: "d"), second.answer)
    #expect(second.answers == [.ticketMalformed])
    #expect(first.answers.isEmpty)
    loop.join(try call(2), second.answer)
    #expect(first.answers == [.joining])
    #expect(loop.joining?.line == (try ticket(2)))
    let new = OfficeNewCall(office: "Werk", name: "Anna", device: "a")
    loop.officeNew(new, founder.answer)
    #expect(founder.answers == [.joining])
    loop.joining?.answerBy = loop.clock.now()
    loop.settle(loop.clock.now())
    #expect(second.answers == [.ticketMalformed, .noAnswer])
    loop.officeNew(new, founder.answer)
    var events: [PollEvent] = []
    while founder.answers.count < 2 { try loop.turn(&events) }
    #expect(founder.answers == [.joining, nil])
    #expect(loop.standing() == .ready)
    #expect(words(loop).isEmpty)
    #expect(!isRemembered)
  }

  @Test func `whoever calls a node that has nothing to do wakes its first turn`() throws {
    let loop = try start()
    try loop.listen()
    let address = SocketAddress(.loopbackV4, port: loop.links.port)
    let caller = try Socket.connect(to: address)
    var events: [PollEvent] = []
    // It is there at once; the minute only keeps a failure from hanging.
    try loop.poller.wait(until: loop.clock.now() + .seconds(60), into: &events)
    #expect(events.contains { LinkSet.owns($0.token) })
    withExtendedLifetime(caller) {}
  }

  private var isRemembered: Bool {
    FileManager.default.fileExists(atPath: node.directory.path + "/data/joining")
  }

  @Test func `a refused ticket is not tried again, and the status says why`() throws {
    let heard = Heard()
    do {
      let loop = try start()
      loop.join(try call(1), heard.answer)
      #expect(isRemembered)
      let link = Transport.LinkID(7)
      loop.joining?.asked = link
      // Somebody who does not know it yet is not the last to be asked.
      loop.admitted(.unknownTicket, EntryID(Bytes32()), link, loop.clock.now())
      #expect(loop.degraded().first?.detail.hasPrefix("nobody who could be reached knows") ?? false)
      loop.joining?.asked = link
      loop.admitted(.revoked, EntryID(Bytes32()), link, loop.clock.now())
      loop.settle(loop.clock.now())
      // One word is not the last: somebody else is asked for a moment, and may know no more.
      #expect(heard.answers.isEmpty)
      #expect(loop.standing() == .joining && isRemembered)
      loop.joining?.asked = link
      loop.admitted(.tryLater, EntryID(Bytes32()), link, loop.clock.now())
      #expect(loop.degraded().first?.detail.contains("revoked") ?? false)
      #expect(loop.degraded().first?.hint == "ask for a new one")
      #expect(loop.joining?.wakeAt == loop.joining?.refusal?.until)
      loop.joining?.refusal?.until = loop.clock.now()
      // Not while somebody is asked, and not once somebody has let it in.
      loop.joining?.asked = link
      loop.settle(loop.clock.now())
      #expect(heard.answers.isEmpty)
      #expect(loop.joining?.wakeAt == loop.joining?.answerBy)
      // Whoever is asked and says nothing is left.
      loop.joining?.askedUntil = loop.clock.now()
      #expect(loop.joining?.wakeAt == loop.joining?.askedUntil)
      loop.settle(loop.clock.now())
      #expect(loop.joining?.asked == nil && loop.joining?.askedUntil == nil)
      loop.settle(loop.clock.now())
      #expect(heard.answers == [.ticketRevoked])
      #expect(loop.standing() == .noOffice)
      #expect(words(loop) == [.ticketRefused])
      #expect(loop.keys == nil)
    }
    #expect(!isRemembered)
    #expect(try start().standing() == .noOffice)
  }

  @Test func `a refused ticket is not tried again after a power cut either`() throws {
    let (heard, node) = (Heard(), MemoryTurnedNode())
    func afterPowerCut() throws -> NodeLoop {
      let disk = node.disk.crashed(.lost)
      let loop = try MemoryTurnedNode(disk: disk, state: node.state.crashed(.lost)).start()
      loop.resumeJoining()
      return loop
    }
    let loop = try node.start()
    loop.join(try call(1), heard.answer)
    #expect(try afterPowerCut().joining?.line == (try ticket(1)))
    let link = Transport.LinkID(7)
    loop.joining?.asked = link
    loop.admitted(.expired, EntryID(Bytes32()), link, loop.clock.now())
    loop.joining?.refusal?.until = loop.clock.now()
    loop.settle(loop.clock.now())
    #expect(heard.answers == [.ticketExpired])
    #expect(try afterPowerCut().standing() == .noOffice)
  }

  @Test func `the file of the configuration is taken up when it names another ticket`() throws {
    let path = node.directory.path + "/ticket"
    let heard = Heard()
    func write(_ byte: UInt8) throws {
      let line = try ticket(byte).encode(lineChecksum) + "\n"
      try Data(line.utf8).write(to: URL(fileURLWithPath: path))
    }
    try write(1)
    let loop = try start(ticketFile: path)
    #expect(loop.joining?.line == (try ticket(1)))
    #expect(!isRemembered)
    try write(2)
    loop.joinByTicketFile()
    #expect(loop.joining?.line == (try ticket(2)))
    let link = Transport.LinkID(7)
    loop.joining?.asked = link
    loop.admitted(.expired, EntryID(Bytes32()), link, loop.clock.now())
    // Nobody is there to hear of it, and the clock of whoever said so may be wrong.
    loop.joining?.refusal?.until = loop.clock.now()
    loop.settle(loop.clock.now())
    #expect(loop.joining?.line == (try ticket(2)))
    #expect(loop.joining?.wakeAt == loop.joining?.answerBy)
    #expect(loop.degraded().first?.detail.hasPrefix("the ticket has expired") ?? false)
    // What a person asks for goes before what lies in the file.
    loop.join(try call(3), heard.answer)
    try write(4)
    loop.joinByTicketFile()
    #expect(loop.joining?.line == (try ticket(3)))
  }

  @Test func `a ticket of the configuration that is none is told of where somebody looks`() throws {
    let file = node.directory.path + "/ticket"
    try Data("zr1-ticket-x".utf8).write(to: URL(fileURLWithPath: file))
    let loop = try start(ticketFile: file)
    let told = loop.degraded()
    #expect(told.map(\.word) == [.ticketRefused])
    #expect(told.first?.detail.hasPrefix("the ticket in \"\(file)\" cannot be used: ") ?? false)
    #expect(loop.doctor().checks.first { $0.name == "ticket" }?.verdict == .failed)
    try FileManager.default.removeItem(atPath: file)
    loop.joinByTicketFile()
    #expect(loop.degraded().isEmpty)
  }

  /// The number of the file that says which office this is: each time it is written it is another one.
  private func officeFile() throws -> Int? {
    let path = node.directory.path + "/data/office"
    return try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
  }

  @Test func `a used ticket that cannot be removed is told of as long as it is there`() throws {
    let file = node.directory.path + "/ticket"
    try Data().write(to: URL(fileURLWithPath: file))
    let handle = try FileHandle(forUpdating: URL(fileURLWithPath: file))
    // Whoever may read it there may not remove it, whatever else it may.
    let path = "/proc/self/fd/\(handle.fileDescriptor)"
    let line: TicketLine
    do {
      let loop = try start(ticketFile: path)
      try node.found(loop)
      line = TicketLine(
        office: try #require(loop.office).office, sharedKey: Bytes32(), seed: Bytes32(),
        member: MemberID(Bytes16()), addresses: [])
      try handle.write(contentsOf: Data(line.encode(lineChecksum).utf8))
      for _ in 0..<2 {
        loop.joinByTicketFile()
        let trouble = try #require(loop.ticketFileTrouble)
        #expect(trouble.info.detail.hasPrefix("the ticket was used, and \"/proc/self/fd/"))
        #expect(trouble.info.form == .used)
        #expect(loop.doctor().checks.first { $0.name == "ticket" }?.finding == trouble.info.detail)
      }
      try handle.truncate(atOffset: 0)
      loop.joinByTicketFile()
      #expect(loop.ticketFileTrouble == nil)
      loop.stop()
    }
    try handle.write(contentsOf: Data(line.encode(lineChecksum).utf8))
    let written = try officeFile()
    let again = try start(ticketFile: path)
    // A start writes once more what it gave, and no other try.
    let rewritten = try officeFile()
    again.joinByTicketFile()
    #expect(try again.ticketFileTrouble != nil && officeFile() == rewritten)
    #expect(written != rewritten)
    again.stop()
  }

  @Test func `a port that somebody came in by is open, also when they have gone home`() throws {
    let loop = try start()
    func port() -> String? {
      let list = CheckList()
      loop.checkPort(1, [], list, among: [], at: loop.clock.now())
      return list.checks.first?.finding
    }
    #expect(port()?.hasSuffix("other computers have come in by it") == false)
    loop.wasReached = true
    #expect(port()?.hasSuffix(", and other computers have come in by it") == true)
  }

  @Test func `that nobody came in is an alarm only when somebody had time to`() throws {
    let loop = try start()
    let id = try #require(HexIdentifier(bytes: [1]))
    let away = PeerInfo(
      device: DeviceRef(id: id, name: "pc"), member: MemberRef(id: id, name: "Ben"), keeper: false,
      linked: false, since: nil, addresses: [], trouble: nil)
    func port(_ seconds: Int) -> CheckInfo? {
      let list = CheckList()
      loop.checkPort(
        Limits.defaultPort, [], list, among: [away], at: loop.startedAt + .seconds(seconds))
      return list.checks.first
    }
    let early = port(NodeLoop.untriedSeconds - 1)
    #expect(early?.verdict == .skipped && early?.advice == nil)
    #expect(early?.finding.hasSuffix("shows a minute after the start") == true)
    let late = port(NodeLoop.untriedSeconds)
    #expect(late?.verdict == .warning && late?.advice?.contains("firewall") == true)
  }
}
