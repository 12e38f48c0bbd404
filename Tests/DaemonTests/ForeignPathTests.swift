import Control
import Format
import Foundation
import Platform
import TestSupport
import Testing

@testable import Daemon

/// What people call things leads nowhere: no name on disk is made of it.
@Suite(.serialized) struct ForeignPathTests {
  /// One office whose every name and text is drawn from a list, and what it left on the disk.
  private func files(_ names: [String]) throws -> [String] {
    let node = TurnedNode()
    let first = try #require(names.first)
    let loop = try node.start()
    try node.found(loop, office: first, name: first, device: first)
    let office = try #require(loop.office)
    for name in names {
      let call = GroupNewCall(title: name, purpose: name, members: [])
      let made = try node.answer(loop) { office.groupNew(call, $0) }.get()
      guard case .groupNew(let group) = made else { continue }
      #expect(group.group.title.map { Array($0.utf8) } == Array(name.utf8))
      let text = SendCall(to: "id:" + group.group.id.text, text: name, id: nil)
      _ = try node.answer(loop) { loop.send(text, $0) }.get()
    }
    let read = ReadCall(group: nil, limit: nil, sinceMs: nil, untilMs: nil, before: nil)
    #expect(try office.read(read).messages.compactMap(\.text).sorted() == names.sorted())
    loop.stop()
    return try places(below: node.directory.path)
  }

  /// Every path below a directory, with `#` for identifiers.
  private func places(below path: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: path)
      .map { $0.replacing(/[0-9a-f]{16,}/, with: "#") }.sorted()
  }

  @Test(.enabled(if: SharedVectors.has("path_traversal"), "\(SharedVectors.absence)"))
  func `groups, people and texts that are called like paths change no name on the disk`() throws {
    var taken: Set<String> = []
    let paths = ForeignPath.all.filter { (try? Name($0.bytes)) != nil }
      .map { String(decoding: $0.bytes, as: UTF8.self) }
      .filter { taken.insert($0.lowercased()).inserted }
    #expect(paths.count > 300)
    // Enough of each kind, for every group is an epoch and a few flushes.
    let some = stride(from: 0, to: paths.count, by: 8).map { paths[$0] }
    let others = try files(some)
    #expect(try others == files(some.indices.map { "name \($0)" }))
    #expect(others.count > some.count)
  }
}
