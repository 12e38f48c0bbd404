import Format
import Platform

/// What libmicrohttpd is to carry out, for a request that was let through.
enum Errand: Equatable, Sendable {
  /// The file of that number of `ServedPage`.
  case file(Int)
  /// A request to the node.
  case call
  /// A stream of events.
  case events
}

/// Decides who is let through to what: by Host, Origin, cookie, in this order (W-4, W-6, W-7).
///
/// What is not named here does not exist, an upgrade to anything else among it (W-12).
struct Gate {
  /// What became of a head.
  enum Verdict: Equatable {
    /// Answer so, and close.
    case answer(Answer)
    /// Carry it out once so many bytes of body are there.
    case admit(Errand, bodyBytes: Int)
  }

  let port: UInt16
  private let hosts: [[UInt8]]
  private let files: [[UInt8]: Int]
  private let cookieName: [UInt8]

  init(port: UInt16) {
    self.port = port
    hosts = ["127.0.0.1", "[::1]", "localhost"].map { Array("\($0):\(port)".utf8) }
    cookieName = Array("zuruf-\(port)".utf8)
    var files: [[UInt8]: Int] = [:]
    for (number, file) in ServedPage.embedded.files.enumerated() {
      files[Array(file.path.utf8)] = number
    }
    self.files = files
  }

  /// The address of a link with that token.
  func link(token: String) -> String { "http://127.0.0.1:\(port)/enter?link=\(token)" }

  func judge(_ head: RequestHead, _ visitors: inout Visitors, at now: Moment) -> Verdict {
    // A name that a stranger's server answers for leads here too: DNS rebinding ends at the Host.
    guard let host = head["host"], hosts.contains(host) else { return .answer(Answer(403)) }
    guard isFromHere(head, host: host) else { return .answer(Answer(403)) }
    // Nothing that stays in the browser may ever come from this address (W-14).
    guard head["service-worker"] == nil else { return .answer(Answer(403)) }
    let parts = head.target.split(
      separator: 0x3F, maxSplits: 1, omittingEmptySubsequences: false)
    let path = Array(parts[0])
    let query = parts.count > 1 ? parts[1] : nil
    if path.elementsEqual("/enter".utf8) { return enter(head, query, &visitors, at: now) }
    guard query == nil else { return .answer(Answer(404)) }
    if path.elementsEqual("/".utf8) {
      return file(ServedPage.document(for: head["accept-language"]), head)
    }
    if let file = files[path] { return self.file(file, head) }
    if path.elementsEqual("/rpc".utf8) { return post(.call, head, visitors) }
    if path.elementsEqual("/events".utf8) { return post(.events, head, visitors) }
    return .answer(Answer(404))
  }

  /// Whether the request was made by the page itself, or by nobody's page where that is allowed.
  private func isFromHere(_ head: RequestHead, host: [UInt8]) -> Bool {
    if let origin = head["origin"] {
      guard origin == Array("http://".utf8) + host else { return false }
    } else if head.method != "GET" && head.method != "HEAD" && head.method != "OPTIONS" {
      // Every browser says where a request comes from that may change something.
      return false
    }
    guard let site = head["sec-fetch-site"] else { return true }
    if site.elementsEqual("same-origin".utf8) { return true }
    // What a person typed, or another program opened.
    let isStart =
      head.target == Array("/".utf8) || head.target.starts(with: "/enter?".utf8)
    return site.elementsEqual("none".utf8) && head.method == "GET" && isStart
  }

  private func enter(
    _ head: RequestHead, _ query: ArraySlice<UInt8>?, _ visitors: inout Visitors, at now: Moment
  ) -> Verdict {
    // A look ahead by HEAD must not use the link up.
    guard head.method == "GET" else { return notAllowed("GET", head) }
    guard head.length ?? 0 == 0 else { return .answer(Answer(400)) }
    let name = Array("link=".utf8)
    let home = HeaderLine("Location", "/")
    guard let query, query.starts(with: name),
      let secret = visitors.enter(by: query.dropFirst(name.count), at: now)
    else { return .answer(Answer(303, home)) }
    let cookie = "zuruf-\(port)=\(secret); Path=/; HttpOnly; SameSite=Strict"
    return .answer(Answer(303, home, HeaderLine("Set-Cookie", cookie)))
  }

  private func file(_ number: Int, _ head: RequestHead) -> Verdict {
    guard head.method == "GET" || head.method == "HEAD" else {
      return notAllowed("GET, HEAD", head)
    }
    guard head.length ?? 0 == 0 else { return .answer(Answer(400)) }
    return .admit(.file(number), bodyBytes: 0)
  }

  private func post(_ errand: Errand, _ head: RequestHead, _ visitors: Visitors) -> Verdict {
    guard head.method == "POST" else { return notAllowed("POST", head) }
    guard isJSON(head["content-type"]) else { return .answer(Answer(415)) }
    guard visitors.knows(cookies(head)) else { return .answer(Answer(401)) }
    guard let length = head.length else { return .answer(Answer(411)) }
    guard length <= Limits.controlLineBytesMax else { return .answer(Answer(413)) }
    return .admit(errand, bodyBytes: length)
  }

  /// A preflight is told which methods there are and is granted nothing.
  private func notAllowed(_ methods: String, _ head: RequestHead) -> Verdict {
    let allowed = HeaderLine("Allow", methods)
    return .answer(Answer(head.method == "OPTIONS" ? 204 : 405, allowed))
  }

  /// A form can send other types to a stranger's server without asking it; this one it cannot.
  private func isJSON(_ type: [UInt8]?) -> Bool {
    guard let type else { return false }
    let parts = type.map(\.lowercased).split(separator: 0x3B).map(\.trimmed)
    guard let first = parts.first, first.elementsEqual("application/json".utf8) else {
      return false
    }
    return parts.count == 1 || parts.count == 2 && parts[1].elementsEqual("charset=utf-8".utf8)
  }

  private func cookies(_ head: RequestHead) -> [ArraySlice<UInt8>] {
    guard let line = head["cookie"] else { return [] }
    return line.split(separator: 0x3B).map(\.trimmed).compactMap { pair in
      guard let sign = pair.firstIndex(of: 0x3D), pair[..<sign].elementsEqual(cookieName) else {
        return nil
      }
      return pair[(sign + 1)...]
    }
  }
}
