import Control
import Discovery
import Format
import Platform
import TestSupport

@testable import Daemon

/// A node on disks in memory, which fail as they are told to, and whose turns the test takes itself.
struct MemoryTurnedNode {
  let disk: MemoryDisk
  let state: MemoryDisk
  var network: any Network = TCPNetwork()
  /// Which start of the kernel it is.
  var boot: UInt64 = 1
  /// Which computer it runs on.
  var machine: UInt64 = 1

  init(disk: MemoryDisk = MemoryDisk(), state: MemoryDisk = MemoryDisk()) {
    (self.disk, self.state) = (disk, state)
  }

  /// The same as it is now, on another computer or put back later.
  func copied() -> MemoryTurnedNode {
    MemoryTurnedNode(disk: disk.cloned(), state: state.cloned())
  }

  /// Opens what is there, without listening or discovery.
  func start(ticketFile: String? = nil) throws -> NodeLoop {
    var configuration = Configuration()
    configuration.ticketFile = ticketFile
    configuration.usesDiscovery = false
    let state = state
    let surroundings = Surroundings(
      clock: LinuxClock(), entropy: LinuxEntropy(), network: network,
      watch: try Poller.kernelWatch(), disk: disk, openState: { _ in (state, nil) },
      machine: Bytes16(1, machine), boot: Bytes16(1, boot),
      openDiscovery: { configuration, tell throws(SocketError) in
        try DiscoveryThread(configuration: configuration, onEvent: tell)
      }, storing: Surroundings.diskThread)
    let loop = try NodeLoop(configuration, in: surroundings)
    try loop.openOffice()
    return loop
  }

  /// Takes turns until one thing that was asked is answered.
  func answer(
    _ loop: NodeLoop, _ ask: (_ reply: @escaping Answer) -> Void
  ) throws -> Result<ControlResult, ControlError> {
    var answer: Result<ControlResult, ControlError>?
    ask { answer = $0 }
    var events: [PollEvent] = []
    while true {
      if let answer { return answer }
      try loop.turn(&events)
    }
  }

  func found(_ loop: NodeLoop) throws {
    let call = OfficeNewCall(office: "Werk", name: "Anna", device: "a")
    _ = try answer(loop) { loop.officeNew(call, $0) }.get()
  }

  /// Sends a text to everyone; nil where it was kept.
  func send(_ loop: NodeLoop, _ text: String) throws -> ControlError? {
    let answer = try answer(loop) { reply in
      loop.send(SendCall(to: "everyone", text: text, id: nil), reply)
    }
    guard case .failure(let error) = answer else { return nil }
    return error
  }
}
