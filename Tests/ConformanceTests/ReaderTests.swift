import Foundation
import TestSupport
import Testing

/// The independent reader in Tools/ and the generator of the vectors, run as they stand.
@Suite struct ReaderTests {
  struct Outcome {
    let status: Int32
    let output: String
  }

  private static let python = URL(fileURLWithPath: "/usr/bin/python3")

  /// Why these tests are skipped where they are.
  static let absence = "python3 or python3-nacl is missing: sudo apt install python3 python3-nacl"

  /// Whether both tools can run here; status 3 is how they say that python3-nacl is missing.
  static let isHere: Bool =
    FileManager.default.isExecutableFile(atPath: python.path)
    && (try? run("vectorgen", ["--rules"], errors: false))?.status != 3

  /// Runs a tool and gives what it writes, with `errors` what it complains of too.
  static func run(_ tool: String, _ arguments: [String], errors: Bool) throws -> Outcome {
    let process = Process()
    process.executableURL = python
    process.arguments =
      [PackageRoot.url.appendingPathComponent("Tools/\(tool)").path] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = errors ? pipe : FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: String(decoding: data, as: UTF8.self))
  }

  @Test(.enabled(if: isHere, "\(absence)"))
  func `the independent reader judges every vector as it expects`() throws {
    let outcome = try Self.run("reader", ["--list"], errors: true)
    #expect(outcome.status == 0, "\(outcome.output)")
    let found = outcome.output.split(separator: "\n").map(String.init)
    let expected = Vector.all.map { "\($0.path) \($0.expect.rawValue) \($0.rule)" }
    #expect(found.sorted() == expected.sorted())
  }

  @Test(.enabled(if: isHere, "\(absence)"))
  func `the vectors and the examples in the chapters are what the generator writes`() throws {
    let outcome = try Self.run("vectorgen", ["--check"], errors: true)
    #expect(outcome.status == 0, "\(outcome.output)")
  }

  @Test(.enabled(if: isHere, "\(absence)"))
  func `every rule has a vector or says why it has none`() throws {
    let outcome = try Self.run("vectorgen", ["--rules"], errors: true)
    #expect(outcome.status == 0, "\(outcome.output)")
  }
}
