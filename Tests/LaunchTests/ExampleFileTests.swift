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

  @Test func `a file as editors of other systems write it says the same`() throws {
    var settings = Configuration()
    let text =
      "\u{feff}# Zuruf\r\n\r\nport = 51109\r\nseed = a.example # here\r\ndiscovery = no\r\n"
    try settings.read(Array(text.utf8))
    #expect(settings.port == 51_109 && settings.seeds == ["a.example"] && !settings.usesDiscovery)
    var wrong = Configuration()
    let mistake = #expect(throws: Configuration.Mistake.self) {
      try wrong.read(Array("# Zuruf\r\n\r\ncolour = red\r\n".utf8))
    }
    #expect(mistake?.line == 3 && mistake?.text.contains("\"colour\"") ?? false)
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
