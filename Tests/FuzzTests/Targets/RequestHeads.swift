import Format
import Platform

@testable import Desk

/// Requests of browsers: the head as it comes in, who is let through, and the body's call.
enum RequestHeads {
  static let target = FuzzTarget(
    name: "http", kind: .decoder,
    abstract:
      "a head that is taken is strict HTTP/1.1, at its end and not before, and gets no further"
      + " than its fields allow",
    reaches: ["Desk", "Platform"], sizeMax: 2_048, seeds: { seeds() }, run: { try run($0) })

  private static let port: UInt16 = 47_480
  private static let gate = Gate(port: port)

  /// The one secret that every run begins with; a browser that has it is let in.
  private static let secret = String(repeating: "07", count: 32)
  private static let cookie = "zuruf-\(port)=\(secret)"

  /// Always the same bytes.
  private struct OneByte: Entropy {
    func fill(_ buffer: inout MutableSpan<UInt8>) {
      for place in 0..<buffer.count { buffer[place] = 7 }
    }
  }

  private static func seeds() -> [[UInt8]] {
    let host = "Host: 127.0.0.1:\(port)\r\n"
    let own = host + "Origin: http://127.0.0.1:\(port)\r\nSec-Fetch-Site: same-origin\r\n"
    let post = own + "Content-Type: application/json; charset=utf-8\r\nCookie: a=b; \(cookie)\r\n"
    let call = #"{"jsonrpc":"2.0","id":1,"method":"status","params":{}}"#
    let heads = [
      "GET / HTTP/1.1\r\n" + host + "Accept-Language: de-AT,de;q=0.9\r\n\r\n",
      "HEAD /texts/de.json HTTP/1.1\r\n" + host + "\r\n",
      "GET /enter?link=\(secret) HTTP/1.1\r\n" + host + "Sec-Fetch-Site: none\r\n\r\n",
      "OPTIONS /rpc HTTP/1.1\r\n" + host + "Origin: null\r\n\r\n",
      "POST /rpc HTTP/1.1\r\n" + post + "Content-Length: \(call.utf8.count)\r\n\r\n" + call,
      "POST /events HTTP/1.1\r\n" + post + "Content-Length: 2\r\n\r\n{}",
      "POST /rpc HTTP/1.1\r\n" + post + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\nHost: x\n\n",
    ]
    // Where the bytes are cut in two comes first.
    return heads.map { [0, 40] + Array($0.utf8) }
  }

  static func run(_ input: [UInt8]) throws {
    guard input.count > 2 else { return }
    let bytes = Array(input.dropFirst(2))
    let cut = (Int(input[0]) << 8 | Int(input[1])) % (bytes.count + 1)
    let whole = read(bytes[...])
    try agree(whole, read(bytes[..<cut]), cut, bytes)
    guard case .success(let head?) = whole else { return }
    let end = try end(of: bytes)
    try needStrict(bytes[..<end], head)
    try judge(head, bytes)
    let body = Array(bytes[end...])
    _ = try? NodeLine.call(body)
  }

  private static func read(_ bytes: ArraySlice<UInt8>) -> Result<RequestHead?, HeadFault> {
    Result { () throws(HeadFault) in try RequestHead.read(bytes) }
  }

  /// What was decided of the first part stays so when the rest comes.
  private static func agree(
    _ whole: Result<RequestHead?, HeadFault>, _ part: Result<RequestHead?, HeadFault>, _ cut: Int,
    _ bytes: [UInt8]
  ) throws {
    switch part {
    case .failure: try need(whole == part, "a head was refused and then taken, or otherwise")
    case .success(let head?):
      try need(whole == .success(head), "a head that was whole is another one with more behind it")
    case .success(nil):
      guard case .success(.some) = whole else { return }
      try need(try end(of: bytes) > cut, "a head was whole and was waited for")
    }
  }

  private static func end(of bytes: [UInt8]) throws -> Int {
    for at in bytes.indices.dropLast(3) where bytes[at] == 13 {
      if bytes[at + 1] == 10, bytes[at + 2] == 13, bytes[at + 3] == 10 { return at + 4 }
    }
    throw Found("a head was taken that does not end")
  }

  /// By the grammar of RFC 9112, read line by line in another way.
  private static func needStrict(_ bytes: ArraySlice<UInt8>, _ head: RequestHead) throws {
    let text = String(decoding: bytes, as: UTF8.self)
    var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      .map { String($0) }
    try need(bytes.count <= Limits.deskHeadBytesMax, "a head is longer than it may be")
    for line in lines.dropLast() {
      try need(line.unicodeScalars.last == "\r", "a line of a head ends without both marks")
    }
    lines = lines.map { String(String.UnicodeScalarView($0.unicodeScalars.filter { $0 != "\r" })) }
    try need(
      lines[0] == "\(head.method) \(String(decoding: head.target, as: UTF8.self)) HTTP/1.1",
      "a first line was taken as another")
    let single = ["host", "content-length", "origin", "cookie", "content-type"]
    var seen: [String] = []
    for line in lines.dropFirst() where !line.isEmpty {
      guard let colon = line.unicodeScalars.firstIndex(of: ":") else {
        throw Found("a field without a colon was taken")
      }
      let name = String(line.unicodeScalars[..<colon]).lowercased()
      try need(!name.isEmpty && !name.unicodeScalars.contains(" "), "a name of a field has a blank")
      try need(name != "transfer-encoding", "a body in chunks was taken")
      try need(!single.contains(name) || !seen.contains(name), "\"\(name)\" stands twice")
      seen.append(name)
    }
    try need(seen.count <= Limits.deskFieldsMax, "a head has too many fields")
  }

  /// Nobody gets to the node without the cookie, the right host and the right origin.
  private static func judge(_ head: RequestHead, _ bytes: [UInt8]) throws {
    var visitors = Visitors(entropy: OneByte())
    let start = Moment(nanoseconds: 0)
    let token = visitors.newLink(at: start)
    try need(
      visitors.enter(by: Array(token.utf8)[...], at: start) == secret, "the secret is another")
    _ = visitors.newLink(at: start)
    switch gate.judge(head, &visitors, at: start) {
    case .answer(let answer): try needWhole(answer)
    case .admit(let errand, let count):
      let hosts = ["127.0.0.1", "[::1]", "localhost"].map { Array("\($0):\(port)".utf8) }
      guard let host = head["host"], hosts.contains(host) else {
        throw Found("a request to another host was let through")
      }
      try need(count <= Limits.controlLineBytesMax, "a body is longer than it may be")
      if case .file = errand { return }
      try need(head["origin"] == Array("http://".utf8) + host, "another page was let through")
      try need(
        head["cookie"].map { contains($0, cookie) } ?? false, "let in without a cookie")
      try need(head.method == "POST", "let through by a method that changes nothing")
    }
  }

  private static func contains(_ bytes: [UInt8], _ text: String) -> Bool {
    let wanted = Array(text.utf8)
    return bytes.indices.contains { bytes[$0...].starts(with: wanted) }
  }

  /// An answer is one head and its body: nothing of a request stands in it as a line of its own.
  private static func needWhole(_ answer: Answer) throws {
    let bytes = answer.bytes
    let head = bytes[..<(try end(of: bytes))]
    let lines = String(decoding: head, as: UTF8.self).unicodeScalars
      .split(separator: "\n", omittingEmptySubsequences: false)
    try need(
      lines.count == answer.lines.count + HeaderLine.everywhere.count + 4
        - (answer.status == 204 ? 1 : 0),
      "an answer has a line more than it should")
  }
}
