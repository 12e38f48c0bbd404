import Platform
import TestSupport
import Testing

@testable import Daemon
@testable import Storage

/// With what a start ends that cannot read what is stored: whoever runs the node starts it again only
/// where that may help.
@Suite struct StartFaultTests {
  private let node = MemoryTurnedNode()

  private func founded() throws {
    let loop = try node.start()
    try node.found(loop)
    loop.stop()
  }

  private func fault() -> Fatal? {
    do {
      try node.start().stop()
      return nil
    } catch {
      return error as? Fatal
    }
  }

  @Test func `what the disk does not give just now is a fault of the disk`() throws {
    try founded()
    for path in [HomeFile.office.path, HomeFile.keys.path] {
      node.disk.failReads(of: path)
      let found = try #require(fault())
      #expect(found.cause == .diskFault && found.hint?.contains("zuruf-inspect") ?? false)
      node.disk.failReads(of: path, at: 0..<0)
    }
    node.disk.exhaust(.tooManyFiles)
    let found = try #require(fault())
    #expect(found.cause == .diskFault && found.hint?.contains("ulimit") ?? false)
    node.disk.exhaust(nil)
    node.disk.failLists(true)
    #expect(fault()?.cause == .diskFault)
    node.disk.failLists(false)
    #expect(fault() == nil)
  }

  @Test func `what this user may not read is for a person to see to, and no fault that passes`()
    throws
  {
    try founded()
    for error in [SystemError.accessDenied, .notPermitted] {
      node.disk.exhaust(error)
      let found = try #require(fault())
      #expect(found.cause == .directoryNotPrivate && found.hint?.contains("ls -l") ?? false)
    }
    node.disk.exhaust(nil)
    #expect(fault() == nil)
  }

  @Test func `what is not what a node wrote is damage`() throws {
    try founded()
    node.disk.rot(HomeFile.keys.path, byte: 40, bit: 3)
    #expect(fault()?.cause == .dataDamaged)
  }
}
