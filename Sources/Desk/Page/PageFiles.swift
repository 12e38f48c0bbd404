/// The files of the page as they lie in this folder, embedded in the program.
///
/// A target of its own, because the compiler takes its time over bytes: half a minute for 200 KB.
package enum PageFiles {
  /// One file.
  package struct File: Sendable {
    /// Where a browser finds it.
    package let path: String
    package let bytes: [UInt8]

    init(_ path: String, _ bytes: [UInt8]) {
      (self.path, self.bytes) = (path, bytes)
    }

    /// What it is, by the end of its name; the start page has none.
    package var type: String {
      switch path.split(separator: ".").last {
      case "css": "text/css; charset=utf-8"
      case "js": "text/javascript; charset=utf-8"
      case "svg": "image/svg+xml"
      default: "text/html; charset=utf-8"
      }
    }
  }

  /// Every file; a test compares the list with the folder.
  package static let all = [
    File("/", PackageResources.index_html)
  ]
}
