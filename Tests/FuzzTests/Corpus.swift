import Foundation
import TestSupport

/// The inputs that fuzzing has found to reach what no other one reaches, and those that once found
/// something: in Tools/Sources/fuzz/corpus two files for each target, a line in base64 for each input.
enum Corpus {
  private static let folder = PackageRoot.url.appendingPathComponent("Tools/Sources/fuzz/corpus")

  /// The names of all files in which inputs are kept.
  static func files() throws -> Set<String> {
    Set(try FileManager.default.contentsOfDirectory(atPath: folder.path))
  }

  /// What is kept of a target; throws where its file is missing or holds what is no base64.
  static func inputs(of target: String) throws -> [[UInt8]] {
    // Not every target has found something.
    let found = try files().contains(found(by: target)) ? lines(of: found(by: target)) : []
    return try found + lines(of: target)
  }

  /// The name of the file with what once found something.
  static func found(by target: String) -> String { target + "-found" }

  private static func lines(of file: String) throws -> [[UInt8]] {
    let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
    return try text.split(separator: "\n").enumerated().map { number, line in
      guard let data = Data(base64Encoded: String(line)) else {
        throw Found("line \(number + 1) of the corpus \(file) is no base64")
      }
      return Array(data)
    }
  }
}
