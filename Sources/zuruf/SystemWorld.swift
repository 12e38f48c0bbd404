import Platform
import Terminal

extension World {
  /// The world outside tests: this process and its computer.
  static func system() -> World {
    let account = Account.current()
    let environment = Environment.current()
    let clock = LinuxClock()
    return World(
      arguments: Program.arguments,
      variable: { environment[$0] },
      user: account.user,
      personName: account.defaultName(on: Computer.hostName()),
      computerName: Computer.hostName(),
      random: { LinuxEntropy().bytes($0) },
      now: { Int64(clamping: clock.wall().milliseconds) },
      wall: { WallTime(milliseconds: $0).map(LocalTime.init) },
      milliseconds: { WallTime($0).milliseconds },
      input: TextInput { limit in
        do throws(SystemError) {
          return .success(try StandardInput.readSome(limit: limit))
        } catch {
          return .failure(WorldFault(text: error.description))
        }
      },
      inputIsTerminal: StandardStream.input.isTerminal,
      forgetTyped: { StandardInput.forgetTyped() },
      inputNumber: StandardInput.number,
      holdTerminal: {
        // A terminal that cannot erase a line says so by its name.
        let isDumb = environment["TERM"].map { $0 == "dumb" || $0.isEmpty } ?? true
        guard !isDumb, StandardStream.output.isTerminal, let mode = TerminalMode.keyByKey() else {
          return nil
        }
        return HeldTerminal(mode)
      },
      pause: { waitAMoment(orReadable: $0) },
      columns: { StandardStream.output.windowSize?.columns ?? 80 },
      outputIsTerminal: StandardStream.output.isTerminal,
      errorIsTerminal: StandardStream.error.isTerminal,
      // A full disk behind a redirection is told once, by the first write that fails.
      write: { writeOrEnd($0) },
      complain: { _ = StandardStream.error.write($0) },
      readFile: { contents(of: $0) },
      exists: { SmallFile.exists($0) },
      launch: { startOther($0, arguments: $1) },
      run: { runOther($0, arguments: $1) },
      beside: { besideThis($0).flatMap { Program.isExecutable($0) ? $0 : nil } },
      become: { goOn(as: $0, arguments: $1) })
  }
}

/// Keeps the terminal until nobody refers to this any more.
private final class HeldTerminal {
  private let mode: TerminalMode

  init(_ mode: consuming TerminalMode) {
    self.mode = mode
  }
}

private func waitAMoment(orReadable number: Int32?) -> Pause {
  let (output, typed) = (UInt64(1), UInt64(2))
  // Without descriptors there is no waiting either.
  guard var poller = try? Poller.open() else { return .closed }
  // A file is never closed from the other side, and cannot be watched.
  _ = try? poller.add(number: StandardStream.output.number, token: output, interest: [])
  if let number { _ = try? poller.add(number: number, token: typed, interest: .read) }
  var events: [PollEvent] = []
  guard (try? poller.wait(until: LinuxClock().now() + .seconds(1), into: &events)) != nil else {
    return .closed
  }
  if events.contains(where: { $0.token == output && $0.isClosed }) { return .closed }
  return events.contains { $0.token == typed } ? .readable : .over
}

private func writeOrEnd(_ bytes: [UInt8]) -> Bool {
  switch StandardStream.output.write(bytes.span) {
  case .written: return true
  case .closed: return false
  case .failed(let error):
    let voice = Voice(program: "zuruf")
    _ = StandardStream.error.write(voice.error("cannot write to standard output: \(error)"))
    Program.end(ExitCode.refused.rawValue)
  }
}

private func contents(of path: String) -> Result<[UInt8], WorldFault> {
  // A ticket is one line; what is much longer is no ticket.
  let limit = 65_536
  do throws(SystemError) {
    guard let bytes = try SmallFile.read(path, limit: limit) else {
      return .failure(WorldFault(text: "\(Terminal.quoted(path)) is longer than a line can be"))
    }
    return .success(bytes)
  } catch {
    return .failure(WorldFault(text: "cannot read \(Terminal.quoted(path)): \(error.text)"))
  }
}

private func startOther(_ name: String, arguments: [String]) -> WorldFault? {
  do throws(SystemError) {
    try Program.launch(name, arguments: arguments)
    return nil
  } catch {
    return WorldFault(text: "\(Terminal.quoted(name)): \(error)")
  }
}

private func runOther(_ name: String, arguments: [String]) -> WorldFault? {
  do throws(SystemError) {
    let code = try Program.run(name, arguments: arguments)
    let line = ([name] + arguments).joined(separator: " ")
    return code == 0 ? nil : WorldFault(text: "\(Terminal.quoted(line)) ended with \(code)")
  } catch {
    return WorldFault(text: "\(Terminal.quoted(name)): \(error)")
  }
}

private func goOn(as name: String, arguments: [String]) -> WorldFault {
  guard let path = besideThis(name) else {
    return WorldFault(text: "the system does not tell where this program lies")
  }
  return WorldFault(text: Program.become(path, arguments: arguments).description)
}

/// Where a program of that name would lie beside this one.
private func besideThis(_ name: String) -> String? {
  guard let own = Computer.executablePath(), let slash = own.lastIndex(of: "/") else { return nil }
  return String(own[...slash]) + name
}

extension LocalTime {
  fileprivate init(_ wall: WallTime) {
    self.init(
      year: wall.year, month: wall.month, day: wall.day, hour: wall.hour, minute: wall.minute,
      second: wall.second)
  }
}

extension WallTime {
  fileprivate init(_ local: LocalTime) {
    self.init(
      year: local.year, month: local.month, day: local.day, hour: local.hour,
      minute: local.minute, second: local.second)
  }
}
