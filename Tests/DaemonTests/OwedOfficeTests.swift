import Control
import Cryptography
import Format
import Foundation
import Platform
import Storage
import TestSupport
import Testing
import Transport

@testable import Daemon

/// A directory that belongs to an office from one file on, whatever fails behind it.
@Suite struct OwedOfficeTests {
  /// How much a founding changes on the disk.
  private func changes() throws -> Int {
    let node = MemoryTurnedNode()
    let loop = try node.start()
    try node.found(loop)
    loop.stop()
    return node.disk.operations
  }

  @Test func `an office whose founding failed half way is opened later, or founded anew`() throws {
    var opened = 0
    for at in 0..<(try changes()) {
      let node = MemoryTurnedNode()
      let loop = try node.start()
      node.disk.exhaust(.tooManyFiles, from: at)
      let call = OfficeNewCall(office: "Werk", name: "Anna", device: "a")
      let answer = try node.answer(loop) { loop.officeNew(call, $0) }
      if case .failure(let error) = answer {
        #expect(!error.message.contains("Fatal("), "a person reads it")
      }
      let keys = node.disk.files[HomeFile.keys.path]
      let isWritten = node.disk.files[HomeFile.office.path] != nil
      let isOwed = isWritten && loop.office == nil
      #expect(loop.standing() == (isWritten ? loop.office == nil ? .joining : .ready : .noOffice))
      #expect(loop.degraded().contains { $0.detail.contains("cannot be read") } == isOwed)
      // Nothing is written over it meanwhile.
      if isOwed {
        opened += 1
        let again = try node.answer(loop) { loop.officeNew(call, $0) }
        guard case .failure(let error) = again else {
          Issue.record("an office was founded over another one")
          return
        }
        #expect(error.name == .officeExists)
      }
      node.disk.exhaust(nil)
      loop.remember(loop.clock.now())
      #expect((loop.office != nil) == isWritten && loop.openFault == nil)
      if isWritten {
        #expect(node.disk.files[HomeFile.keys.path] == keys)
        #expect(loop.standing() == .ready)
      } else {
        try node.found(loop)
      }
      loop.stop()
    }
    #expect(opened > 0)
  }

  @Test func `who was let in belongs to the office, although it cannot be opened at once`() throws {
    let node = MemoryTurnedNode()
    let loop = try node.start()
    let bytes = try #require(Bytes32([UInt8](repeating: 7, count: 32)))
    let line = TicketLine(
      office: GroupID(bytes), sharedKey: bytes, seed: bytes, member: MemberID(Bytes16()),
      addresses: [])
    var answers: [Result<ControlResult, ControlError>] = []
    loop.join(
      JoinCall(ticket: line.encode(lineChecksum), name: "Ben", account: nil, device: "pc-ben")
    ) { answers.append($0) }
    let link = Transport.LinkID(7)
    loop.joining?.asked = link
    // What opens the office is not there, as where a disk fails in parts.
    try node.disk.createDirectory(.root.appending("logs"))
    node.disk.failLists(true)
    loop.admitted(.admitted, EntryID(bytes), link, loop.clock.now())
    #expect(loop.office == nil && loop.membership != nil && answers.isEmpty)
    #expect(loop.standing() == .joining && loop.joining?.isAdmitted == true)
    let keys = node.disk.files[HomeFile.keys.path]
    let call = OfficeNewCall(office: "Werk", name: "Anna", device: "a")
    guard case .failure = try node.answer(loop, { loop.officeNew(call, $0) }) else {
      Issue.record("an office was founded over another one")
      return
    }
    node.disk.failLists(false)
    loop.remember(loop.clock.now())
    #expect(loop.office != nil && node.disk.files[HomeFile.keys.path] == keys)
    loop.stop()
  }

  /// A node that tries to join with a ticket, which nobody answers in time.
  private func joining(_ node: MemoryTurnedNode) throws -> NodeLoop {
    let loop = try node.start()
    loop.join(try call(7)) { _ in }
    loop.joining?.answerBy = loop.clock.now()
    loop.settle(loop.clock.now())
    return loop
  }

  private func call(_ byte: UInt8) throws -> JoinCall {
    let bytes = try #require(Bytes32([UInt8](repeating: byte, count: 32)))
    let line = TicketLine(
      office: GroupID(bytes), sharedKey: bytes, seed: bytes, member: MemberID(Bytes16()),
      addresses: [])
    return JoinCall(
      ticket: line.encode(lineChecksum), name: "Ben", account: nil, device: "pc-ben")
  }

  private func fail(_ node: MemoryTurnedNode, after count: Int) {
    node.disk.fail(
      .init(
        at: node.disk.operations + count, effect: .failed, error: .inputOutput, isLasting: true))
  }

  /// Whether the ticket would be there after a power cut that loses all that may be lost.
  private func isRemembered(_ node: MemoryTurnedNode) -> Bool {
    node.disk.crashed(.lost).files[Home.joining] != nil
  }

  @Test func `a ticket is forgotten no sooner than what it gave is sure to last`() throws {
    var owed = 0
    for at in 0..<(try changes()) {
      let node = MemoryTurnedNode()
      let loop = try joining(node)
      fail(node, after: at)
      let call = OfficeNewCall(office: "Werk", name: "Anna", device: "a")
      _ = try node.answer(loop) { loop.officeNew(call, $0) }
      let isLasting = node.disk.crashed(.lost).files[HomeFile.office.path] != nil
      #expect(isRemembered(node) || isLasting)
      owed += loop.isMembershipOwed ? 1 : 0
      node.disk.fail(nil)
      loop.remember(loop.clock.now())
      #expect(isRemembered(node) == (loop.office == nil))
      loop.stop()
    }
    #expect(owed > 0)
  }

  @Test(arguments: [0, 1], [false, true])
  func `a ticket that the disk does not let go of is forgotten as soon as it does`(
    operation: Int, isReplaced: Bool
  ) throws {
    let node = MemoryTurnedNode()
    let loop = try joining(node)
    fail(node, after: operation)
    loop.ticketRefused(ControlError(.ticketUsedUp, "the ticket was used already", hint: nil))
    #expect(isRemembered(node) && loop.joining == nil)
    node.disk.fail(nil)
    if isReplaced { loop.join(try call(8)) { _ in } }
    loop.remember(loop.clock.now())
    #expect(isRemembered(node) == isReplaced)
    loop.stop()
  }

  /// As after a kill between the two: the ticket is there, and what it gave, of which nobody knows whether it
  /// was flushed.
  @Test(arguments: 0..<3)
  func `a start lets go of a ticket only behind what it gave`(operation: Int) throws {
    let node = MemoryTurnedNode()
    do {
      let loop = try node.start()
      try node.found(loop)
      loop.stop()
    }
    try node.disk.replace(Home.joining, with: [UInt8]("{}\n".utf8).span)
    let loop = try node.start()
    fail(node, after: operation)
    loop.resumeJoining()
    #expect(node.disk.files[Home.joining] != nil && loop.joining == nil)
    node.disk.fail(nil)
    loop.remember(loop.clock.now())
    #expect(node.disk.files[Home.joining] == nil && !loop.owesForgetting)
    loop.stop()
  }

  @Test func `a ticket's file stays until what it gave is sure to last, as a used one`() throws {
    let node = MemoryTurnedNode()
    let directory = TemporaryDirectory()
    let file = directory.path + "/ticket"
    let office: GroupID
    do {
      let loop = try node.start()
      try node.found(loop)
      office = try #require(loop.office).office
      loop.stop()
    }
    let line = TicketLine(
      office: office, sharedKey: Bytes32(), seed: Bytes32(), member: MemberID(Bytes16()),
      addresses: [])
    try Data(line.encode(lineChecksum).utf8).write(to: URL(fileURLWithPath: file))
    let loop = try node.start(ticketFile: file)
    node.disk.setReadOnly(true)
    loop.joinByTicketFile()
    let told = loop.degraded().filter { $0.word == .ticketRefused }
    #expect(told.map(\.form) == [.used])
    #expect(told.first?.detail.contains("stays until what it gave is kept") ?? false)
    #expect(FileManager.default.fileExists(atPath: file))
    node.disk.setReadOnly(false)
    loop.remember(loop.clock.now())
    #expect(loop.degraded().allSatisfy { $0.word != .ticketRefused })
    #expect(!FileManager.default.fileExists(atPath: file))
    loop.stop()
  }
}
