import Daemon
import Foundation
import TestSupport
import Testing

@testable import Launch

/// The configuration file that people begin with.
struct ExampleFileTests {
  @Test func `the printed file is the one that lies among the sources`() throws {
    let place = PackageRoot.url.appendingPathComponent("Sources/zurufd/zurufd.conf")
    let bytes = try Array(Data(contentsOf: place))
    #expect(bytes == Array(ExampleFile.text.utf8))
  }

  @Test func `the file as printed changes nothing`() throws {
    var settings = Configuration()
    try settings.read(Array(ExampleFile.text.utf8))
    #expect(settings.home == nil)
    #expect(settings.seeds.isEmpty)
    #expect(settings.usesDiscovery)
  }

  @Test func `every setting is explained, and every example can be read`() throws {
    let examples = ExampleFile.text.split(separator: "\n").filter { line in
      line.hasPrefix("#") && !line.hasPrefix("# ") && line.contains(" = ")
    }.map { $0.dropFirst() }
    var settings = Configuration()
    try settings.read(Array(examples.joined(separator: "\n").utf8))
    #expect(settings.seeds.count == 3)
    var named: [String] = []
    for line in examples {
      let key = String(line.prefix { $0 != " " })
      if !named.contains(key) { named.append(key) }
    }
    #expect(named == Configuration.keys)
  }
}
