import CLinux
import Control
import Glibc
import TestSupport
import Testing

@testable import Platform

/// What the program tells the service manager that started it.
@Suite(.serialized) struct ReadinessTests {
  @Test func `the program says that it is ready once it answers, and not before`() throws {
    let folder = TemporaryDirectory()
    let manager = try Socket.open(family: AF_UNIX, kind: SOCK_DGRAM)
    let number = manager.descriptor.number
    let path = folder.path + "/notify"
    let bound = try unsafe withLocalForm(path) { unsafe bind(number, $0, $1) }
    try #require(bound == 0)
    let node = RealNode()
    node.notifySocket = path
    try node.launch()
    // As long as a node of a test may run: it has long ended where nothing is ever said.
    var poller = try Poller.open()
    try poller.add(manager.descriptor, token: 0, interest: .read)
    var events: [PollEvent] = []
    try poller.wait(until: LinuxClock().now() + .seconds(300), into: &events)
    var room = [UInt8](repeating: 0, count: 64)
    var span = room.mutableSpan
    guard case .bytes(let count) = manager.read(into: &span) else { throw Silent() }
    #expect(String(decoding: room[..<count], as: UTF8.self) == "READY=1")
    // Asked once, at that moment: a node that is not there yet refuses the connection.
    #expect(try node.ask(StatusCall()).standing == .noOffice)
    #expect(node.stop() == 0)
  }

  private struct Silent: Error {}
}
