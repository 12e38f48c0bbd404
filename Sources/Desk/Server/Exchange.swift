import CMicrohttpd
import Synchronization

/// A connection as libmicrohttpd names it; valid until its request is completed.
@safe struct WebConnection: @unchecked Sendable {
  // Unchecked because the library's own locks guard what other threads may do with it: resume it.
  let pointer: OpaquePointer

  init(_ pointer: OpaquePointer) { unsafe self.pointer = pointer }

  /// The descriptor of its socket; nil where the library does not tell.
  var number: Int32? {
    let number = unsafe zuruf_connection_number(pointer)
    return number >= 0 ? number : nil
  }

  /// Takes it out of the library's loop, from within a callback of the library about it.
  func suspend() { unsafe MHD_suspend_connection(pointer) }

  /// Puts it back; only after `suspend`, once.
  func resume() { unsafe MHD_resume_connection(pointer) }
}

/// One request on its way from libmicrohttpd's thread to Desk's and back.
///
/// It waits suspended. Whoever finishes it does so once, at the latest when Desk stops: a request
/// that is finished never suspends, so that none is left behind.
final class Exchange: Sendable {
  /// What came back.
  enum Reply: Sendable {
    case json(Int, [UInt8])
    case stream(EventStream)
  }

  private enum Step {
    /// Its body comes in.
    case reading
    /// It is on its way to Desk's thread, or there.
    case asked
    case waiting(WebConnection)
    case finished(Reply)
    case answered
  }

  private struct State {
    var body: [UInt8] = []
    var step = Step.reading
  }

  let errand: Errand
  /// The descriptor of its browser.
  let number: Int32
  /// Tells that descriptor from later ones of the same number.
  let serial: UInt64
  private let bodyBytes: Int
  private let state = Mutex(State())

  init(_ errand: Errand, number: Int32, serial: UInt64, bodyBytes: Int) {
    (self.errand, self.number, self.serial, self.bodyBytes) = (errand, number, serial, bodyBytes)
  }

  /// Adds what came of the body; false where it is more than was said.
  func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
    // The bytes are valid during the call: they are copied.
    let copy = unsafe Array(bytes)
    return state.withLock { state in
      guard state.body.count + copy.count <= bodyBytes else { return false }
      state.body += copy
      return true
    }
  }

  /// The body, once; nil where not all of it came.
  func takeBody() -> [UInt8]? {
    state.withLock { state in
      guard state.body.count == bodyBytes else { return nil }
      defer { state.body = [] }
      return state.body
    }
  }

  /// Notes that the request is whole; true the first time.
  func isWhole() -> Bool {
    state.withLock { state in
      guard case .reading = state.step else { return false }
      state.step = .asked
      return true
    }
  }

  /// The reply, or nil: then the connection is suspended until there is one.
  func replyOrWait(_ connection: WebConnection) -> Reply? {
    state.withLock { state in
      switch state.step {
      case .finished(let reply):
        state.step = .answered
        return reply
      case .reading, .asked:
        connection.suspend()
        state.step = .waiting(connection)
        return nil
      case .waiting, .answered: return nil
      }
    }
  }

  /// The stream that it was finished with and that nobody will read, as the connection is over.
  var strandedStream: UInt64? {
    state.withLock { state in
      if case .finished(.stream(let stream)) = state.step { stream.id } else { nil }
    }
  }

  /// Answers it; what comes after the first answer is dropped.
  func finish(_ reply: Reply) {
    state.withLock { state in
      switch state.step {
      case .reading, .asked: state.step = .finished(reply)
      case .waiting(let connection):
        state.step = .finished(reply)
        connection.resume()
      case .finished, .answered: break
      }
    }
  }
}
