import Control
import Format
import Foundation
import Platform
import TestSupport
import Testing

@testable import Desk

/// The whole server against a node that answers, hangs or goes.
@Suite(.serialized) struct ServerTests {
  static let status = #"{"id":1,"jsonrpc":"2.0","method":"status"}"#
  static let answer = #"{"id":1,"jsonrpc":"2.0","result":{}}"#

  /// A server beside a fake node, and a browser that was let in.
  final class Served {
    let folder = TemporaryDirectory()
    let node: FakeNode?
    let desk: DeskServer
    let port: UInt16
    private var cookie = ""

    init(_ parts: [FakeNode.Part]?, heartbeatSeconds: Int = 3600, patienceSeconds: Int = 3600)
      throws
    {
      let path = folder.path + "/control"
      node = try parts.map { try FakeNode(path: path, $0) }
      port = try TakenPort(.loopbackV4).number
      desk = try DeskServer(
        DeskSettings(
          node: path, state: folder.path + "/state", port: port,
          patienceSeconds: patienceSeconds, heartbeatSeconds: heartbeatSeconds),
        failed: {})
      let link = try PageLink.ask(paths: [ControlSocketPath.page(beside: path)]).link
      let token = try #require(link.split(separator: "=").last)
      let entered = try send("GET", "/enter?link=\(token)", body: nil).text()
      let line = try #require(
        entered.split(separator: "\r\n").first { $0.hasPrefix("Set-Cookie: ") })
      cookie = String(line.dropFirst("Set-Cookie: ".count).prefix { $0 != ";" })
    }

    func send(_ method: String, _ path: String, body: String?) throws -> Connection {
      let socket = try Socket.connect(to: SocketAddress(.loopbackV4, port: port))
      let connection = Connection(socket)
      var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
      if let body {
        head += "Origin: http://127.0.0.1:\(port)\r\nContent-Type: application/json\r\n"
        head += "Cookie: \(cookie)\r\nContent-Length: \(body.utf8.count)\r\n"
      }
      connection.write(head + "\r\n" + (body ?? ""))
      return connection
    }

    func stop() {
      desk.stop()
      node?.stop()
    }
  }

  @Test func `a call is answered with the node's own line`() throws {
    let served = try Served([.init(answer: Self.answer + "\n", closes: false)])
    let text = try served.send("POST", "/rpc", body: Self.status).text()
    #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(text.hasSuffix("\r\n\r\n" + Self.answer))
    #expect(served.node?.lines == [Self.status])
    served.stop()
  }

  @Test func `a connection that was answered carries the next call`() throws {
    let served = try Served([.init(answer: Self.answer + "\n", closes: false)])
    for _ in 0..<3 {
      let text = try served.send("POST", "/rpc", body: Self.status).text()
      #expect(text.hasSuffix("\r\n\r\n" + Self.answer))
    }
    #expect(served.node?.lines.count == 1)
    served.stop()
  }

  @Test func `where no node answers, or it ends meanwhile, a call is told so`() throws {
    let alone = try Served(nil)
    let ended = try Served([.init(answer: "", closes: true), .init(answer: "{}", closes: true)])
    for served in [alone, ended, ended] {
      let text = try served.send("POST", "/rpc", body: Self.status).text()
      #expect(text.hasPrefix("HTTP/1.1 503 "))
      #expect(text.contains(#""name":"no-node""#))
    }
    let stream = try alone.send("POST", "/events", body: "{}").text()
    #expect(stream.hasPrefix("HTTP/1.1 503 "))
    alone.stop()
    ended.stop()
  }

  @Test func `a stream ends when the node does, behind what it said`() throws {
    let event = #"{"kind":"peer","new":[1]}"#
    let served = try Served([
      .init(
        answer: #"{"id":1,"jsonrpc":"2.0","result":{"cursor":"00ff"}}"# + "\n"
          + #"{"jsonrpc":"2.0","method":"event","params":"# + event + "}\n",
        closes: true)
    ])
    let text = try served.send("POST", "/events", body: "{}").text()
    #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(text.contains("data: {\"cursor\":\"00ff\",\"kind\":\"subscribed\"}\n\n"))
    #expect(text.contains("data: \(event)\n\n"))
    served.stop()
  }

  @Test func `a quiet stream shows that it lives`() throws {
    let served = try Served(
      [.init(answer: #"{"id":1,"jsonrpc":"2.0","result":{"cursor":"00"}}"# + "\n", closes: false)],
      heartbeatSeconds: 1)
    let stream = try served.send("POST", "/events", body: "{}")
    #expect(stream.text(until: ": \n\n").contains(": \n\n"))
    served.stop()
    #expect(stream.text().hasSuffix("0\r\n\r\n"))
  }

  @Test func `a browser's patience is not the node's: a call may wait for long`() throws {
    let served = try Served(
      [.init(answer: Self.answer + "\n", closes: false, waits: true)], patienceSeconds: 1)
    let call = try served.send("POST", "/rpc", body: Self.status)
    #expect(served.node?.waitForLine() == true)
    // Two that send no head are given up meanwhile, one after the other.
    for _ in 0..<2 {
      let quiet = Connection(try Socket.connect(to: SocketAddress(.loopbackV4, port: served.port)))
      #expect(quiet.text().hasPrefix("HTTP/1.1 408 "))
    }
    served.node?.goOn()
    #expect(call.text().hasSuffix(Self.answer))
    served.stop()
  }

  @Test func `a stop answers calls that the node has not answered`() throws {
    let served = try Served([.init(answer: "{", closes: false)])
    let call = try served.send("POST", "/rpc", body: Self.status)
    #expect(served.node?.waitForLine() == true)
    served.stop()
    let text = call.text()
    #expect(text.hasPrefix("HTTP/1.1 503 "))
    #expect(text.contains(#""name":"no-node""#))
  }

  @Test func `a browser that goes away gives its call up, and others get the place`() throws {
    let silent = FakeNode.Part(answer: "", closes: false)
    let served = try Served(
      Array(repeating: silent, count: Limits.deskCallsMax)
        + Array(repeating: .init(answer: Self.answer + "\n", closes: false), count: 8))
    // Four more wait for a place, which they give up too.
    var tabs: [Connection] = []
    for _ in 0..<(Limits.deskCallsMax + 4) {
      tabs.append(try served.send("POST", "/rpc", body: Self.status))
    }
    for _ in 0..<Limits.deskCallsMax { #expect(served.node?.waitForLine() == true) }
    tabs = []
    let text = try served.send("POST", "/rpc", body: Self.status).text()
    #expect(text.hasSuffix(Self.answer))
    served.stop()
  }

  @Test func `a browser that goes away before its stream begins leaves its place`() throws {
    let silent = FakeNode.Part(answer: "", closes: false)
    let subscribed = #"{"id":1,"jsonrpc":"2.0","result":{"cursor":"00"}}"# + "\n"
    let served = try Served(
      Array(repeating: silent, count: Limits.deskStreamsMax)
        + [.init(answer: subscribed, closes: true)])
    var tabs: [Connection] = []
    for _ in 0..<Limits.deskStreamsMax {
      tabs.append(try served.send("POST", "/events", body: "{}"))
    }
    for _ in 0..<Limits.deskStreamsMax { #expect(served.node?.waitForLine() == true) }
    tabs = []
    // An end is seen a moment later: until then one more is told that there are too many.
    var text = ""
    for _ in 0..<10_000 where !text.contains("subscribed") {
      text = try served.send("POST", "/events", body: "{}").text()
    }
    #expect(text.contains(#"{"cursor":"00","kind":"subscribed"}"#))
    served.stop()
  }
}
