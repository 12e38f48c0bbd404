import Control
import Format
import Platform
import TestSupport

@testable import Simulation

/// A computer that was off while others wrote starts and fetches what it lacks, on a disk that fails.
final class CatchUp {
  /// What both computers hold when the one that was off is switched on.
  struct Beginning: Sendable {
    let founder: [DiskImage]
    let founderStates: [String]
    let joiner: [DiskImage]
    let joinerStates: [String]
    /// Messages that the other wrote meanwhile.
    let messages: [HexIdentifier]
  }

  private let world: World
  private let founder: Host
  private let joiner: Host
  let recorder: NodeRecorder
  private let beginning: Beginning

  init(_ beginning: Beginning) {
    self.beginning = beginning
    world = World(seed: 5, keepsTrace: false)
    (founder, joiner) = (world.addHost(), world.addHost())
    recorder = NodeRecorder(joiner, before: beginning.joiner, states: beginning.joinerStates)
    Self.load(founder, beginning.founder, beginning.founderStates)
    Self.load(joiner, beginning.joiner, beginning.joinerStates)
  }

  private static func load(_ host: Host, _ images: [DiskImage], _ states: [String]) {
    let disks = states.enumerated().map { ($1, MemoryDisk(images[$0 + 1])) }
    host.begin(with: MemoryDisk(images[0]), states: Dictionary(uniqueKeysWithValues: disks))
  }

  /// Runs the catching up; says what is wrong in the end.
  func run() -> String? {
    var wrong: String?
    SeededRandomness.from(world.seed) {
      world.hearingLogs {
        founder.start()
        world.run(for: .seconds(5))
        joiner.start()
        world.run(for: .seconds(15))
        wrong = tellsNoLie()
        recorder.mend()
        // As a person does whom the node tells that its disk failed.
        joiner.kill()
        joiner.start()
        world.run(for: .seconds(40))
        wrong = wrong ?? hasAll()
        for host in world.hosts { host.kill() }
        world.forgetAgenda()
      }
    }
    return world.faults.first ?? wrong
  }

  /// Whatever the other is said to hold lies on its disk.
  private func tellsNoLie() -> String? {
    for message in beginning.messages {
      let call = DeliveryCall(entry: "\(message)")
      guard case .delivery(let answer)? = ask(founder, .delivery(call)) else {
        return "nobody says who has a message"
      }
      let others = answer.devices.filter { $0.holds && $0.device.name == "b" }
      if !others.isEmpty, !world.isHeld(message, at: joiner) {
        return "a message is said to be held that lies on no disk"
      }
    }
    return nil
  }

  private func hasAll() -> String? {
    guard joiner.isRunning else { return "it does not start: \(joiner.refusal ?? "")" }
    let lacking = world.audit.held(at: 0).symmetricDifference(world.audit.held(at: 1))
    return lacking.isEmpty ? nil : "\(lacking.count) entries are held by one alone"
  }

  private func ask(_ host: Host, _ request: ControlRequest) -> ControlResult? {
    Self.ask(host, request, world)
  }

  private static func ask(
    _ host: Host, _ request: ControlRequest, _ world: World
  ) -> ControlResult? {
    var outcome: Result<ControlResult, ControlError>?
    host.ask(request) { outcome = $0 }
    _ = world.run(atMost: .seconds(30)) { outcome != nil }
    return try? outcome?.get()
  }

  /// Lets an office come to be, and one write in it while the other is off; nil where that fails.
  static func begin() -> Beginning? {
    let world = World(seed: 4, keepsTrace: false)
    let hosts = [world.addHost(), world.addHost()]
    let recorders = hosts.map { NodeRecorder($0) }
    var messages: [HexIdentifier] = []
    SeededRandomness.from(world.seed) {
      world.hearingLogs {
        for host in hosts { host.start() }
        _ = ask(hosts[0], .officeNew(.init(office: "Werk", name: "Anna", device: "a")), world)
        let call = TicketNewCall(
          kind: .member, keeper: nil, name: "Ben", member: nil, groups: [], uses: nil,
          validSeconds: nil)
        guard case .ticketNew(let ticket)? = ask(hosts[0], .ticketNew(call), world) else { return }
        let join = JoinCall(ticket: ticket.text, name: nil, account: nil, device: "b")
        _ = ask(hosts[1], .join(join), world)
        let plan = GroupNewCall(title: "Plan", purpose: nil, members: ["@Ben"])
        _ = ask(hosts[0], .groupNew(plan), world)
        world.run(for: .seconds(12))
        hosts[1].stop()
        messages = write(hosts[0], world)
        hosts[0].stop()
      }
    }
    guard world.faults.isEmpty, messages.count == 25 else { return nil }
    return Beginning(
      founder: recorders[0].now, founderStates: recorders[0].states, joiner: recorders[1].now,
      joinerStates: recorders[1].states, messages: messages)
  }

  private static func write(_ host: Host, _ world: World) -> [HexIdentifier] {
    var messages: [HexIdentifier] = []
    for number in 0..<25 {
      let text = "\(number) " + String(repeating: "x", count: number % 8 == 7 ? 30_000 : 40)
      let call = SendCall(to: number % 3 == 0 ? "Plan" : "everyone", text: text, id: nil)
      if case .send(let sent)? = ask(host, .send(call), world) { messages.append(sent.entry) }
    }
    let group = GroupNewCall(title: "Neu", purpose: nil, members: ["@Ben"])
    _ = ask(host, .groupNew(group), world)
    world.run(for: .seconds(12))
    return messages
  }
}
