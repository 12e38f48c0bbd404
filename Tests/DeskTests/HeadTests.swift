import Format
import TestSupport
import Testing

@testable import Desk

/// Heads as browsers write them, and every other way.
struct HeadTests {
  static func head(_ lines: String...) -> [UInt8] {
    Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }

  /// What Chromium sends for a call, more or less.
  static let call = head(
    "POST /rpc HTTP/1.1", "Host: 127.0.0.1:47480", "Connection: keep-alive", "Content-Length: 44",
    "sec-ch-ua: \"Chromium\";v=\"120\"", "content-type: application/json",
    "User-Agent: Mozilla/5.0", "Accept: */*", "Origin: http://127.0.0.1:47480",
    "Sec-Fetch-Site: same-origin", "Cookie: zuruf-47480=00ff")

  private static func outcome(_ bytes: [UInt8]) -> String {
    do throws(HeadFault) {
      return try RequestHead.read(bytes[...]) == nil ? "more" : "read"
    } catch {
      return "\(error)"
    }
  }

  @Test func `a head of a browser is read`() throws {
    let head = try #require(try RequestHead.read(Self.call[...]))
    #expect(head.method == "POST")
    #expect(head.target == Array("/rpc".utf8))
    #expect(head.length == 44)
    #expect(head["host"] == Array("127.0.0.1:47480".utf8))
    #expect(head["content-type"] == Array("application/json".utf8))
    #expect(head["transfer-encoding"] == nil)
  }

  @Test func `what lies behind the head is not looked at`() throws {
    let more = Self.call + [0, 0x0A, 0x0D, 0xFF]
    #expect(try RequestHead.read(more[...]) == RequestHead.read(Self.call[...]))
  }

  @Test func `every beginning of a head waits for more`() {
    for count in 0..<Self.call.count { #expect(Self.outcome(Array(Self.call[..<count])) == "more") }
  }

  @Test(arguments: [
    "X : y", " X: y", "\tX: y", "X", ": y", "X\u{0}: y", "X: a\u{0}b", "X: a\u{7F}", "X(: y",
    "Host: other", "Origin: a\r\nOrigin: b", "Content-Length: 1\r\nContent-Length: 1",
    "Service-Worker: x\r\nservice-worker: x", "Transfer-Encoding: chunked",
    "transfer-encoding: identity", "Transfer-Encoding:",
    "Content-Length: ", "Content-Length: +1", "Content-Length: -1", "Content-Length: 1,1",
    "Content-Length: 0x1", "Content-Length: ١", "Content-Length: 1234567890123456",
    "X: a\nY: b", "X: a\rY: b", "X: a\r\r\nY: b", "X: a\n\rY: b",
  ])
  func `a field that two readers could take differently is refused`(line: String) {
    #expect(
      Self.outcome(Self.head("GET / HTTP/1.1", "Host: 127.0.0.1:47480", line)) == "malformed")
  }

  @Test(arguments: [
    ("GET  / HTTP/1.1", "malformed"), (" GET / HTTP/1.1", "malformed"),
    ("GET / HTTP/1.1 ", "malformed"), ("GET /", "malformed"), ("GET", "malformed"),
    ("GET / http/1.1", "malformed"), ("GET http://a/ HTTP/1.1", "malformed"),
    ("GET * HTTP/1.1", "malformed"), ("G(T / HTTP/1.1", "malformed"),
    ("GET /ä HTTP/1.1", "malformed"), ("GET /\t HTTP/1.1", "malformed"),
    ("AVERYLONGMETHOD17 / HTTP/1.1", "malformed"), ("", "malformed"),
    ("GET / HTTP/1.0", "otherVersion"), ("GET / HTTP/2.0", "otherVersion"),
    ("GET / HTTP/1.10", "otherVersion"), ("GET / XTTP/1.1", "malformed"),
  ])
  func `a first line is whole or refused`(line: String, outcome: String) {
    #expect(Self.outcome(Self.head(line, "Host: 127.0.0.1:47480")) == outcome)
  }

  @Test func `a head is as long as it may be and no longer`() {
    let start = Array(Self.head("GET / HTTP/1.1").dropLast(2))
    func head(_ count: Int) -> [UInt8] {
      let filler = [UInt8](repeating: 0x78, count: count - start.count - 3 - 4)
      return start + Array("X: ".utf8) + filler + Array("\r\n\r\n".utf8)
    }
    #expect(Self.outcome(head(Limits.deskHeadBytesMax)) == "read")
    #expect(Self.outcome(head(Limits.deskHeadBytesMax + 1)) == "tooLarge")
    let fields = { (count: Int) in
      start + Array(String(repeating: "X: y\r\n", count: count).utf8) + Array("\r\n".utf8)
    }
    #expect(Self.outcome(fields(Limits.deskFieldsMax)) == "read")
    #expect(Self.outcome(fields(Limits.deskFieldsMax + 1)) == "tooLarge")
  }

  @Test func `no spoilt head traps, and one that is read is read alike from a part of an array`() {
    var read = 0
    Mutations.flips(of: Self.call, seed: 1) { bytes in
      let shifted = [0x0A] + bytes
      let here = try? RequestHead.read(bytes[...])
      let there = try? RequestHead.read(shifted[1...])
      #expect(here == there)
      if here != nil { read += 1 }
    }
    // Most flips within values change nothing about the form.
    #expect(read > Self.call.count)
  }

  @Test func `every answer is a head and a body with the lines that all of them carry`() {
    let answer = Answer(400, json: Array("{}\n".utf8))
    let text = String(decoding: answer.bytes, as: UTF8.self)
    #expect(text.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
    #expect(text.hasSuffix("Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"))
    for line in HeaderLine.everywhere { #expect(text.contains("\(line.name): \(line.value)\r\n")) }
    #expect(!String(decoding: Answer(204).bytes, as: UTF8.self).contains("Content-Length"))
    for fault in [HeadFault.malformed, .tooLarge, .otherVersion] {
      #expect((400...505).contains(fault.answer.status))
    }
  }
}
