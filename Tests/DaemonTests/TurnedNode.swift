import Control
import Platform
import TestSupport

@testable import Daemon

/// The data directory of a node, on a real disk, whose turns the test takes itself.
struct TurnedNode {
  var directory = TemporaryDirectory()

  /// Opens what is there, without listening or discovery.
  func start(ticketFile: String? = nil, seeds: [String] = []) throws -> NodeLoop {
    var configuration = Configuration()
    configuration.home = directory.path + "/data"
    configuration.stateDirectory = directory.path + "/state"
    configuration.socket = directory.path + "/s"
    configuration.usesDiscovery = false
    configuration.ticketFile = ticketFile
    configuration.seeds = seeds
    let loop = try NodeLoop(configuration, Environment([:]))
    try loop.openOffice()
    return loop
  }

  /// Takes turns until all that was asked is answered.
  func answers(
    _ loop: NodeLoop, _ count: Int, _ ask: (_ index: Int, _ reply: @escaping Answer) -> Void
  ) throws -> [Result<ControlResult, ControlError>] {
    var answers = [Result<ControlResult, ControlError>?](repeating: nil, count: count)
    for index in 0..<count { ask(index) { answers[index] = $0 } }
    var events: [PollEvent] = []
    while answers.contains(where: { $0 == nil }) { try loop.turn(&events) }
    return answers.compactMap { $0 }
  }

  /// Takes turns until one thing that was asked is answered.
  func answer(
    _ loop: NodeLoop, _ ask: (_ reply: @escaping Answer) -> Void
  ) throws -> Result<ControlResult, ControlError> {
    try answers(loop, 1) { _, reply in ask(reply) }[0]
  }

  /// Founds an office.
  func found(
    _ loop: NodeLoop, office: String = "Werk", name: String = "Anna", device: String = "a"
  ) throws {
    let call = OfficeNewCall(office: office, name: name, device: device)
    _ = try answer(loop) { loop.officeNew(call, $0) }.get()
  }
}
