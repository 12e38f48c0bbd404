import Foundation

/// A list of cases in the shape that nearly all the public files have.
package struct SharedCases<Case: Decodable & Sendable>: Decodable, Sendable {
  package let cases: [Case]

  /// The cases of `<name>.json`, none where it is not there.
  package static func load(_ name: String) -> [Case] {
    (try? SharedVectors.load(name, as: Self.self))?.cases ?? []
  }
}

/// A character, or a few, that look like others (`unicode_confusables`).
package struct LookAlike: Decodable, Sendable {
  package let id: String
  package let char: String
  private let looksLike: [String]
  /// The first of what it is taken for.
  package var original: String { looksLike.first ?? "" }

  private enum CodingKeys: String, CodingKey {
    case id, char
    case looksLike = "looks_like"
  }

  package static var all: [LookAlike] { SharedCases.load("unicode_confusables") }
}

/// Bytes that somebody sends where a path is made of them (`path_traversal`).
package struct ForeignPath: Decodable, Sendable {
  package let id: String
  private let base64: String
  package var bytes: [UInt8] { Data(base64Encoded: base64).map { Array($0) } ?? [] }

  package static var all: [ForeignPath] { SharedCases.load("path_traversal") }
}

/// The public test cases, which lie beside the package and not in it.
package enum SharedVectors {
  /// What a test says that was skipped because there are none.
  package static let absence = """
    no public test cases: neither ZURUF_SHARED nor ../shared beside the package holds vectors
    """

  /// Whether the file `<name>.json` can be read.
  package static func has(_ name: String) -> Bool {
    guard let file = file(name) else { return false }
    return FileManager.default.isReadableFile(atPath: file.path)
  }

  /// Decodes `<name>.json`.
  package static func load<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
    guard let file = file(name) else { throw CocoaError(.fileNoSuchFile) }
    return try JSONDecoder().decode(type, from: Data(contentsOf: file))
  }

  private static func file(_ name: String) -> URL? {
    folder?.appendingPathComponent("\(name).json")
  }

  /// `shared/vectors` of ZURUF_SHARED, else the nearest beside the package or above it: a second
  /// checkout of the repository may lie deeper than the first.
  private static let folder: URL? = {
    if let shared = ProcessInfo.processInfo.environment["ZURUF_SHARED"] {
      return URL(fileURLWithPath: shared).appendingPathComponent("vectors")
    }
    var place = PackageRoot.url
    while place.pathComponents.count > 1 {
      place.deleteLastPathComponent()
      let folder = place.appendingPathComponent("shared/vectors")
      if FileManager.default.fileExists(atPath: folder.path) { return folder }
    }
    return nil
  }()
}
