import Control
import Format
import Foundation
import Platform
import Replication
import TestSupport
import Testing

@testable import Daemon
@testable import Storage

/// How what comes from another computer is set aside while others may use it, too (C-19, S-18).
@Suite struct CarriedTests {
  private struct TestFault: Error {}

  private func refusal(_ node: TurnedNode, _ loop: NodeLoop) throws -> ControlError {
    guard case .failure(let error) = try node.answer(loop, { loop.setAside($0) }) else {
      throw TestFault()
    }
    return error
  }

  /// The device of an office that was founded there.
  private func founded(_ node: TurnedNode) throws -> DeviceKey {
    let loop = try node.start()
    defer { loop.stop() }
    try node.found(loop)
    return try #require(loop.office).replica.secrets.device
  }

  /// A node on a real directory that another computer wrote.
  private func carried(_ node: TurnedNode) throws -> NodeLoop {
    let state = try LinuxDisk.creating(
      root: node.directory.path + "/state/" + founded(node).description.prefix(16))
    let files = HeadLockFiles(state: state, runtime: nil)
    let lock = try #require(try files.read().lock)
    let there = HeadLock.Surroundings(
      machine: Bytes16(7, 7), boot: lock.surroundings.boot, device: lock.surroundings.device,
      inode: lock.surroundings.inode)
    try files.flush(HeadLock(counter: lock.counter + 1, surroundings: there, heads: lock.heads))
    let elsewhere = try node.start()
    #expect(elsewhere.isCarried && elsewhere.lock == nil)
    return elsewhere
  }

  @Test func `a directory that cannot be set aside stays free for whom it belongs to`() throws {
    let node = TurnedNode()
    let loop = try carried(node)
    defer { loop.stop() }
    // A file in the place of the folder.
    let moving = node.directory.path + "/data/setting-aside"
    try Data().write(to: URL(fileURLWithPath: moving))
    #expect(try refusal(node, loop).name == .readOnly)
    #expect(loop.lock == nil && loop.isCarried)
    try FileManager.default.removeItem(atPath: moving)
    _ = try node.answer(loop) { loop.setAside($0) }.get()
    #expect(loop.lock != nil && loop.standing() == .noOffice)
  }

  @Test func `a directory that another node uses is told from a disk that fails`() throws {
    let node = TurnedNode()
    let loop = try carried(node)
    defer { loop.stop() }
    let disk = try LinuxDisk.creating(root: node.directory.path + "/data")
    do {
      let other = try DirectoryLock.take("lock", in: disk)
      let error = try refusal(node, loop)
      #expect(error.name == .refused && error.hint?.contains("--home of its own") ?? false)
      _ = consume other
    }
    let file = node.directory.path + "/data/lock"
    try FileManager.default.removeItem(atPath: file)
    try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
    let error = try refusal(node, loop)
    #expect(error.name == .readOnly && error.hint?.contains("--home") == false)
  }

  @Test func `what another node began there since the start is not set aside`() throws {
    let home = MemoryTurnedNode()
    let first = try home.start()
    try home.found(first)
    first.stop()
    var (one, other) = (home, home)
    (one.machine, other.machine) = (2, 3)
    let waiting = try one.start()
    let joining = try other.start()
    #expect(waiting.isCarried && joining.isCarried)
    _ = try other.answer(joining) { joining.setAside($0) }.get()
    joining.stop()
    // Each device has a state of its own.
    var next = MemoryTurnedNode(disk: home.disk)
    next.machine = 3
    let founding = try next.start()
    try next.found(founding)
    founding.stop()
    let before = home.disk.files
    guard case .failure(let error) = try one.answer(waiting, { waiting.setAside($0) }) else {
      throw TestFault()
    }
    #expect(error.name == .refused && error.hint?.hasPrefix("restart this node") ?? false)
    #expect(home.disk.files == before && waiting.isCarried)
    waiting.stop()
    let again = try next.start()
    #expect(again.standing() == .ready)
    again.stop()
  }
}
