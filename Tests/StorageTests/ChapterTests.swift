import Format
import Foundation
import Platform
import TestSupport
import Testing

@testable import Storage

/// The chapter on the store and the code say the same.
struct ChapterTests {
  private func chapter() throws -> String {
    let url = PackageRoot.url.appendingPathComponent("Protocol/B-store.md")
    return try String(contentsOf: url, encoding: .utf8)
  }

  @Test func `the chapter's example is what the store writes`() throws {
    let text = try chapter()
    let block = try #require(text.split(separator: "```hex\n").dropFirst().first)
    let digits = try #require(block.split(separator: "```").first)
    let example = try #require(bytes(hex: String(digits.filter { !$0.isWhitespace })))
    let disk = MemoryDisk()
    let (store, _, _) = try open(disk)
    var feed = SampleFeed(nonce: 1, bodySize: 20)
    try store.append([feed.batch(2)], isOwn: true)
    let written = try #require(disk.files[StorePaths.segment(feed.group, 1)])
    #expect(Array(written.prefix(example.count)) == example)
    #expect(written.dropFirst(example.count).allSatisfy { $0 == 0 })
  }

  @Test func `the chapter's tables name every case of recovery`() throws {
    let text = try chapter()
    for name in SegmentCase.allCases.map({ "\($0)" }) + RecordCase.allCases.map({ "\($0)" }) {
      #expect(text.contains("`\(name)`"), "the chapter does not name \(name)")
    }
  }
}
