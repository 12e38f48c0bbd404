import Control
import Foundation
import Platform
import Terminal
import TestSupport

@testable import zuruf

/// One run of `zuruf` in this process against a fake node, and what came of it.
struct CommandRun {
  /// How the run ended and what it printed.
  struct Outcome: Equatable {
    let exit: Int32
    let output: String
    let errors: String
    let requests: [ControlRequest]
    /// Programs that were started, each with its words.
    let launched: [[String]]
  }

  /// Of these `SOCKET` stands for the fake node's socket.
  var arguments: [String] = []
  var input = ""
  /// What is typed instead, where it is no text.
  var inputBytes: [UInt8]?
  /// What was typed before anything was asked.
  var typedAhead = ""
  var inputIsTerminal = false
  var outputIsTerminal = true
  var errorIsTerminal = false
  /// How wide the terminal is; nil: as wide as no line is, or narrow where somebody types keys.
  var columns: Int?
  var files: [String: String] = [:]
  /// What lies on the disk beside these.
  var existing: Set<String> = []
  var replies: [Reply] = []
  /// Whether the terminal hands over keys one by one.
  var givesKeys = false
  /// Whether zurufd lies beside the program.
  var hasNodeProgram = true
  /// Which programs lie there; nil for all.
  var programsThere: [String]?
  /// Where the programs lie.
  var programs = "/opt/zuruf"
  /// So many moments a node that went away is waited for; then nobody reads the output any more.
  var pauses = 0
  /// Whether there is a program that opens links.
  var hasBrowser = true
  /// Who runs the program, and what its surroundings say beside the usual.
  var user: UInt32 = 1000
  var variables: [String: String] = [:]
  /// Whether the socket is named by a variable; otherwise it is looked for where a user's is.
  var namesSocket = true
  /// What the page's socket says once a program was run to its end.
  var pageLineAfterwards: String?
  /// What is said of a program that was to be run to its end, where that came to nothing.
  var runFault: String?
  /// Whether there is a screen to show one on.
  var hasScreen = true
  /// What the socket for links says, where a page is served.
  var pageLine: String?
  /// Whether the node is gone for good once it has answered all.
  var nodeGoesAway = false
  /// Whether a node listens at all.
  var nodeRuns = true
  /// After so many writes nobody reads standard output any more.
  var writesUntilClosed = Int.max

  /// 2026-11-23 14:20:00 in a time zone that is UTC.
  static let now: Int64 = 1_795_443_600_000

  init(_ arguments: [String]) {
    self.arguments = arguments
  }

  /// Answers with these, one for each request.
  func answering(_ replies: Reply...) -> CommandRun {
    var copy = self
    copy.replies = replies
    return copy
  }

  func typing(_ input: String, terminal: Bool) -> CommandRun {
    var copy = self
    copy.input = input
    copy.inputIsTerminal = terminal
    return copy
  }

  func run() throws -> Outcome {
    let directory = TemporaryDirectory()
    let path = directory.path + "/control"
    let node = nodeRuns ? try FakeNode(path: path, replies: replies, goesAway: nodeGoesAway) : nil
    let pair = try Socket.pair()
    let typed = inputBytes ?? Array((typedAhead + input).utf8)
    if !typed.isEmpty, pair.second.write(typed.span) != .bytes(typed.count) {
      throw CocoaError(.fileWriteUnknown)
    }
    pair.second.finishWriting()
    let screen = Screen(writesUntilClosed: writesUntilClosed, pauses: pauses)
    let keyboard = Keyboard(pair, typedAhead: typedAhead.utf8.count, byLine: inputIsTerminal)
    let page = try pageLine.map { try FakePage(path: path + "-page", line: $0) }
    let exit = CommandLineProgram.run(world(path, screen, keyboard))
    page?.stop()
    screen.page?.stop()
    node?.stop()
    // What the path of the temporary folder is, no test can know.
    let errors = screen.errors.replacingOccurrences(of: path, with: "/control")
      .replacingOccurrences(of: directory.path + "/zuruf", with: "/run/user/1000/zuruf")
    let output = screen.output.replacingOccurrences(of: path, with: "/control")
    return Outcome(
      exit: exit.rawValue, output: output, errors: errors, requests: node?.requests ?? [],
      launched: screen.launched)
  }

  private func world(_ path: String, _ screen: Screen, _ keyboard: Keyboard) -> World {
    let (files, existing, columns) = (files, existing, columns ?? (givesKeys ? 40 : 1_000))
    return World(
      arguments: arguments.map { Array(($0 == "SOCKET" ? path : $0).utf8) },
      variable: { [hasScreen, namesSocket, variables] name in
        switch name {
        case "ZURUF_SOCKET": namesSocket ? path : nil
        case "XDG_RUNTIME_DIR": namesSocket ? nil : String(path.dropLast("/control".count))
        case "PATH": "/usr/local/bin:/usr/bin"
        case "HOME": "/home/anna"
        case "DISPLAY": hasScreen ? ":0" : nil
        default: variables[name]
        }
      },
      user: user, personName: "Anna Weber", computerName: "pc-anna",
      random: { screen.random($0) },
      now: { Self.now }, wall: { Self.wall($0) }, milliseconds: { Self.milliseconds($0) },
      input: TextInput { keyboard.read(limit: $0) },
      inputIsTerminal: inputIsTerminal, forgetTyped: { keyboard.forget() },
      inputNumber: keyboard.number,
      holdTerminal: { [givesKeys] in givesKeys ? screen : nil },
      pause: { _ in screen.pause() }, columns: { columns },
      outputIsTerminal: outputIsTerminal, errorIsTerminal: errorIsTerminal,
      write: { screen.write($0) }, complain: { screen.errors += $0 },
      readFile: { name in
        files[name].map { .success(Array($0.utf8)) }
          ?? .failure(
            WorldFault(text: "cannot read \"\(name)\": no such file or directory (ENOENT)"))
      },
      exists: { existing.contains($0) },
      launch: { [hasBrowser] name, words in
        screen.launched.append([name] + words)
        return hasBrowser
          ? nil : WorldFault(text: "\"\(name)\": no such file or directory (ENOENT)")
      },
      run: { [runFault, pageLineAfterwards] name, words in
        screen.launched.append([name] + words)
        if let line = pageLineAfterwards {
          let folder = String(path.dropLast("control".count)) + "zuruf"
          try? FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false)
          screen.page = try? FakePage(path: folder + "/control-page", line: line)
        }
        return runFault.map { WorldFault(text: $0) }
      },
      beside: { [hasNodeProgram, programs, programsThere] in
        hasNodeProgram && programsThere?.contains($0) ?? true ? "\(programs)/\($0)" : nil
      },
      become: { name, words in
        screen.became = [name] + words
        return WorldFault(text: ([name] + words).joined(separator: " "))
      })
  }

  private static func calendar() -> Calendar {
    var calendar = Calendar(identifier: .gregorian)
    if let zone = TimeZone(secondsFromGMT: 0) { calendar.timeZone = zone }
    return calendar
  }

  static func wall(_ milliseconds: Int64) -> LocalTime {
    let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
    let parts = calendar().dateComponents(
      [.year, .month, .day, .hour, .minute, .second], from: date)
    return LocalTime(
      year: parts.year ?? 0, month: parts.month ?? 0, day: parts.day ?? 0, hour: parts.hour ?? 0,
      minute: parts.minute ?? 0, second: parts.second ?? 0)
  }

  static func milliseconds(_ time: LocalTime) -> Int64? {
    let parts = DateComponents(
      year: time.year, month: time.month, day: time.day, hour: time.hour, minute: time.minute,
      second: time.second)
    return calendar().date(from: parts).map { Int64($0.timeIntervalSince1970) * 1000 }
  }
}

/// What was written to the standard streams.
private final class Screen {
  var output = ""
  var errors = ""
  var became: [String] = []
  var launched: [[String]] = []
  var page: FakePage?
  private var writesLeft: Int

  private var pausesLeft: Int

  init(writesUntilClosed: Int, pauses: Int) {
    writesLeft = writesUntilClosed
    pausesLeft = pauses
  }

  private var drawn: UInt8 = 0

  /// The first time all ones, then all twos, and so on.
  func random(_ count: Int) -> [UInt8] {
    drawn &+= 1
    return [UInt8](repeating: drawn, count: count)
  }

  func pause() -> Pause {
    pausesLeft -= 1
    return pausesLeft < 0 ? .closed : .over
  }

  func write(_ bytes: [UInt8]) -> Bool {
    guard writesLeft > 0 else { return false }
    writesLeft -= 1
    output += String(decoding: bytes, as: UTF8.self)
    return true
  }
}

/// What is typed: the near end of a pair of sockets into which all of it was written.
///
/// Like a terminal it gives a line at a time, and forgets what was typed ahead when it is told to.
private final class Keyboard {
  private let pair: SocketPair
  private var ahead: Int
  private let byLine: Bool

  init(_ pair: consuming SocketPair, typedAhead: Int, byLine: Bool) {
    self.pair = pair
    self.byLine = byLine
    ahead = typedAhead
  }

  var number: Int32 { pair.first.descriptor.number }

  func forget() {
    while ahead > 0, case .success(let bytes) = readSome(ahead), !bytes.isEmpty {
      ahead -= bytes.count
    }
  }

  func read(limit: Int) -> Result<[UInt8], WorldFault> {
    guard byLine else {
      ahead = 0
      return readSome(limit)
    }
    var line: [UInt8] = []
    while line.count < limit, line.last != 0x0A {
      guard case .success(let byte) = readSome(1), !byte.isEmpty else { break }
      line += byte
    }
    ahead = max(0, ahead - line.count)
    return .success(line)
  }

  private func readSome(_ limit: Int) -> Result<[UInt8], WorldFault> {
    var room = [UInt8](repeating: 0, count: limit)
    var span = room.mutableSpan
    switch pair.first.read(into: &span) {
    case .bytes(let count): return .success(Array(room[..<count]))
    case .closed: return .success([])
    case .wouldBlock: return .failure(WorldFault(text: "nothing was typed"))
    case .failed(let error): return .failure(WorldFault(text: error.description))
    }
  }
}
