import Foundation

/// One case of Protocol/Vectors: what is expected of its bytes, by which rule, with which inputs.
package struct Vector: Sendable, CustomStringConvertible {
  /// The layer that must refuse, or `ok`.
  package enum Verdict: String, Sendable { case ok, decode, verify, admit }

  /// Why a file is not a vector; only a broken checkout shows it.
  package enum Fault: Error, Sendable { case malformed(String) }

  /// The path below Protocol/Vectors, such as `3-entry/fmt-two.txt`.
  package let path: String
  package let expect: Verdict
  package let rule: String
  /// What the bytes are: header, batch, message and so on.
  package let form: String
  package let bytes: [UInt8]
  private let inputs: [String: String]

  package var description: String { path }

  /// Every vector, in the order of the paths; read once.
  package static let all: [Vector] = load()

  /// The vectors of one form.
  package static func of(_ form: String) -> [Vector] { all.filter { $0.form == form } }

  /// The same case with other bytes.
  package func with(_ bytes: [UInt8]) -> Vector { Vector(self, bytes) }

  private init(_ other: Vector, _ bytes: [UInt8]) {
    (path, expect, rule, form) = (other.path, other.expect, other.rule, other.form)
    (inputs, self.bytes) = (other.inputs, bytes)
  }

  /// An input as it stands in the file, or nil.
  package func text(_ key: String) -> String? { inputs[key] }

  /// An input that must be there, as bytes.
  package func hex(_ key: String) throws -> [UInt8] {
    guard let text = inputs[key], let bytes = [UInt8](hex: text) else {
      throw Fault.malformed("\(path): \(key)")
    }
    return bytes
  }

  /// An input that must be there, as a decimal number.
  package func number(_ key: String) throws -> UInt32 {
    guard let text = inputs[key], let number = UInt32(text) else {
      throw Fault.malformed("\(path): \(key)")
    }
    return number
  }

  /// What a reader must find in an accepted case, by name: `gives-id` under `id`.
  package var gives: [String: String] {
    var found: [String: String] = [:]
    for (key, value) in inputs where key.hasPrefix("gives-") {
      found[String(key.dropFirst("gives-".count))] = value
    }
    return found
  }

  /// The case as a file that a reader of vectors reads again.
  package var text: String {
    let lines = inputs.keys.sorted().map { "\($0): \(inputs[$0] ?? "")" }
    return (lines + ["", bytes.hex, ""]).joined(separator: "\n")
  }

  private static func load() -> [Vector] {
    let folder = PackageRoot.url.appendingPathComponent("Protocol/Vectors")
    let names = FileManager.default.enumerator(atPath: folder.path)?
      .compactMap { $0 as? String }.filter { $0.hasSuffix(".txt") }.sorted()
    return (names ?? []).map { name in
      do {
        let text = try String(
          contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        return try Vector(path: name, text)
      } catch {
        preconditionFailure("\(name) is no vector: \(error)")
      }
    }
  }

  /// Parses one file.
  package init(path: String, _ text: String) throws(Fault) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let border = lines.firstIndex(of: "") else { throw .malformed("\(path): no empty line") }
    var inputs: [String: String] = [:]
    for line in lines[..<border] {
      guard let colon = line.firstIndex(of: ":") else { throw .malformed("\(path): \(line)") }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      inputs[String(line[..<colon])] = String(value)
    }
    guard let expect = inputs["expect"].flatMap(Verdict.init), let rule = inputs["rule"],
      let form = inputs["form"]
    else { throw .malformed("\(path): expect, rule or form is missing") }
    var bytes: [UInt8] = []
    for line in lines[(border + 1)...] { bytes += try Self.row(line, path) }
    (self.path, self.expect, self.rule, self.form) = (path, expect, rule, form)
    (self.inputs, self.bytes) = (inputs, bytes)
  }

  /// The bytes of one line: hex, or one byte and how often it stands there; `#` begins a comment.
  private static func row(_ line: Substring, _ path: String) throws(Fault) -> [UInt8] {
    let parts = line.prefix { $0 != "#" }.split(separator: "*").map {
      $0.filter { $0 != " " }
    }
    guard let digits = parts.first else { return [] }
    guard let bytes = [UInt8](hex: digits) else { throw .malformed("\(path): \(line)") }
    guard parts.count == 2 else { return bytes }
    guard let count = Int(parts[1]), bytes.count == 1 else { throw .malformed("\(path): \(line)") }
    return [UInt8](repeating: bytes[0], count: count)
  }
}
