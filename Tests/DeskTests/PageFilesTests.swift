import Foundation
import Page
import TestSupport
import Testing

/// What is embedded against what lies in the folder.
struct PageFilesTests {
  @Test func `every file of the folder is embedded as it is`() throws {
    let folder = PackageRoot.url.appendingPathComponent("Sources/Desk/Page")
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .filter { $0.contains(".") && !$0.hasSuffix(".swift") }
    #expect(!names.isEmpty)
    let files = Dictionary(uniqueKeysWithValues: PageFiles.all.map { ($0.path, $0.bytes) })
    #expect(files.count == names.count)
    for name in names {
      let content = try Array(Data(contentsOf: folder.appendingPathComponent(name)))
      #expect(files[name] == content, "\(name)")
    }
  }
}
