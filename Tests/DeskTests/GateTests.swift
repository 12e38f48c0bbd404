import Format
import Platform
import Synchronization
import Testing

@testable import Desk

/// Bytes that are never the same twice and the same in every run.
final class CountingEntropy: Entropy {
  private let next = Mutex<UInt8>(0)

  func fill(_ buffer: inout MutableSpan<UInt8>) {
    let number = next.withLock { value in
      value &+= 1
      return value
    }
    for place in 0..<buffer.count { buffer[place] = number }
  }
}

/// Who is let through, by every field that decides it.
struct GateTests {
  static let gate = Gate(port: 47480)
  static let start = Moment(nanoseconds: 0)

  /// Visitors of whom one holds the cookie that is returned.
  static func visitors() throws -> (Visitors, cookie: String) {
    var visitors = Visitors(entropy: CountingEntropy())
    let token = visitors.newLink(at: start)
    let entered = visitors.enter(by: Array(token.utf8)[...], at: start)
    let secret = try #require(entered)
    return (visitors, "zuruf-47480=\(secret)")
  }

  /// The verdict in a word: a status, or what is to be carried out.
  private static func verdict(_ lines: String...) throws -> String {
    var (visitors, _) = try Self.visitors()
    let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    let head = try #require(try RequestHead.read(bytes[...]))
    switch gate.judge(head, &visitors, at: start) {
    case .answer(let answer): return "\(answer.status)"
    case .admit(let errand, let bodyBytes): return "\(errand) \(bodyBytes)"
    }
  }

  private static func call(_ changed: [String: String?]) throws -> String {
    var fields: [String: String] = [
      "Host": "127.0.0.1:47480", "Origin": "http://127.0.0.1:47480",
      "Content-Type": "application/json", "Content-Length": "12",
      "Cookie": try visitors().cookie, "Sec-Fetch-Site": "same-origin",
    ]
    for (name, value) in changed { fields[name] = value }
    let lines = fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    return try verdict((["POST /rpc HTTP/1.1"] + lines).joined(separator: "\r\n"))
  }

  @Test func `the page's own call is let through`() throws {
    #expect(try Self.call([:]) == "call 12")
    #expect(try Self.call(["Sec-Fetch-Site": nil]) == "call 12")
    #expect(try Self.call(["Content-Length": "1048576"]) == "call 1048576")
    for host in ["localhost:47480", "[::1]:47480"] {
      #expect(try Self.call(["Host": host, "Origin": "http://\(host)"]) == "call 12")
    }
  }

  @Test(
    arguments: [
      ("Host", "evil.example", "403"), ("Host", "127.0.0.1", "403"), ("Host", nil, "403"),
      // Two of our names, but not the same one.
      ("Host", "localhost:47480", "403"), ("Origin", nil, "403"), ("Origin", "null", "403"),
      ("Origin", "http://127.0.0.1:47481", "403"), ("Sec-Fetch-Site", "cross-site", "403"),
      ("Sec-Fetch-Site", "same-site", "403"), ("Sec-Fetch-Site", "none", "403"),
      ("Content-Type", nil, "415"), ("Content-Type", "text/plain", "415"),
      ("Cookie", nil, "401"), ("Cookie", "zuruf-47480=00", "401"),
      ("Content-Length", nil, "411"), ("Content-Length", "1048577", "413"),
    ] as [(String, String?, String)])
  func `a call with one thing wrong is refused`(
    name: String, value: String?, status: String
  ) throws {
    #expect(try Self.call([name: value]) == status)
  }

  @Test func `refusals come in one order, whoever has more than one thing wrong`() throws {
    var wrong: [String: String?] = ["Content-Length": nil]
    for (name, status) in [
      ("Content-Length", "411"), ("Cookie", "401"), ("Content-Type", "415"), ("Origin", "403"),
    ] {
      wrong[name] = .some(nil)
      #expect(try Self.call(wrong) == status)
    }
  }

  @Test func `the page is given to whoever asks for it here`() throws {
    let host = "Host: localhost:47480"
    #expect(try Self.verdict("GET / HTTP/1.1", host) == "file(0) 0")
    #expect(try Self.verdict("HEAD / HTTP/1.1", host) == "file(0) 0")
    #expect(try Self.verdict("GET / HTTP/1.1", host, "Accept-Language: de-AT,en") == "file(1) 0")
    #expect(try Self.verdict("GET / HTTP/1.1", host, "Sec-Fetch-Site: none") == "file(0) 0")
    #expect(try Self.verdict("GET / HTTP/1.1", host, "Sec-Fetch-Site: cross-site") == "403")
    // A script that would stay in the browser, whatever it says it is.
    for value in ["script", "", "x"] {
      #expect(try Self.verdict("GET / HTTP/1.1", host, "Service-Worker: \(value)") == "403")
    }
    #expect(try Self.verdict("GET / HTTP/1.1", host, "Content-Length: 1") == "400")
    #expect(try Self.verdict("PUT / HTTP/1.1", host, "Origin: http://localhost:47480") == "405")
    #expect(try Self.verdict("OPTIONS /rpc HTTP/1.1", host) == "204")
    for target in ["/index.html", "/?x", "/%2e", "//", "/js/", "/js/../", "/rpc?", "/Page"] {
      #expect(try Self.verdict("GET \(target) HTTP/1.1", host) == "404", "\(target)")
    }
  }

  @Test func `a link lets in once, until its time is over, and only by GET`() throws {
    var visitors = Visitors(entropy: CountingEntropy())
    func enter(_ token: String, method: String = "GET", at moment: Moment) throws -> Answer {
      let line = "\(method) /enter?link=\(token) HTTP/1.1\r\nHost: localhost:47480\r\n\r\n"
      let head = try #require(try RequestHead.read(Array(line.utf8)[...]))
      guard case .answer(let answer) = Self.gate.judge(head, &visitors, at: moment) else {
        throw HeadFault.malformed
      }
      return answer
    }
    func cookie(_ answer: Answer) -> String? {
      answer.lines.first { $0.name == "Set-Cookie" }?.value
    }
    let token = visitors.newLink(at: Self.start)
    #expect(Self.gate.link(token: token) == "http://127.0.0.1:47480/enter?link=\(token)")
    #expect(token.utf8.count == 64)
    #expect(try enter(token, method: "HEAD", at: Self.start).status == 405)
    let answer = try enter(token, at: Self.start)
    #expect(answer.status == 303)
    #expect(cookie(answer)?.hasSuffix("; Path=/; HttpOnly; SameSite=Strict") == true)
    #expect(cookie(answer)?.contains(token) == false)
    let again = try enter(token, at: Self.start)
    #expect(again.status == 303)
    #expect(cookie(again) == nil)
    let late = visitors.newLink(at: Self.start)
    let end = Self.start + .seconds(Limits.deskLinkSeconds)
    #expect(try cookie(enter(late, at: end)) == nil)
    let timely = visitors.newLink(at: Self.start)
    #expect(
      try cookie(enter(timely, at: Moment(nanoseconds: end.nanoseconds - 1))) != nil)
  }

  @Test func `links and cookies are as many as the limits say, the newest ones`() throws {
    var visitors = Visitors(entropy: CountingEntropy())
    func enter(_ token: String) -> String? {
      visitors.enter(by: Array(token.utf8)[...], at: Self.start)
    }
    let links = (0...Limits.deskLinksMax).map { _ in visitors.newLink(at: Self.start) }
    #expect(Set(links).count == links.count)
    #expect(enter(links[0]) == nil)
    for link in links.dropFirst() { #expect(enter(link) != nil) }
    let sessions = (0...Limits.deskSessionsMax).compactMap { _ in
      enter(visitors.newLink(at: Self.start))
    }
    #expect(sessions.count == Limits.deskSessionsMax + 1)
    func isKnown(_ secret: String) -> Bool { visitors.knows([Array(secret.utf8)[...]]) }
    #expect(!isKnown(sessions[0]))
    for secret in sessions.dropFirst() { #expect(isKnown(secret)) }
    #expect(visitors.knows([[], Array(sessions[1].utf8)[...]]))
    #expect(!visitors.knows([]))
  }
}
