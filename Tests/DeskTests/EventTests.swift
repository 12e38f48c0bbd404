import Control
import Format
import Testing

@testable import Desk

/// What a page is sent of its events, and what the node is asked for it.
struct EventTests {
  @Test func `an event is one line behind its word, and a heartbeat comes only where it is quiet`()
  {
    var buffer = EventBuffer()
    buffer.addHeartbeat()
    buffer.addHeartbeat()
    buffer.add(event: Array(#"{"kind":"peer"}"#.utf8)[...])
    buffer.addHeartbeat()
    #expect(Array(buffer.take(1000)) == Array(": \n\ndata: {\"kind\":\"peer\"}\n\n".utf8))
    #expect(buffer.isEmpty)
    #expect(!buffer.isEnded)
  }

  @Test func `a buffer is full at its limit, and has room when it was read`() {
    var buffer = EventBuffer()
    let event = [UInt8](repeating: 0x78, count: 60_000)[...]
    var count = 0
    while !buffer.isFull {
      buffer.add(event: event)
      count += 1
    }
    #expect(count == Limits.deskStreamBytesMax / 60_008 + 1)
    var taken: [UInt8] = []
    while !buffer.isEmpty {
      let part = buffer.take(16_384)
      #expect(part.count <= 16_384)
      taken += part
    }
    #expect(!buffer.isFull)
    #expect(taken.count == count * 60_008)
  }

  @Test func `what came before the end is sent, and nothing after it`() {
    var buffer = EventBuffer()
    buffer.add(event: [0x31])
    buffer.end()
    buffer.add(event: [0x32])
    buffer.addHeartbeat()
    #expect(Array(buffer.take(100)) == Array("data: 1\n\n".utf8))
    #expect(buffer.isEmpty && buffer.isEnded)
  }

  @Test func `a call is one line of the same bytes`() throws {
    let body =
      Array("{\"id\":1,\r\n\"jsonrpc\":\"2.0\",\n\"method\":\"send\",".utf8)
      + Array(#""params":{"to":"a","text":"\r\n"}}"#.utf8)
    let line = try NodeLine.call(body)
    #expect(line.count == body.count)
    #expect(!line.contains(0x0A) && !line.contains(0x0D))
    #expect(try RequestLine(line: line) == RequestLine(line: body))
  }

  @Test(arguments: ["", "[]", "{}", "{}{}", "null", #"{"id":1,"jsonrpc":"2.0","method":"x"}"#])
  func `what is no request is refused before the node hears of it`(body: String) {
    #expect(throws: NodeLine.CallFault.self) { try NodeLine.call(Array(body.utf8)) }
  }

  @Test func `a page subscribes at one address alone`() throws {
    let body = Array(#"{"id":1,"jsonrpc":"2.0","method":"subscribe"}"#.utf8)
    #expect(throws: NodeLine.CallFault.self) { try NodeLine.call(body) }
    let line = try NodeLine.subscribe(Array("{\"after\":\"00ff\",\n\"group\":\"Werk\"}".utf8))
    let request = try RequestLine(line: line)
    #expect(
      request.request
        == .subscribe(SubscribeCall(group: "Werk", after: HexIdentifier(text: "00ff"))))
  }

  @Test(arguments: [
    #"{},"id":2"#, "{}}", "{}}{", "[]", "1", "null", "", #"{"to":"x"}"#, #"{"group":1}"#, "{} {}",
  ])
  func `parameters of a subscription are one object and nothing beside it`(body: String) {
    #expect(throws: RequestLine.Refusal.self) { try NodeLine.subscribe(Array(body.utf8)) }
  }
}
