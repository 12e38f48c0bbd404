import Foundation
import TestSupport
import Testing

@testable import Platform

/// Files that a person named.
struct NamedFileTests {
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
    #expect(try NamedFile.read(path, limit: 9) == Array("port = 1\n".utf8))
    #expect(try NamedFile.read(link, limit: 100) == Array("port = 1\n".utf8))
  }

  @Test func `a file above the limit is refused`() throws {
    let path = try put("port = 1\n")
    #expect(throws: DiskError(.read, path, .tooLong)) { try NamedFile.read(path, limit: 8) }
  }

  @Test func `what is no file is refused with the system's reason`() throws {
    let missing = folder.path + "/missing"
    #expect(throws: DiskError(.read, missing, .notFound)) {
      try NamedFile.read(missing, limit: 8)
    }
    #expect(throws: DiskError(.read, folder.path, .isADirectory)) {
      try NamedFile.read(folder.path, limit: 8)
    }
    #expect(throws: DiskError(.read, "a\0b", .invalid)) { try NamedFile.read("a\0b", limit: 8) }
  }
}
