internal import CMicrohttpd
import Format
internal import Glibc
import Platform

/// What libmicrohttpd's thread tells Desk's.
enum DeskLetter: Sendable {
  /// A request has come whole, and waits.
  case asked(Exchange)
  /// The connection of a stream is over.
  case streamOver(UInt64)
  /// A stream that was full has room.
  case roomAgain(UInt64)
  case stop
}

/// libmicrohttpd with one thread of its own: it reads bodies and writes answers.
///
/// It has no listening socket: every connection is handed to it with its first request read and
/// let through (W-5). What it calls here returns at once.
@safe final class WebServer: @unchecked Sendable {
  /// What the library sets aside for a connection: the longest head, and what it makes of it.
  private static let connectionBytes = 65_536
  /// How much of a stream it takes at once.
  private static let streamBlockBytes = 16_384
  /// How long a stop waits for browsers to take their last answers; they do so in a few.
  private static let stopMilliseconds = 500

  // Unchecked because both pointers are set before the library's thread begins and stay until it
  // has ended; the library locks what it shares.
  private var daemon: OpaquePointer?
  private var files: [OpaquePointer] = unsafe []
  let handed: HandedOver
  let mailbox: Mailbox<DeskLetter>

  /// Why there is no server.
  struct NotStarted: Error {}

  init(
    mailbox: Mailbox<DeskLetter>, handed: HandedOver, patienceSeconds: Int
  ) throws(NotStarted) {
    self.handed = handed
    self.mailbox = mailbox
    for file in ServedPage.embedded.files {
      let lines = [HeaderLine("Content-Type", file.type)]
      guard let response = unsafe newResponse(file.bytes, lines) else { throw NotStarted() }
      unsafe files.append(response)
    }
    let flags =
      MHD_USE_INTERNAL_POLLING_THREAD.rawValue | MHD_USE_EPOLL.rawValue | MHD_USE_ITC.rawValue
      | MHD_ALLOW_SUSPEND_RESUME.rawValue | MHD_USE_NO_LISTEN_SOCKET.rawValue
    // Pairs of a function and its argument take one place each, as the library's manual has it.
    var options = unsafe [
      option(.CONNECTION_LIMIT, Limits.deskConnectionsMax),
      option(.CONNECTION_MEMORY_LIMIT, Self.connectionBytes),
      option(.CONNECTION_TIMEOUT, patienceSeconds),
      option(.STRICT_FOR_CLIENT, 1),
      MHD_OptionItem(
        option: .NOTIFY_COMPLETED,
        value: unsafeBitCast(requestCompleted, to: Int.self), ptr_value: context),
      MHD_OptionItem(
        option: .NOTIFY_CONNECTION,
        value: unsafeBitCast(connectionChanged, to: Int.self), ptr_value: context),
      option(.END, 0),
    ]
    unsafe daemon = options.withUnsafeMutableBufferPointer { options in
      // The library reads the array during the call only.
      guard let options = unsafe options.baseAddress.map({ OpaquePointer($0) }) else {
        return nil
      }
      let arguments: [any CVarArg] = unsafe [
        MHD_OPTION.ARRAY.rawValue, options, MHD_OPTION.END.rawValue,
      ]
      return unsafe withVaList(arguments) { list in
        unsafe MHD_start_daemon_va(
          UInt32(flags), 0, nil, nil, requestCame, context, list)
      }
    }
    if unsafe daemon == nil { throw NotStarted() }
  }

  /// What the library hands back to its callbacks: it is stopped before this object ends.
  private var context: UnsafeMutableRawPointer { unsafe Unmanaged.passUnretained(self).toOpaque() }

  /// Hands over a connection whose first request is let through.
  func take(_ socket: consuming Socket) {
    let number = socket.release()
    // Nobody asks the library where a connection comes from, so it is told no more than it needs.
    var address = sockaddr()
    address.sa_family = 2  // AF_INET
    let size = socklen_t(MemoryLayout<sockaddr>.size)
    // The library closes the descriptor also where it does not take it, but tells only where it did.
    if unsafe MHD_add_connection(daemon, number, &address, size) != .YES {
      handed.remove(number)
    }
  }

  /// Ends the library's thread and every connection; all exchanges must be finished by then.
  ///
  /// Answers that are on their way get a moment to be read.
  func stop() {
    waitUntilAllGone()
    if let daemon = unsafe daemon { unsafe MHD_stop_daemon(daemon) }
    unsafe daemon = nil
    for place in unsafe files.indices { unsafe MHD_destroy_response(files[place]) }
    unsafe files = []
  }

  private func waitUntilAllGone() {
    let clock = LinuxClock()
    let deadline = clock.now() + .milliseconds(Self.stopMilliseconds)
    guard var poller = try? Poller.open(),
      (try? poller.add(handed.allGone.descriptor, token: 0, interest: .read)) != nil
    else { return }
    var events: [PollEvent] = []
    while handed.count > 0, clock.now() < deadline {
      handed.allGone.reset()
      if handed.count == 0 { return }
      guard (try? poller.wait(until: deadline, into: &events)) != nil else { return }
    }
  }

  // MARK: On the library's thread

  /// The first sight of a request: its exchange, or nil where there is nothing to do for it.
  func begin(_ connection: WebConnection) -> Exchange? {
    guard let number = connection.number, let taken = handed.takeErrand(number) else { return nil }
    if taken.bodyBytes == 0 { handed.bodyIsThere(number) }
    return Exchange(
      taken.errand, number: number, serial: taken.serial, bodyBytes: taken.bodyBytes)
  }

  /// Answers what needs no waiting.
  func answerAtOnce(_ exchange: Exchange, _ connection: WebConnection) -> MHD_Result {
    guard case .file(let place) = exchange.errand, unsafe files.indices.contains(place) else {
      return .YES
    }
    return unsafe MHD_queue_response(connection.pointer, 200, files[place])
  }

  /// All of the body came, or the connection was resumed.
  func goOn(_ exchange: Exchange, _ connection: WebConnection) -> MHD_Result {
    if exchange.isWhole() {
      handed.bodyIsThere(exchange.number)
      if !mailbox.send(.asked(exchange)) { exchange.finish(.refusal(.noNode)) }
    }
    switch exchange.replyOrWait(connection) {
    case nil: return .YES
    case .json(let status, let line):
      let body = line.last == .lineFeed ? line.dropLast() : line[...]
      return unsafe send(
        status, newResponse(Array(body), [HeaderLine("Content-Type", "application/json")]),
        connection)
    case .stream(let stream): return unsafe send(200, newStream(stream, connection), connection)
    }
  }

  private func send(
    _ status: Int, _ response: OpaquePointer?, _ connection: WebConnection
  ) -> MHD_Result {
    guard let response = unsafe response else { return .NO }
    // The library keeps the response as long as it needs it.
    defer { unsafe MHD_destroy_response(response) }
    return unsafe MHD_queue_response(connection.pointer, UInt32(clamping: status), response)
  }

  private func newStream(_ stream: EventStream, _ connection: WebConnection) -> OpaquePointer? {
    let reader = unsafe Unmanaged.passRetained(
      StreamReader(stream: stream, connection: connection, mailbox: mailbox))
    let response = unsafe MHD_create_response_from_callback(
      UInt64.max, Self.streamBlockBytes, streamIsRead, reader.toOpaque(), streamIsOver)
    if unsafe response == nil {
      // No memory: the library, which would have let go of the reader, never got it.
      unsafe reader.release()
      _ = mailbox.send(.streamOver(stream.id))
    }
    return unsafe adding([HeaderLine("Content-Type", "text/event-stream")], to: response)
  }
}

private func option(_ option: MHD_OPTION, _ value: Int) -> MHD_OptionItem {
  unsafe MHD_OptionItem(option: option, value: value, ptr_value: nil)
}

private func newResponse(_ body: [UInt8], _ lines: [HeaderLine]) -> OpaquePointer? {
  var body = body
  // The library copies the bytes during the call, and writes to none.
  let response = unsafe body.withUnsafeMutableBytes { bytes in
    unsafe MHD_create_response_from_buffer(
      bytes.count, bytes.baseAddress, .RESPMEM_MUST_COPY)
  }
  return unsafe adding(lines, to: response)
}

/// The response with its header lines; freed where one cannot be added.
private func adding(_ lines: [HeaderLine], to response: OpaquePointer?) -> OpaquePointer? {
  guard let response = unsafe response else { return nil }
  for line in HeaderLine.everywhere + lines {
    if unsafe MHD_add_response_header(response, line.name, line.value) != .YES {
      unsafe MHD_destroy_response(response)
      return nil
    }
  }
  return unsafe response
}
