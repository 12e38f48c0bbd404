import Foundation
import TestSupport
import Testing

@testable import Platform

/// Files that a person named.
struct SmallFileTests {
  let folder = TemporaryDirectory()

  private func put(_ text: String) throws -> String {
    let path = folder.path + "/file"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  @Test func `a file is read, through a link too`() throws {
    let path = try put("port = 1\n")
    let link = folder.path + "/link"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
    #expect(try SmallFile.read(path, limit: 9) == Array("port = 1\n".utf8))
    #expect(try SmallFile.read(link, limit: 100) == Array("port = 1\n".utf8))
  }

  @Test func `a file above the limit is refused`() throws {
    #expect(try SmallFile.read(try put("port = 1\n"), limit: 8) == nil)
  }

  @Test func `what is no file is refused with the system's reason`() {
    #expect(throws: SystemError.notFound) {
      try SmallFile.read(folder.path + "/missing", limit: 8)
    }
    #expect(throws: SystemError.isADirectory) { try SmallFile.read(folder.path, limit: 8) }
    #expect(throws: SystemError.invalid) { try SmallFile.read("a\0b", limit: 8) }
  }
}
