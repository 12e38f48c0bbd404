import Foundation
import TestSupport

/// The inputs that fuzzing has found to reach what no other one reaches, and those that once found
/// something: in Tools/Sources/fuzz/corpus a file for each target, a line in base64 for each input.
enum Corpus {
  static func inputs(of target: String) throws -> [[UInt8]] {
    let url = PackageRoot.url.appendingPathComponent("Tools/Sources/fuzz/corpus/\(target)")
    let text = try String(contentsOf: url, encoding: .utf8)
    return try text.split(separator: "\n").enumerated().map { number, line in
      guard let data = Data(base64Encoded: String(line)) else {
        throw Found("line \(number + 1) of the corpus of \(target) is no base64")
      }
      return Array(data)
    }
  }
}
