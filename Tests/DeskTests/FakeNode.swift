import Foundation
import Platform
import Synchronization
import TestSupport

/// The socket of a node that says what a test wants it to say, one connection after the other.
final class FakeNode: Sendable {
  /// What becomes of a connection after its first line: what is answered, and whether it closes.
  struct Part: Sendable {
    let answer: String
    let closes: Bool
    /// Whether it answers only once it is let go on.
    var waits = false
  }

  let path: String
  private let parts: Mutex<[Part]>
  private let heard = Mutex<[String]>([])
  private let isStopped = Mutex(false)
  private let done = DispatchSemaphore(value: 0)
  private let isAsked = DispatchSemaphore(value: 0)
  private let mayGoOn = DispatchSemaphore(value: 0)

  init(path: String, _ parts: [Part]) throws {
    self.path = path
    self.parts = Mutex(parts)
    let listener = Listener(
      try UnixListener.listen(path: path, mode: 0o600, group: nil, backlog: 64))
    Thread.detachNewThread { [self] in
      serve(listener)
      done.signal()
    }
  }

  /// The first line of each connection.
  var lines: [String] { heard.withLock { $0 } }

  /// Waits until one line more has come; false where none does.
  func waitForLine() -> Bool { isAsked.wait(timeout: .now() + patienceSeconds) == .success }

  /// Lets it answer what it holds back.
  func goOn() { mayGoOn.signal() }

  func stop() {
    isStopped.withLock { $0 = true }
    _ = try? Socket.connect(path: path)
    done.wait()
  }

  private func serve(_ listener: Listener) {
    var kept: [Connection] = []
    while true {
      guard let connection = listener.next(), !isStopped.withLock({ $0 }) else { return }
      guard let line = connection.line() else { continue }
      heard.withLock { $0.append(line) }
      isAsked.signal()
      let part = parts.withLock { $0.isEmpty ? Part(answer: "", closes: true) : $0.removeFirst() }
      if part.waits { mayGoOn.wait() }
      connection.write(part.answer)
      if part.closes { continue }
      kept.append(connection)
      if !part.answer.isEmpty { answerFurther(connection, part.answer) }
    }
  }

  /// Answers what else comes on a connection: Desk asks again on one that was answered.
  private func answerFurther(_ connection: Connection, _ answer: String) {
    Thread.detachNewThread { while connection.line() != nil { connection.write(answer) } }
  }
}

private final class Listener: Sendable {
  private let listener: UnixListener
  init(_ listener: consuming UnixListener) { self.listener = listener }

  func next() -> Connection? {
    while waitToRead(listener.socket) {
      if case .connection(let socket, _)? = try? listener.socket.accept() {
        return Connection(socket)
      }
    }
    return nil
  }
}

/// One connected socket, spoken to without any client of ours.
final class Connection: Sendable {
  private let socket: Socket
  init(_ socket: consuming Socket) { self.socket = socket }

  func write(_ text: String) { _ = socket.write(Array(text.utf8).span) }

  /// What comes next; nil at the end.
  func more() -> [UInt8]? {
    guard waitToRead(socket) else { return nil }
    var room = [UInt8](repeating: 0, count: 65_536)
    var span = room.mutableSpan
    guard case .bytes(let count) = socket.read(into: &span) else { return nil }
    return Array(room[..<count])
  }

  /// The first line, without its line feed.
  func line() -> String? {
    var bytes: [UInt8] = []
    while !bytes.contains(0x0A) {
      guard let more = more() else { return nil }
      bytes += more
    }
    return String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
  }

  /// Reads until a text has come, or all of it where that never does.
  func text(until wanted: String? = nil) -> String {
    var text = ""
    while wanted.map({ !text.contains($0) }) ?? true, let more = more() {
      text += String(decoding: more, as: UTF8.self)
    }
    return text
  }
}

/// A test that waits for what never comes fails after so long; on a busy machine ten were too few.
private let patienceSeconds = 60.0

private func waitToRead(_ socket: borrowing Socket) -> Bool {
  var events: [PollEvent] = []
  guard var poller = try? Poller.open(),
    (try? poller.add(socket.descriptor, token: 0, interest: .read)) != nil
  else { return false }
  let end = LinuxClock().now() + .seconds(Int64(patienceSeconds))
  guard (try? poller.wait(until: end, into: &events)) != nil else {
    return false
  }
  return !events.isEmpty
}
