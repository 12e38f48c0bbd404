internal import CMicrohttpd
import Platform

// Called by the library on its own thread, except where it is stopped: then on the thread that
// stops it, after its own has ended. `context` is the server, which stops the library before it
// ends. All other pointers are valid during the call only.

/// A request's head was read, some of its body came, all came, or its connection was resumed.
let requestCame: MHD_AccessHandlerCallback = {
  context, connection, _, _, _, data, size, slot in
  guard let server = unsafe server(context), let pointer = unsafe connection,
    let size = unsafe size, let slot = unsafe slot
  else { return .NO }
  let connection = unsafe WebConnection(pointer)
  guard let known = unsafe slot.pointee else {
    guard let exchange = server.begin(connection) else { return .NO }
    // Balanced in `requestCompleted`, which the library calls once for each request.
    unsafe slot.pointee = Unmanaged.passRetained(exchange).toOpaque()
    return server.answerAtOnce(exchange, connection)
  }
  let exchange = unsafe Unmanaged<Exchange>.fromOpaque(known).takeUnretainedValue()
  if unsafe size.pointee > 0 {
    let isTaken = unsafe exchange.append(UnsafeRawBufferPointer(start: data, count: size.pointee))
    unsafe size.pointee = 0
    return isTaken ? .YES : .NO
  }
  return server.goOn(exchange, connection)
}

/// A request is over, however it ended.
let requestCompleted: MHD_RequestCompletedCallback = { context, _, slot, _ in
  guard let server = unsafe server(context), let slot = unsafe slot,
    let known = unsafe slot.pointee
  else { return }
  let exchange = unsafe Unmanaged<Exchange>.fromOpaque(known).takeRetainedValue()
  unsafe slot.pointee = nil
  if let stream = exchange.strandedStream { _ = server.mailbox.send(.streamOver(stream)) }
}

/// A connection was taken over, or is about to be closed.
let connectionChanged: MHD_NotifyConnectionCallback = { context, connection, _, change in
  guard change == .CONNECTION_NOTIFY_CLOSED, let server = unsafe server(context),
    let pointer = unsafe connection, let number = unsafe WebConnection(pointer).number
  else { return }
  server.handed.remove(number)
}

/// What the library holds of a stream while it sends it.
final class StreamReader {
  let stream: EventStream
  let connection: WebConnection
  let mailbox: Mailbox<DeskLetter>

  init(stream: EventStream, connection: WebConnection, mailbox: Mailbox<DeskLetter>) {
    (self.stream, self.connection, self.mailbox) = (stream, connection, mailbox)
  }
}

/// The library has room for more of a stream.
let streamIsRead: MHD_ContentReaderCallback = { context, _, buffer, countMax in
  guard let context = unsafe context, let buffer = unsafe buffer else { return -2 }
  let reader = unsafe Unmanaged<StreamReader>.fromOpaque(context).takeUnretainedValue()
  let stream = reader.stream
  let taken = stream.take(countMax, for: reader.connection) {
    // A letter that does not fit is one of thousands, which Desk's thread does not let wait.
    _ = reader.mailbox.send(.roomAgain(stream.id))
  }
  switch taken {
  case .bytes(let bytes):
    // At most `countMax` bytes were taken, which is what the buffer holds.
    unsafe UnsafeMutableRawBufferPointer(start: buffer, count: countMax).copyBytes(from: bytes)
    return bytes.count
  case .nothing: return 0
  case .end: return -1
  }
}

/// The library needs a stream no more.
let streamIsOver: MHD_ContentReaderFreeCallback = { context in
  guard let context = unsafe context else { return }
  // Balances the retain with which the response was made.
  let reader = unsafe Unmanaged<StreamReader>.fromOpaque(context).takeRetainedValue()
  _ = reader.mailbox.send(.streamOver(reader.stream.id))
}

private func server(_ context: UnsafeMutableRawPointer?) -> WebServer? {
  guard let context = unsafe context else { return nil }
  return unsafe Unmanaged<WebServer>.fromOpaque(context).takeUnretainedValue()
}
