import Control
import Format
import Platform

/// Desk's own thread: who is let in, what the node is asked, and what it answers.
///
/// It never waits for a browser or for the node: both are watched, and what they do not take waits
/// within limits.
final class DeskLoop: @unchecked Sendable {
  // Unchecked because it is made on one thread and then used by the one that runs it alone.
  enum Token {
    static let mailbox: UInt64 = 1
    static let links: UInt64 = 2
    static let listeners: UInt64 = 8
    /// Everything that comes and goes has a number from here on.
    static let first: UInt64 = 1 << 32
  }

  let settings: DeskSettings
  let server: WebServer
  let clock = LinuxClock()
  let account = Account.current()
  var owners: ConnectionOwners
  let gate: Gate
  let listeners: [ListeningSocket]
  /// What whoever asks for a link is told beside it.
  let burntPorts: [UInt16]
  let linkListener: UnixListener
  var visitors = Visitors(entropy: LinuxEntropy())
  var poller: Poller
  var lastToken = Token.first

  /// Connections whose first request is not here yet, by the token of each.
  var waiting: [UInt64: WaitingVisitor] = [:]
  /// Until when requests that are let through must have come whole, the earliest first.
  var bodies: [(until: Moment, number: Int32, serial: UInt64)] = []
  /// Connections to the node by their token.
  var nodeLinks: [UInt64: NodeLink] = [:]
  /// Calls that wait for one of them, the oldest first.
  var calls: [(asker: Asker, line: [UInt8])] = []
  /// Who waits for the node or for a connection to it, by the token of each.
  var askers: [UInt64: Exchange] = [:]
  /// Streams by their number, which is the token under which their browser is watched.
  var streams: [UInt64: OpenStream] = [:]
  var heartbeatAt: Moment
  /// Until when nobody is let in, because the system had no descriptor.
  var acceptAgainAt: Moment?
  var isStopping = false
  var room = [UInt8](repeating: 0, count: 65_536)

  /// A socket in an array.
  final class ListeningSocket {
    let socket: Socket
    init(_ socket: consuming Socket) { self.socket = socket }
  }

  struct OpenStream {
    let stream: EventStream
    /// The descriptor of its browser, and what tells it from later ones of that number.
    let number: Int32
    let serial: UInt64
    /// Its connection to the node, until that ends.
    var link: UInt64?
  }

  init(
    settings: DeskSettings, server: WebServer, gate: Gate, port: PagePort,
    links: consuming UnixListener, owners: consuming ConnectionOwners
  ) throws(SocketError) {
    self.settings = settings
    self.server = server
    self.gate = gate
    listeners = port.listeners
    burntPorts = port.burnt
    self.owners = owners
    linkListener = links
    poller = try Poller.open()
    heartbeatAt = clock.now() + .seconds(settings.heartbeatSeconds)
    try poller.add(server.mailbox.waker.descriptor, token: Token.mailbox, interest: .read)
    try poller.add(linkListener.socket.descriptor, token: Token.links, interest: .read)
    for (place, listener) in listeners.enumerated() {
      try poller.add(
        listener.socket.descriptor, token: Token.listeners + UInt64(place), interest: .read)
    }
  }

  /// Runs until it is told to stop; true where it was, false where the system failed it.
  func run() -> Bool {
    var events: [PollEvent] = []
    while !isStopping {
      do throws(SocketError) {
        try poller.wait(until: deadline, into: &events)
      } catch {
        finishAll()
        return false
      }
      let now = clock.now()
      for event in events { handle(event, at: now) }
      endLate(at: now)
      sendCalls()
    }
    finishAll()
    return true
  }

  func newToken() -> UInt64 {
    lastToken += 1
    return lastToken
  }

  private var deadline: Moment {
    var next = streams.isEmpty ? Moment.distantFuture : heartbeatAt
    if let first = waiting.values.map(\.until).min() { next = min(next, first) }
    if let first = bodies.first { next = min(next, first.until) }
    if let at = acceptAgainAt { next = min(next, at) }
    return next
  }

  private func handle(_ event: PollEvent, at now: Moment) {
    switch event.token {
    case Token.mailbox: takeLetters()
    case Token.links: giveLinks(at: now)
    case Token.listeners..<(Token.listeners + UInt64(listeners.count)):
      accept(Int(event.token - Token.listeners), at: now)
    case let token where waiting[token] != nil: look(at: token, at: now)
    case let token where nodeLinks[token] != nil: serve(token, event)
    case let token where askers[token] != nil: askerIsGone(token)
    case let token where streams[token] != nil: browserIsGone(token)
    default: break
    }
  }

  /// What is over because its time is.
  private func endLate(at now: Moment) {
    for (token, visitor) in waiting where now >= visitor.until { refuse(token, Answer(408)) }
    while let first = bodies.first, now >= first.until {
      bodies.removeFirst()
      server.handed.cutOffIfLate(first.number, serial: first.serial)
    }
    if now >= heartbeatAt {
      heartbeatAt = now + .seconds(settings.heartbeatSeconds)
      for stream in streams.values { stream.stream.addHeartbeat() }
    }
    if let at = acceptAgainAt, now >= at { letIn(true) }
  }

  private func takeLetters() {
    var letters: [DeskLetter] = []
    server.mailbox.takeAll(into: &letters)
    for letter in letters {
      switch letter {
      case .asked(let exchange): take(exchange)
      case .streamOver(let id): streamIsOver(id)
      case .roomAgain(let id): readOn(id)
      case .stop: isStopping = true
      }
    }
  }

  /// Finishes every exchange and every stream, also those that are still on their way here.
  private func finishAll() {
    server.mailbox.close()
    takeLetters()
    for link in nodeLinks.values { release(link) }
    nodeLinks = [:]
    for call in calls { answer(call.asker, .refusal(.noNode)) }
    calls = []
    for stream in streams.values { stream.stream.end() }
    for token in waiting.keys.sorted() { refuse(token, Answer(503)) }
  }
}
