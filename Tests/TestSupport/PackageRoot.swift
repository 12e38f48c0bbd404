package import Foundation

/// Where the repository lies that these tests were built from.
package enum PackageRoot {
  /// The folder that holds Package.swift.
  package static let url: URL = {
    var place = URL(fileURLWithPath: #filePath)
    while place.pathComponents.count > 1 {
      place.deleteLastPathComponent()
      let manifest = place.appendingPathComponent("Package.swift")
      if FileManager.default.fileExists(atPath: manifest.path) { return place }
    }
    return place
  }()
}
