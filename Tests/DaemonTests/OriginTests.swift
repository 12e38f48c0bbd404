import Platform
import TestSupport
import Testing

@testable import Daemon
@testable import Storage

/// How a node tells over its restarts whether its data directory is a copy (S-19).
@Suite struct OriginTests {
  private let node = MemoryTurnedNode()

  /// Whether a start takes its directory for a copy.
  private func isCopy(_ node: MemoryTurnedNode) throws -> Bool {
    let loop = try node.start()
    defer { loop.stop() }
    return try #require(loop.office).isLikelyCopy
  }

  private func found() throws {
    let loop = try node.start()
    try node.found(loop)
    #expect(try #require(loop.office).isLikelyCopy == false)
    loop.stop()
  }

  /// Puts `keys` in another place, as a copy has it; all else stays.
  private func move(_ node: MemoryTurnedNode) throws {
    let bytes = try node.disk.readWhole(HomeFile.keys.path, limit: 1_000)
    try node.disk.replace(HomeFile.keys.path, with: bytes.span)
  }

  @Test func `a copy stays one over each restart, and is one no more as a new device`() throws {
    try found()
    let copy = node.copied()
    try move(copy)
    for _ in 0..<3 { #expect(try isCopy(copy)) }
    let loop = try copy.start()
    try #require(loop.office).isProvenCopied = true
    _ = try copy.answer(loop) { loop.setAside($0) }.get()
    try copy.found(loop)
    loop.stop()
    #expect(try !isCopy(copy))
    #expect(try !isCopy(node))
  }

  @Test func `an original whose lock a copy wrote, or that lost it, is none`() throws {
    try found()
    let copy = node.copied()
    try move(copy)
    #expect(try isCopy(copy))
    // As where both are one user's and share a file of it.
    #expect(try !isCopy(MemoryTurnedNode(disk: node.disk, state: copy.state)))
    #expect(try !isCopy(MemoryTurnedNode(disk: node.disk, state: MemoryDisk())))
    #expect(try isCopy(MemoryTurnedNode(disk: copy.disk, state: MemoryDisk())))
  }

  /// A snapshot of a file system has the inodes of what it was made of.
  @Test func `with the same inode on another device it is a copy, and stays one`() throws {
    let home = Home(disk: node.disk)
    #expect(try !home.isCopy(keysAt: 7, lockSaw: nil, isMoved: false, isNew: true))
    for isMoved in [true, false] {
      #expect(try home.isCopy(keysAt: 7, lockSaw: 7, isMoved: isMoved, isNew: false))
    }
  }

  @Test func `a directory of an earlier version is judged by its lock, and that is kept`() throws {
    try found()
    try node.disk.remove(Home.origin)
    let copy = node.copied()
    try move(copy)
    for _ in 0..<2 { #expect(try isCopy(copy)) }
    for _ in 0..<2 { #expect(try !isCopy(node)) }
  }

  @Test func `a copy that cannot keep what it is does not have the lock say otherwise`() throws {
    try found()
    try node.disk.remove(Home.origin)
    var failed = 0
    for operation in 0..<8 {
      let copy = node.copied()
      try move(copy)
      copy.disk.fail(
        MemoryDisk.Fault(
          at: copy.disk.operations + operation, effect: .failed, error: .inputOutput))
      if let loop = try? copy.start() {
        if loop.office?.lockFault?.contains("origin") ?? false { failed += 1 }
        loop.stop()
      }
      for _ in 0..<2 { #expect(try isCopy(copy)) }
    }
    #expect(failed > 0)
  }

  @Test(arguments: ["", "one\n", String(repeating: "7", count: 70)])
  func `what cannot be understood is written anew`(text: String) throws {
    try found()
    try Home(disk: node.disk).writeText(Home.origin, Array(text.utf8))
    #expect(try !isCopy(node))
    try move(node)
    #expect(try isCopy(node))
  }
}
