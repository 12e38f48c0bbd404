/// One header line of an answer.
struct HeaderLine: Equatable, Sendable {
  let name: String
  let value: String

  init(_ name: String, _ value: String) {
    (self.name, self.value) = (name, value)
  }

  /// What every answer carries, whatever it is about (W-8).
  ///
  /// `Connection: close`, because each request is read by us before libmicrohttpd sees it, which can
  /// be done of the first one of a connection only.
  static let everywhere = [
    HeaderLine("Connection", "close"),
    HeaderLine("Content-Security-Policy", ServedPage.embedded.policy),
    HeaderLine("X-Content-Type-Options", "nosniff"),
    HeaderLine("Referrer-Policy", "no-referrer"),
    HeaderLine("Cross-Origin-Resource-Policy", "same-origin"),
    HeaderLine("Cross-Origin-Opener-Policy", "same-origin"),
    HeaderLine("Cache-Control", "no-store"),
  ]
}

/// An answer that is given at once, without libmicrohttpd: a refusal, or where to go.
struct Answer: Equatable {
  let status: Int
  private(set) var lines: [HeaderLine] = []
  private(set) var body: [UInt8] = []

  /// An answer without a body.
  init(_ status: Int, _ lines: HeaderLine...) {
    self.status = status
    self.lines = lines
  }

  /// An answer whose body is JSON, without its line feed.
  init(_ status: Int, json line: [UInt8]) {
    self.status = status
    lines = [HeaderLine("Content-Type", "application/json")]
    body = line.last == .lineFeed ? line.dropLast() : line
  }

  /// The answer as it is sent.
  var bytes: [UInt8] {
    var text = "HTTP/1.1 \(status) \(Self.reasons[status] ?? "Refused")\r\n"
    for line in HeaderLine.everywhere + lines { text += "\(line.name): \(line.value)\r\n" }
    // 204 has no body and says so by its number (RFC 9110 8.6).
    if status != 204 { text += "Content-Length: \(body.count)\r\n" }
    return Array((text + "\r\n").utf8) + body
  }

  private static let reasons = [
    204: "No Content", 303: "See Other", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 411: "Length Required",
    413: "Content Too Large", 415: "Unsupported Media Type",
    431: "Request Header Fields Too Large", 503: "Service Unavailable",
    505: "HTTP Version Not Supported",
  ]
}

extension HeadFault {
  var answer: Answer {
    switch self {
    case .malformed: Answer(400)
    case .tooLarge: Answer(431)
    case .otherVersion: Answer(505)
    }
  }
}
