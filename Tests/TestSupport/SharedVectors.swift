import Foundation

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
