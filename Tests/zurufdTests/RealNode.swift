import Control
import Dispatch
import Foundation
import Synchronization
import TestSupport

/// A zurufd of its own as a process, on loopback alone, with data of its own.
///
/// Nothing here waits for time: the control socket answers when there is an answer. A node that
/// does not end by itself is ended after five minutes, so that a test which waits for what never
/// comes fails instead of hanging.
final class RealNode {
  let folder: TemporaryDirectory
  let socket: String
  private var process: Process?
  /// What it wrote to standard error until it was ready.
  private(set) var said = ""
  /// How many files it may have open; nil for as many as the tests may.
  var openFilesMax: Int?
  /// Where a service manager waits to hear of it; nil where none does.
  var notifySocket: String?
  private var end: DispatchWorkItem?

  /// Why a node could not be started.
  struct NotStarted: Error, CustomStringConvertible {
    let description: String
  }

  /// A node with data and socket in a folder, unless the socket is said to be elsewhere.
  init(in folder: TemporaryDirectory = TemporaryDirectory(), socket: String? = nil) {
    self.folder = folder
    self.socket = socket ?? folder.path + "/control"
  }

  /// The program that was built beside these tests.
  private static var program: URL {
    var place = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    while place.pathComponents.count > 1 {
      let program = place.appendingPathComponent("zurufd")
      if FileManager.default.isExecutableFile(atPath: program.path) { return program }
      place.deleteLastPathComponent()
    }
    return PackageRoot.url.appendingPathComponent(".build/release/zurufd")
  }

  /// Starts it and waits until it is ready.
  func start(_ options: [String] = []) throws {
    let ready = Pipe()
    try launch(options, ready)
    said = ""
    while !said.contains("listening on port") {
      let data = ready.fileHandleForReading.availableData
      guard !data.isEmpty else { throw NotStarted(description: said) }
      said += String(decoding: data, as: UTF8.self)
    }
    // What it says later must not fill the pipe.
    ready.fileHandleForReading.readabilityHandler = { handle in
      if handle.availableData.isEmpty { handle.readabilityHandler = nil }
    }
  }

  /// Starts it, and waits for nothing; what it says goes into the pipe, or nowhere.
  func launch(_ options: [String] = [], _ voice: Pipe? = nil) throws {
    let process = Process()
    let arguments =
      [
        "--config", "/dev/null", "--no-discovery", "--home", folder.path + "/data",
        "--state", folder.path + "/state", "--socket", socket,
      ] + options
    if let openFilesMax {
      // A shell sets the limit and then becomes the program.
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments =
        ["-c", "ulimit -n \(openFilesMax); exec \"$0\" \"$@\"", Self.program.path] + arguments
    } else {
      process.executableURL = Self.program
      process.arguments = arguments
    }
    process.environment = ["HOME": folder.path, "XDG_RUNTIME_DIR": folder.path]
    if let notifySocket { process.environment?["NOTIFY_SOCKET"] = notifySocket }
    process.standardError = voice ?? FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    self.process = process
    let end = DispatchWorkItem { process.terminate() }
    self.end = end
    DispatchQueue.global().asyncAfter(deadline: .now() + 300, execute: end)
  }

  /// Ends it and waits until it has ended; its exit status, where it ran.
  @discardableResult
  func stop() -> Int32? {
    if process?.isRunning ?? false { process?.terminate() }
    return exitStatus()
  }

  /// Waits until it has ended by itself; its exit status, where it ran.
  func exitStatus() -> Int32? {
    guard let process else { return nil }
    process.waitUntilExit()
    end?.cancel()
    self.process = nil
    return process.terminationStatus
  }

  func client() throws -> ControlClient { try ControlClient.connect(paths: [socket]) }

  func ask<Call: ControlCall>(_ call: Call) throws -> Call.Answer {
    var client = try client()
    return try client.call(call)
  }

  /// The port on which it listened when it was last started.
  var port: String {
    let behind = said.components(separatedBy: "listening on port ").last ?? ""
    return String(behind.prefix { $0.isNumber })
  }

  /// Asks in a thread of its own.
  func askBeside<Call: ControlCall>(_ call: Call) -> Asked<Call.Answer> {
    let (asked, socket) = (Asked<Call.Answer>(), socket)
    Thread.detachNewThread {
      asked.end(
        try? {
          var client = try ControlClient.connect(paths: [socket])
          return try client.call(call)
        }())
    }
    return asked
  }

  deinit { stop() }
}

/// What is asked of a node while the test goes on.
final class Asked<Answer: Sendable>: Sendable {
  private let answer = Mutex<Answer?>(nil)
  private let done = DispatchSemaphore(value: 0)

  fileprivate func end(_ value: Answer?) {
    answer.withLock { $0 = value }
    done.signal()
  }

  /// Waits for the answer; nil where it was an error, or the node ended.
  func wait() -> Answer? {
    done.wait()
    return answer.withLock { $0 }
  }
}

extension ControlClient {
  /// The next event for which `value` gives something; other events are passed over.
  mutating func next<Value>(_ value: (ControlEvent) -> Value?) throws -> Value {
    while true {
      if let found = value(try nextEvent()) { return found }
    }
  }

  mutating func nextMessage() throws -> MessageInfo {
    try next { event in
      if case .message(let message) = event { return message }
      return nil
    }
  }

  /// The next message with that text.
  mutating func message(_ text: String) throws -> MessageInfo {
    try next { event in
      guard case .message(let message) = event, message.text == text else { return nil }
      return message
    }
  }
}
