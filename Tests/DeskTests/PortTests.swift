import Control
import Foundation
import Platform
import TestSupport
import Testing

@testable import Desk

/// Which port the page gets, and which it never gets again (W-1, W-13).
struct PortTests {
  /// A state folder in which ports are remembered.
  private final class Memory {
    let folder = TemporaryDirectory()
    var state: String { folder.path + "/state" }
    var path: String { state + "/page-ports" }

    func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    func kept() throws -> [UInt16] { try BurntPorts(folder: state).ports }

    func write(_ text: String) throws {
      try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    /// Why a page does not start at that port; nil where it does.
    func refusal(_ port: UInt16) -> DeskServer.Fault? {
      let settings = DeskSettings(
        node: folder.path + "/control", state: state, port: port, patienceSeconds: nil)
      do throws(DeskServer.Fault) {
        try DeskServer(settings, failed: {}).stop()
        return nil
      } catch {
        return error
      }
    }
  }

  @Test(arguments: [IPAddress.loopbackV4, .loopbackV6])
  func `a port that a program of this user serves is refused by name, and not burnt`(
    ip: IPAddress
  ) throws {
    let taken = try TakenPort(ip)
    let memory = Memory()
    guard case .noPort(let error, let lost)? = memory.refusal(taken.number) else {
      Issue.record("it starts at a port that is taken")
      return
    }
    #expect(error.reason == .addressInUse)
    #expect(error.description.contains("\(SocketAddress(ip, port: taken.number))"))
    #expect(lost == [])
    #expect(try memory.kept() == [])
    withExtendedLifetime(taken) {}
  }

  @Test func `a port of which nobody says that it is this user's is burnt, and stays so`() throws {
    let memory = Memory()
    let port = try heldWithoutListening { port in
      guard case .noPort(_, let lost)? = memory.refusal(port) else {
        Issue.record("it starts at a port that is taken")
        return
      }
      #expect(lost == [port])
      let text = try memory.text()
      #expect(text == "\(port)\n")
    }
    // It is free now, and no more to be had.
    guard case .burnt(let ports)? = memory.refusal(port) else {
      Issue.record("it starts at a burnt port")
      return
    }
    #expect(ports == [port])
    #expect(try memory.kept() == [port])
  }

  @Test func `ports are kept in order and once`() throws {
    let memory = Memory()
    var ports = try BurntPorts(folder: memory.state)
    #expect(ports.ports == [])
    for port: UInt16 in [47_481, 47_480, 47_481] { try ports.add(port) }
    let text = try memory.text()
    #expect(text == "47481\n47480\n")
    #expect(try memory.kept() == [47_481, 47_480])
  }

  @Test(arguments: ["x\n", "0\n", "65536\n", "47480", "\n", "47480\n\n", " 47480\n"])
  func `what is no list of ports is not taken for an empty one`(text: String) throws {
    let memory = Memory()
    try memory.write(text)
    let port = try TakenPort(.loopbackV4).number
    guard case .memory("\"\(memory.path)\" is no list of ports", _)? = memory.refusal(port) else {
      Issue.record("\(text) is read")
      return
    }
  }

  @Test func `a descriptor that was closed is told from a later one of its number`() throws {
    let handed = try HandedOver()
    let first = handed.add(7, .call, bodyBytes: 0)
    handed.remove(7)
    let second = handed.add(7, .call, bodyBytes: 0)
    var seen: [UInt64] = []
    for serial in [first, second] {
      handed.whileOpen(7, serial: serial) { _ in seen.append(serial) }
    }
    #expect(seen == [second])
    handed.remove(7)
    handed.whileOpen(7, serial: second) { _ in seen.append(0) }
    #expect(seen == [second])
  }

  /// Runs something while a port is taken by a socket on which nobody listens.
  private func heldWithoutListening(_ body: (UInt16) throws -> Void) throws -> UInt16 {
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    try #require(number >= 0)
    defer { close(number) }
    let port = try TakenPort(.loopbackV4).number
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(result == 0)
    try body(port)
    return port
  }
}

/// A port that the system chose, and that is taken as long as this lives.
final class TakenPort {
  let number: UInt16
  private let socket: Socket

  init(_ ip: IPAddress) throws {
    let socket = try Socket.listen(on: SocketAddress(ip, port: 0), backlog: 1)
    number = socket.localAddress()?.port ?? 0
    self.socket = socket
  }
}
