import Format

/// Why a request is refused before anybody looks at what it asks.
enum HeadFault: Error, Equatable {
  /// Not as RFC 9112 writes it, in any of the ways that two readers may understand differently.
  case malformed
  /// Longer than `deskHeadBytesMax`, or with more than `deskFieldsMax` fields.
  case tooLarge
  /// Another version of HTTP than 1.1.
  case otherVersion
}

/// The head of a request, read without any leniency (W-5).
///
/// libmicrohttpd 0.9.75 takes bare line feeds, folded lines, blanks before a colon, two lengths and
/// more, even when told to be strict; so nothing reaches it that was not read here first.
struct RequestHead: Equatable {
  let method: String
  let target: [UInt8]
  /// How many bytes of body follow; nil where the request does not say.
  let length: Int?
  private let fields: [[UInt8]: [UInt8]]

  /// The value of the field of that name in small letters, which stands once or not at all.
  subscript(name: String) -> [UInt8]? { fields[Array(name.utf8)] }

  /// Reads the head at the front of what has come so far; nil where it is not all there yet.
  static func read(_ bytes: ArraySlice<UInt8>) throws(HeadFault) -> RequestHead? {
    var lines: [ArraySlice<UInt8>] = []
    var start = bytes.startIndex
    var previous: UInt8 = 0
    for (place, byte) in zip(bytes.indices, bytes) {
      guard place - bytes.startIndex < Limits.deskHeadBytesMax else { throw .tooLarge }
      // A line ends with both, and neither stands anywhere else.
      guard (byte == .lineFeed) == (previous == .carriageReturn) else { throw .malformed }
      guard byte >= 0x20 && byte != 0x7F || byte.isLineEnd || byte == .tab else { throw .malformed }
      previous = byte
      guard byte == .lineFeed else { continue }
      let line = bytes[start..<place].dropLast()
      start = place + 1
      if line.isEmpty { return try RequestHead(lines) }
      guard lines.count <= Limits.deskFieldsMax else { throw .tooLarge }
      lines.append(line)
    }
    return nil
  }

  private init(_ lines: [ArraySlice<UInt8>]) throws(HeadFault) {
    guard let first = lines.first else { throw .malformed }
    let words = first.split(separator: 0x20, omittingEmptySubsequences: false)
    guard words.count == 3, words[0].count <= 16, words[0].isToken,
      words[1].first == 0x2F, words[1].allSatisfy({ (0x21...0x7E).contains($0) })
    else { throw .malformed }
    guard words[2].elementsEqual("HTTP/1.1".utf8) else {
      throw words[2].starts(with: "HTTP/".utf8) ? .otherVersion : .malformed
    }
    method = String(decoding: words[0], as: UTF8.self)
    target = Array(words[1])
    fields = try Self.fields(lines.dropFirst())
    length = try Self.length(fields)
  }

  /// Fields that decide something, which alone are kept; a second one of them is refused rather than one of two chosen.
  private static let single = Set(
    [
      "host", "origin", "cookie", "content-type", "content-length", "transfer-encoding",
      "sec-fetch-site", "service-worker", "accept-language",
    ].map { Array($0.utf8) })

  private static func fields(
    _ lines: ArraySlice<ArraySlice<UInt8>>
  ) throws(HeadFault) -> [[UInt8]: [UInt8]] {
    var fields: [[UInt8]: [UInt8]] = [:]
    for line in lines {
      // A folded line begins with a blank, and so with no name.
      guard let colon = line.firstIndex(of: 0x3A), line[..<colon].isToken else {
        throw .malformed
      }
      let name = line[..<colon].map(\.lowercased)
      let value = line[(colon + 1)...].trimmed
      guard single.contains(name) else { continue }
      guard fields.updateValue(Array(value), forKey: name) == nil else { throw .malformed }
    }
    return fields
  }

  private static func length(_ fields: [[UInt8]: [UInt8]]) throws(HeadFault) -> Int? {
    // No browser sends a page's request in chunks, and what is never read cannot be misread.
    guard fields[Array("transfer-encoding".utf8)] == nil else { throw .malformed }
    guard let digits = fields[Array("content-length".utf8)] else { return nil }
    guard (1...15).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let length = Int(String(decoding: digits, as: UTF8.self))
    else { throw .malformed }
    return length
  }
}

extension UInt8 {
  static let lineFeed: UInt8 = 0x0A
  static let carriageReturn: UInt8 = 0x0D
  static let tab: UInt8 = 0x09

  var isLineEnd: Bool { self == .lineFeed || self == .carriageReturn }

  var isBlank: Bool { self == 0x20 || self == .tab }

  /// The small letter of a capital one of ASCII; every other byte as it is.
  var lowercased: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }

  /// Whether it may stand in a token (RFC 9110 5.6.2).
  fileprivate var isTokenByte: Bool {
    switch self {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
    default: false
    }
  }
}

extension ArraySlice<UInt8> {
  fileprivate var isToken: Bool { !isEmpty && allSatisfy(\.isTokenByte) }

  /// Without the blanks around it.
  var trimmed: ArraySlice<UInt8> {
    let front = drop { $0.isBlank }
    guard let last = front.lastIndex(where: { !$0.isBlank }) else { return [] }
    return front[...last]
  }
}
