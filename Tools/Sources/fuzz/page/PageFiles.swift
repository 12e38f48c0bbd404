/// Stands in for the page where Tools/fuzz is built: the same names, a few bytes behind each.
///
/// What a browser asks for is judged by its path, whatever lies there, and the real files take the
/// compiler three quarters of a minute under the sanitizer.
package enum PageFiles {
  /// One file.
  package struct File: Sendable {
    /// Where it lies in the folder.
    package let path: String
    package let bytes: [UInt8]
  }

  package static let all = [
    "index.html", "style.css", "icon.svg", "texts/de.json", "texts/en.json", "js/early.js",
    "js/main.js",
  ].map { File(path: $0, bytes: Array("{}\n".utf8)) }
}
