import Format
import Platform
import TestSupport

@testable import Control
@testable import Simulation

/// A whole node with an office, in a world of its own: programs ask it anything in any order, strangers
/// write to its port, time passes, it is stopped and killed.
enum Nodes {
  static let target = FuzzTarget(
    name: "node", kind: .sequence,
    abstract:
      "a node answers whatever it is asked, once, and what is durable stays so and is genuine",
    reaches: ["Daemon", "Control", "Replication", "Authority", "Storage", "Transport", "Format"],
    sizeMax: 256, seeds: { seeds() }, run: { try run($0) })

  /// A computer on which an office was founded, with a group and some messages.
  private nonisolated(unsafe) static let computer: Host = {
    let world = World(seed: 1, keepsTrace: false)
    let host = world.addHost()
    SeededRandomness.from(1) {
      world.hearingLogs {
        host.start()
        let requests: [ControlRequest] = [
          .officeNew(OfficeNewCall(office: "Amt", name: "Anna", device: "pc")),
          .groupNew(GroupNewCall(title: "Werk", purpose: nil, members: [])),
          .send(SendCall(to: "Werk", text: "Hallo", id: nil)),
          .send(SendCall(to: "Werk", text: "Moin", id: nil)),
        ]
        for request in requests {
          var isAnswered = false
          host.ask(request) { _ in isAnswered = true }
          _ = world.run(atMost: .seconds(30), until: { isAnswered })
          precondition(isAnswered, "a node that nothing is wrong with does not answer")
        }
        host.stop()
      }
    }
    // Others begin as copies of it.
    unsafe worlds.append(world)
    return host
  }()

  private nonisolated(unsafe) static var worlds: [World] = []

  private static func seeds() -> [[UInt8]] {
    let methods = ControlMethod.allCases.count
    return (0..<methods).flatMap { number -> [[UInt8]] in
      let method = UInt8(number)
      return [
        [0, 0, method, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2],
        [0, 1, method, 3, 0, 5, 0, 7, 0, 9, 0, 11, 0, 2, 4, 0, method, 1, 2, 3, 4, 5, 6, 2, 3],
      ]
    } + [
      [1, 0, 10, 90, 82, 70, 49, 1, 2, 0, 32, 1, 2, 3, 2, 2], [0, 3, 2, 1, 4, 5, 2, 3, 6, 2, 3],
      [0, 0, 20, 1, 1, 1, 1, 1, 1, 4, 2, 3, 0, 22, 1, 1, 1, 1],
    ]
  }

  /// The first byte says whether there is an office; then it goes on.
  static func run(_ input: [UInt8]) throws {
    var choices = Choices(input)
    let world = World(seed: 3, keepsTrace: false)
    let host = world.addHost()
    if choices.byte() & 1 == 0 { unsafe host.begin(asCopyOf: computer, isWhole: true) }
    var found: (any Error)?
    SeededRandomness.from(5) {
      world.hearingLogs {
        do {
          try live(&choices, host, world)
        } catch {
          found = error
        }
        host.kill()
      }
    }
    if let found { throw found }
    if let fault = world.faults.first { throw Found(fault) }
  }

  private static func live(_ choices: inout Choices, _ host: Host, _ world: World) throws {
    let asked = Asked()
    let street = HostNetwork(world.addHost())
    var streams: [any ByteStream] = []
    host.start()
    try need(host.isRunning, "a node does not start: \(host.refusal ?? "")")
    for _ in 0..<24 where !choices.isOver {
      switch choices.below(8) {
      case 0, 1: try ask(&choices, host, asked)
      case 2: world.run(for: .milliseconds([1, 100, 1_000, 12_000][choices.below(4)]))
      case 3:
        if let ip = world.segments.address(of: host.number, in: 0), streams.count < 4,
          let stream = try? street.connect(to: SocketAddress(ip, port: Limits.defaultPort))
        {
          streams.append(stream)
        }
      case 4:
        let bytes = choices.piece()
        if let stream = streams.last { _ = stream.write(bytes.span) }
      case 5: if !streams.isEmpty { streams.removeFirst() }
      case 6:
        host.stop()
        asked.forget()
        host.start()
        try need(host.isRunning, "a node does not start again: \(host.refusal ?? "")")
      default:
        choices.byte() & 1 == 0 ? host.kill() : host.losePower()
        asked.forget()
        host.start()
        try need(host.isRunning, "a node does not start after its end: \(host.refusal ?? "")")
      }
      if let fault = world.faults.first { throw Found(fault) }
    }
    streams = []
    world.run(for: .seconds(40))
    try asked.judge()
  }

  // MARK: Asking

  /// What was asked, and what came of it.
  private final class Asked {
    var open: Set<Int> = []
    /// Those that may wait for longer than the world lasts.
    var patient: Set<Int> = []
    var count = 0
    var fault: String?
    /// Identifiers that stood in answers.
    var names: [String] = ["00", "0123456789abcdef", ""]

    /// A node that ended answers nobody.
    func forget() {
      open = []
      patient = []
    }

    func judge() throws(Found) {
      if let fault { throw Found(fault) }
      try need(open.isEmpty, "\(open.count) requests are never answered")
    }

    func note(_ number: Int, _ outcome: Result<ControlResult, ControlError>) {
      if open.remove(number) == nil, patient.remove(number) == nil {
        fault = fault ?? "a request is answered twice, or after the end"
      }
      let line = ResponseLine(id: .number(1), outcome: outcome).encoded().dropLast()
      do throws(LineFault) {
        try LineGuard.check(Array(line))
      } catch {
        fault = fault ?? "an answer is no line: \(error)"
      }
      // What is long and of hexadecimal digits is a name.
      for word in line.split(whereSeparator: {
        !(0x30...0x39).contains($0) && !(0x61...0x66).contains($0)
      })
      where word.count >= 16 && names.count < 64 {
        let name = String(decoding: word, as: UTF8.self)
        if !names.contains(name) { names.append(name) }
      }
    }
  }

  private static func ask(_ choices: inout Choices, _ host: Host, _ asked: Asked) throws {
    let method = ControlMethod.allCases[choices.below(ControlMethod.allCases.count)]
    let source = Drawn(choices, asked.names)
    let request = try? ControlRequest(method, from: source)
    choices = source.choices
    guard let request else { return }
    // As it travels.
    let line = RequestLine(id: .number(1), request: request)
    try need(
      (try? RequestLine(line: Array(line.encoded().dropLast()))) == line,
      "a request is read otherwise")
    guard host.isRunning else { return }
    let number = asked.count
    asked.count += 1
    // Whoever waits at a door waits for people, and whoever names a computer for the system to look that up,
    // in its own time and not the world's.
    let waits = [.knock, .knockWait, .join, .doors].contains(method)
    if waits { asked.patient.insert(number) } else { asked.open.insert(number) }
    host.ask(request) { asked.note(number, $0) }
  }

  /// Parameters drawn from the input, of the type that each has by its name.
  private final class Drawn: ParameterSource {
    var choices: Choices
    private let names: [String]

    init(_ choices: Choices, _ names: [String]) { (self.choices, self.names) = (choices, names) }

    func parameters<Call: ControlCall>(_ type: Call.Type) throws -> Call {
      let parts = Call.fields.compactMap { field -> String? in
        let kind = choices.byte()
        guard kind % 4 != 0 else { return nil }
        return "\"\(field)\":" + value(of: field, Call.method)
      }
      return try LineCoding.value(type, from: Array("{\(parts.joined(separator: ","))}".utf8))
    }

    private static let numbers = [
      "0", "1", "-1", "2", "50", "1000", "1001", "86400", "9007199254740993", "\(Int64.max)",
      "\(Int64.min)", "1795000000000", "4294967296", "65536",
    ]
    private static let texts = [
      "Werk", "Amt", "Anna", "@Anna", "pc", "everyone", "id:", "@", "Ben", "@Ben", "\u{1F44D}", " ",
      "e\u{301}", "\u{202e}x", "zr1-ticket-a", "zr1-recovery-a", "10.77.0.1", "[::1]:1", "id:00",
    ]

    private func value(of field: String, _ method: ControlMethod) -> String {
      switch field {
      case "limit", "sinceMs", "untilMs", "uses", "validSeconds", "seconds":
        return Self.numbers[choices.below(Self.numbers.count)]
      case "wait", "seen", "news", "look", "hold", "yes", "keeper", "again", "removed":
        return choices.byte() & 1 == 0 ? "true" : "false"
      case "remove" where method == .react: return choices.byte() & 1 == 0 ? "true" : "false"
      case "members", "groups", "owners":
        return "[" + (0..<choices.below(3)).map { _ in text() }.joined(separator: ",") + "]"
      case "rank":
        return "\"\(RankWord.allCases[choices.below(RankWord.allCases.count)].rawValue)\""
      case "kind": return choices.byte() & 1 == 0 ? "\"member\"" : "\"box\""
      case "id", "before", "after", "cursor", "from", "request", "door":
        return "\"\(names[choices.below(names.count)])\""
      default: return text()
      }
    }

    private func text() -> String {
      let kind = choices.byte()
      if kind < 100 { return "\"\(Self.texts[Int(kind) % Self.texts.count])\"" }
      if kind < 180 { return "\"id:\(names[Int(kind) % names.count])\"" }
      if kind < 200 { return "\"\(String(repeating: "ä", count: Int(kind) * 40))\"" }
      if kind < 220 { return "\"\(names[Int(kind) % names.count].prefix(4))\"" }
      let bytes = LineCoding.line(String(decoding: choices.take(Int(kind) - 216), as: UTF8.self))
      return String(decoding: bytes.dropLast(), as: UTF8.self)
    }
  }
}
