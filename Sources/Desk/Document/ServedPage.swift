import Cryptography
import Page

/// The page as a browser gets it: one document with all that runs in it (W-15).
///
/// What is in a document is named by its hash and nothing else may run (W-8): so a tab that is open
/// takes no script from whoever has its address by then.
struct ServedPage: Sendable {
  struct File: Sendable {
    let path: String
    let type: String
    let bytes: [UInt8]
  }

  /// The languages of the document; the first one is for whoever asks for none of them.
  static let languages = ["en", "de"]
  static let embedded = ServedPage(PageFiles.all)

  /// What is served: first the document, once for each language, then what it asks for later on.
  let files: [File]
  /// What a document may do.
  let policy: String

  init(_ sources: [PageFiles.File]) {
    var binder = PageBinder(
      files: Dictionary(sources.map { ($0.path, $0.bytes) }, uniquingKeysWith: { one, _ in one }))
    let main = PageBinder.tight(PageBinder.lean(binder.bind("main")), .script)
    var parts = [
      "early": binder.tight("js/early.js", .script),
      "main": PageBinder.short(PageBinder.short(main), made: binder.made),
      "style": PageBinder.short(binder.tight("style.css", .style), PageBinder.styleMark),
    ]
    policy = Self.policy(
      scripts: ["early", "main"].compactMap { parts[$0] },
      styles: ["style"].compactMap { parts[$0] })
    var files = Self.languages.map { language in
      parts["texts"] = binder.tight("texts/\(language).json")
      return File(path: "/", type: "text/html; charset=utf-8", bytes: binder.document(parts))
    }
    for source in sources {
      guard let type = Self.types[String(source.path.split(separator: ".").last ?? "")] else {
        continue
      }
      files.append(File(path: "/" + source.path, type: type, bytes: source.bytes))
    }
    self.files = files
  }

  /// The number of the document in the first of a browser's languages that there is, which it tells
  /// as `Accept-Language`: "de-AT,de;q=0.9,en;q=0.8".
  static func document(for accepted: [UInt8]?) -> Int {
    for wish in (accepted ?? []).split(separator: 0x2C) {
      let name = wish.trimmed.prefix { $0 != 0x2D && $0 != 0x3B }.map(\.lowercased)
      if let number = languages.firstIndex(where: { name.elementsEqual($0.utf8) }) { return number }
    }
    return 0
  }

  /// What is served by itself, by the end of its name.
  private static let types = ["json": "application/json", "svg": "image/svg+xml"]

  private static func policy(scripts: [[UInt8]], styles: [[UInt8]]) -> String {
    func hashes(_ parts: [[UInt8]]) -> String {
      // A browser hashes all that stands between the marks, from the line feed behind the first on.
      parts.map { "'sha256-\(SHA256.hash([.lineFeed].span, $0.span).base64)'" }
        .joined(separator: " ")
    }
    return "default-src 'none'; script-src \(hashes(scripts)); style-src \(hashes(styles)); "
      + "img-src 'self' data:; connect-src 'self'; worker-src 'none'; frame-ancestors 'none'; "
      + "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; "
      + "trusted-types 'none'"
  }
}

extension InlineArray where Element == UInt8 {
  /// The bytes as RFC 4648 4 writes them.
  var base64: String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: count, by: 3) {
      let bytes = (start..<Swift.min(start + 3, count)).map { UInt32(self[$0]) }
      let bits = (0..<3).reduce(0) { $0 << 8 | ($1 < bytes.count ? bytes[$1] : 0) }
      for place in 0..<4 {
        let digit = Int(bits >> UInt32(18 - 6 * place) & 63)
        text.append(place <= bytes.count ? digits[digit] : 0x3D)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
