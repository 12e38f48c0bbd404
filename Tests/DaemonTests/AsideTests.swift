import Control
import Cryptography
import Format
import Foundation
import Platform
import Replication
import TestSupport
import Testing

@testable import Daemon
@testable import Storage

/// How what is here of an office is moved into a folder of its own (C-19).
@Suite struct AsideTests {
  private func names(_ disk: MemoryDisk) -> [String] { disk.files.keys.map { "\($0)" }.sorted() }

  @Test func `what a power cut left under both names of a move is kept twice`() throws {
    let disk = MemoryDisk()
    let home = Home(disk: disk)
    let logs = DiskPath.root.appending("logs")
    let moving = DiskPath.root.appending("setting-aside")
    for folder in [logs, moving, moving.appending("logs")] { try disk.ensureDirectory(folder) }
    let paths = [HomeFile.keys.path, logs.appending("one"), HomeFile.office.path]
    for (number, path) in paths.enumerated() { try home.writeText(path, [UInt8(number)]) }
    // The move of the keys and of a log had begun; of the office's name it had not.
    try home.writeText(moving.appending("keys"), [0])
    try home.writeText(moving.appending("logs").appending("one"), [1])
    let folder = try #require(try home.finishSettingAside(Timestamp(milliseconds: 0)))
    #expect(folder.hasSuffix("removed-1970-01-01"))
    let day = "removed-1970-01-01"
    #expect(
      names(disk)
        == ["keys", "keys-2", "logs-2/one", "logs/one", "office"].map { "\(day)/\($0)" })
    #expect(try home.finishSettingAside(Timestamp(milliseconds: 0)) == nil)
  }

  /// By how many of its operations a power cut lets it come.
  @Test(arguments: 0..<12)
  func `a power cut at any moment of a move loses nothing`(operations: Int) throws {
    let logs = DiskPath.root.appending("logs")
    let paths = [Home.addresses, HomeFile.keys.path, logs.appending("one"), HomeFile.office.path]
    for seed in 0..<40 as Range<UInt64> {
      let disk = MemoryDisk()
      let home = Home(disk: disk)
      try disk.ensureDirectory(logs)
      for (number, path) in paths.enumerated() { try home.writeText(path, [UInt8(number)]) }
      disk.fail(
        MemoryDisk.Fault(
          at: disk.operations + operations, effect: .failed, error: .inputOutput, isLasting: true))
      try? home.beginSettingAside()
      _ = try? home.finishSettingAside(Timestamp(milliseconds: 0))
      var chance = SeededGenerator(seed: seed)
      let left = disk.crashed(drawing: &chance)
      try Home(disk: left).finishSettingAside(Timestamp(milliseconds: 0))
      #expect(Set(left.files.values) == Set(paths.indices.map { [UInt8($0)] }))
    }
  }

  /// A node that was told that it is out, and did something before it is set aside.
  private func setAside(_ before: (NodeLoop) throws -> Void) throws -> NodeLoop {
    let node = MemoryTurnedNode()
    let loop = try node.start()
    try node.found(loop)
    let office = try #require(loop.office)
    office.removalTellers.insert(office.replica.secrets.device)
    try before(loop)
    _ = try node.answer(loop) { loop.setAside($0) }.get()
    #expect(loop.office == nil)
    return loop
  }

  private func sleeps(_ loop: NodeLoop) throws -> Bool {
    var events: [PollEvent] = []
    for _ in 0..<50 where loop.dueAt <= loop.clock.now() { try loop.turn(&events) }
    return loop.dueAt > loop.clock.now()
  }

  @Test(arguments: [false, true])
  func `a node that is set aside sleeps, also where links wanted more`(wanted: Bool) throws {
    let loop = try setAside { $0.hasServingWork = wanted }
    #expect(try sleeps(loop))
  }

  @Test func `what comes from another computer stays closed there, and can be set aside`() throws {
    let home = MemoryTurnedNode()
    let killed = try home.start()
    try home.found(killed)
    // As it lies there while it runs, and with an end that a crash tore.
    var carried = home.copied()
    carried.machine = 2
    try tearEnds(carried.disk)
    let before = carried.disk.files
    let line = try ticketLine(of: killed)
    let loop = try carried.start()
    #expect(carried.disk.files == before)
    #expect(loop.office == nil && loop.keys == nil && loop.standing() == .noOffice)
    #expect(loop.degraded().map(\.form) == [.carried])
    #expect(try carried.send(loop, "never")?.name == .stopped)
    for answer in [
      try carried.answer(loop) {
        loop.officeNew(OfficeNewCall(office: "B", name: "B", device: "b"), $0)
      },
      try carried.answer(loop) {
        loop.join(JoinCall(ticket: line, name: nil, account: nil, device: nil), $0)
      },
    ] {
      guard case .failure(let error) = answer else { throw TestFault() }
      #expect(error.name == .stopped)
    }
    let check = try #require(loop.doctor().checks.first)
    #expect(check.name == "copy" && check.verdict == .failed && check.state?.form == .carried)
    // Nor does time open it, or write there.
    loop.remember(loop.clock.now())
    #expect(loop.office == nil && carried.disk.files == before)
    _ = try carried.answer(loop) { loop.setAside($0) }.get()
    #expect(loop.degraded().isEmpty && loop.standing() == .noOffice)
    #expect(names(carried.disk).count == before.count)
    #expect(names(carried.disk).allSatisfy { $0.hasPrefix("removed-") })
    loop.stop()
    killed.stop()
    // At home all is as it was.
    let again = try home.start()
    #expect(again.standing() == .ready && again.degraded().allSatisfy { $0.word != .copied })
    again.stop()
  }

  /// Writes behind the end of each log what no log holds, as a power cut may leave it.
  private func tearEnds(_ disk: MemoryDisk) throws {
    let logs = disk.files.filter { $0.key.names.first == "logs" && $0.key.names.count == 3 }
    #expect(!logs.isEmpty)
    for (path, bytes) in logs {
      let file = try disk.openForWriting(path)
      try disk.write([UInt8](repeating: 7, count: 40).span, to: file, at: UInt64(bytes.count))
    }
  }

  /// A ticket of the office that is open here, which nobody can use.
  private func ticketLine(of loop: NodeLoop) throws -> String {
    try ticketLine(of: #require(loop.office).office)
  }

  private func ticketLine(of office: GroupID) throws -> String {
    TicketLine(
      office: office, sharedKey: Bytes32(), seed: Bytes32(),
      member: MemberID(Bytes16()), addresses: []
    ).encode(lineChecksum)
  }

  @Test func `a ticket that lies ready waits where what is here is to be set aside first`() throws {
    let home = MemoryTurnedNode()
    let killed = try home.start()
    try home.found(killed)
    defer { killed.stop() }
    let folder = TemporaryDirectory()
    let file = folder.path + "/ticket"
    let line = Array(try ticketLine(of: killed).utf8)
    try Data(line).write(to: URL(fileURLWithPath: file))
    func forms(_ loop: NodeLoop) -> [DegradedForm?] {
      loop.joinByTicketFile()
      let told = loop.degraded()
      let tickets = told.filter { $0.word == .ticketRefused }
      // Nothing goes aside without a question, and what is here is told first.
      #expect(tickets.allSatisfy { $0.hint?.contains("zuruf join --anew --file \(file)") ?? false })
      #expect(tickets.isEmpty || told.first?.word == .copied)
      return tickets.map(\.form)
    }
    // The file that nobody could remove when it had done its work, or a way back: the log would say it.
    var carried = home.copied()
    carried.machine = 2
    let elsewhere = try carried.start(ticketFile: file)
    #expect(forms(elsewhere) == [.used])
    // Of another office it is neither.
    try Data(try ticketLine(of: GroupID(Bytes32())).utf8).write(to: URL(fileURLWithPath: file))
    #expect(forms(elsewhere) == [.unused])
    try Data(line).write(to: URL(fileURLWithPath: file))
    elsewhere.stop()
    let loop = try home.copied().start(ticketFile: file)
    let office = try #require(loop.office)
    office.isProvenCopied = true
    // The original needs a restart and no way back; its copy does.
    #expect(forms(loop) == [])
    office.isLikelyCopy = true
    #expect(forms(loop) == [.unused])
    office.isLikelyCopy = false
    // Both wrote.
    office.suspension = (office.replica.rosterNow(), true)
    #expect(forms(loop) == [.unused])
    office.suspension = nil
    // Nobody knows yet whether it is for a way back.
    office.isProvenCopied = false
    _ = office.copyWords.hear(DeviceKey(Bytes32(Random.bytes32())))
    #expect(forms(loop) == [])
    #expect(FileManager.default.fileExists(atPath: file))
    // Of a computer that nothing is wrong with it is the one that let it in.
    office.copyWords = CopyWords([])
    #expect(forms(loop) == [])
    #expect(!FileManager.default.fileExists(atPath: file))
    loop.stop()
  }

  @Test func `a copied computer that writes nothing can be set aside, others cannot`() throws {
    let node = MemoryTurnedNode()
    let loop = try node.start()
    try node.found(loop)
    guard case .failure(let error) = try node.answer(loop, { loop.setAside($0) }) else {
      throw TestFault()
    }
    #expect(error.name == .refused)
    // That somebody says so alone takes nothing from here, neither before nor after a restart (H-9).
    let office = try #require(loop.office)
    let teller = DeviceKey(Bytes32(Random.bytes32()))
    for overruled in [false, true] {
      var words = CopyWords([])
      let heard = words.hear(teller)
      if overruled {
        words = CopyWords(try #require(heard))
        _ = words.hear(teller)
      }
      office.copyWords = words
      #expect(
        loop.degraded().first { $0.word == .copied }?.form == (overruled ? .overruled : .said))
      guard case .failure(let error) = try node.answer(loop, { loop.setAside($0) }) else {
        throw TestFault()
      }
      #expect(error.name == .refused)
      #expect((error.hint?.contains("restart this node") ?? false) == !overruled)
      #expect(loop.belongsAlready.name == .officeExists)
    }
    // What the office says of it is more, and so is a copy that was met.
    office.suspension = (office.replica.rosterNow(), true)
    #expect(loop.mayBeSetAside)
    office.suspension = nil
    #expect(!loop.mayBeSetAside)
    office.isProvenCopied = true
    // What a ticket is worth is said before.
    #expect(loop.belongsAlready.name == .stopped)
    _ = try node.answer(loop) { loop.setAside($0) }.get()
    #expect(loop.standing() == .noOffice)
  }

  private struct TestFault: Error {}

  @Test func `whoever waits for a newcomer hears that the office is set aside`() throws {
    var answers: [ErrorName?] = []
    let loop = try setAside { loop in
      let now = loop.clock.now()
      loop.door.admissions.append(
        DoorKeeping.Admission(
          request: try #require(HexIdentifier(bytes: [1, 2])), ticket: TicketKey(Bytes32()),
          member: MemberID(Bytes16()), removed: nil, known: [], makesAdmin: false,
          answer: { result in
            if case .failure(let error) = result { answers.append(error.name) }
          }, answerBy: now, until: now + .seconds(600)))
    }
    #expect(answers == [.noOffice])
    #expect(try sleeps(loop))
  }
}
