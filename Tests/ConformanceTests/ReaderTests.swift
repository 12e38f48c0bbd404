import Foundation
import TestSupport
import Testing

/// The independent reader in Tools/ and the generator of the vectors, run as they stand.
@Suite struct ReaderTests {
  struct Outcome {
    let status: Int32
    let output: String
  }

  /// Status 3 is how both tools say that python3-nacl is missing.
  static func run(_ tool: String, _ arguments: [String]) throws -> Outcome? {
    let python = URL(fileURLWithPath: "/usr/bin/python3")
    guard FileManager.default.isExecutableFile(atPath: python.path) else {
      print("ReaderTests: skipped, /usr/bin/python3 is missing: apt install python3 python3-nacl")
      return nil
    }
    let process = Process()
    process.executableURL = python
    process.arguments =
      [PackageRoot.url.appendingPathComponent("Tools/\(tool)").path] + arguments
    let pipe = Pipe()
    (process.standardOutput, process.standardError) = (pipe, pipe)
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let outcome = Outcome(
      status: process.terminationStatus, output: String(decoding: data, as: UTF8.self))
    if outcome.status == 3 {
      print("ReaderTests: skipped, python3-nacl is missing: apt install python3-nacl")
      return nil
    }
    return outcome
  }

  @Test func `the independent reader judges every vector as it expects`() throws {
    guard let outcome = try Self.run("reader", ["--list"]) else { return }
    #expect(outcome.status == 0, "\(outcome.output)")
    let found = outcome.output.split(separator: "\n").map(String.init)
    let expected = Vector.all.map { "\($0.path) \($0.expect.rawValue) \($0.rule)" }
    #expect(found.sorted() == expected.sorted())
  }

  @Test func `the vectors and the examples in the chapters are what the generator writes`() throws {
    guard let outcome = try Self.run("vectorgen", ["--check"]) else { return }
    #expect(outcome.status == 0, "\(outcome.output)")
  }

  @Test func `every rule has a vector or says why it has none`() throws {
    guard let outcome = try Self.run("vectorgen", ["--rules"]) else { return }
    #expect(outcome.status == 0, "\(outcome.output)")
  }
}
