import Control
import Format
import Platform

extension DeskLoop {
  /// Connections to the node that are kept for the next calls.
  private static let idleLinksMax = 4

  private func count(_ kind: NodeLink.Use.Kind) -> Int {
    nodeLinks.values.count { $0.use.kind == kind }
  }

  // MARK: What pages ask

  /// Takes in a request that came whole.
  func take(_ exchange: Exchange) {
    guard let body = exchange.takeBody() else { return exchange.finish(.json(400, [])) }
    switch exchange.errand {
    case .file: break
    case .call:
      do throws(NodeLine.CallFault) {
        let line = try NodeLine.call(body)
        calls.append((watched(exchange), line))
      } catch {
        switch error {
        case .subscribes: exchange.finish(.refusal(.subscribeHere))
        case .refused(let refusal): exchange.finish(.refusal(refusal, of: .call))
        }
      }
    case .events:
      do throws(RequestLine.Refusal) {
        let line = try NodeLine.subscribe(body)
        subscribe(exchange, line)
      } catch {
        exchange.finish(.refusal(error, of: .events))
      }
    }
  }

  /// Watches the browser of a request for its end, until it is answered.
  ///
  /// The library holds the connection suspended, or is about to: its descriptor stays open.
  private func watched(_ exchange: Exchange) -> Asker {
    let token = newToken()
    askers[token] = exchange
    // A browser that closes a page sends nothing but its end. Where it cannot be watched it is
    // answered like any other.
    try? poller.add(number: exchange.number, token: token, interest: .end)
    return Asker(exchange: exchange, token: token)
  }

  /// Answers a request whose browser is watched.
  func answer(_ asker: Asker, _ reply: Exchange.Reply) {
    askers.removeValue(forKey: asker.token)
    // First, since the library may close the descriptor as soon as it has the answer.
    try? poller.remove(number: asker.exchange.number)
    asker.exchange.finish(reply)
  }

  /// A browser went away before it had its answer: what it asked is given up, so that the node
  /// holds nothing open for nobody and others get the place (W-10).
  func askerIsGone(_ token: UInt64) {
    if let link = nodeLinks.values.first(where: { $0.use.asker?.token == token }) {
      return close(link)
    }
    guard let place = calls.firstIndex(where: { $0.asker.token == token }) else { return }
    answer(calls.remove(at: place).asker, .refusal(.noNode))
  }

  /// Sends waiting calls on connections that are free, or on new ones.
  func sendCalls() {
    while let call = calls.first {
      guard count(.call) < Limits.deskCallsMax else { return }
      calls.removeFirst()
      let idle = nodeLinks.values.filter { $0.use.kind == .idle }
      // The same one as often as possible: the others may be let go of by the node.
      if let link = idle.min(by: { $0.id < $1.id }) {
        link.use = .call(call.asker)
        put(call.line, on: link)
      } else {
        open(.call(call.asker), call.line)
      }
    }
  }

  private func subscribe(_ exchange: Exchange, _ line: [UInt8]) {
    // A stream may outlive its connection to the node, or wait for the first answer on it.
    guard streams.count + count(.subscribing) < Limits.deskStreamsMax else {
      return exchange.finish(.refusal(.busy))
    }
    self.open(.subscribing(watched(exchange)), line)
  }

  private func open(_ use: NodeLink.Use, _ line: [UInt8]) {
    let token = newToken()
    do throws(SocketError) {
      let socket = try Socket.connect(path: settings.node)
      try poller.add(socket.descriptor, token: token, interest: .read)
      let link = NodeLink(id: token, socket: socket, use: use)
      nodeLinks[token] = link
      put(line, on: link)
    } catch {
      if let asker = use.asker { answer(asker, .refusal(.noNode)) }
    }
  }

  private func put(_ line: [UInt8], on link: NodeLink) {
    link.put(line)
    if link.flush() { watch(link) } else { close(link) }
  }

  // MARK: What the node says

  /// Reads what a connection to the node brought, and writes what waits for it.
  func serve(_ token: UInt64, _ event: PollEvent) {
    guard let link = nodeLinks[token] else { return }
    if event.isWritable, !link.flush() { return close(link) }
    if event.isReadable || event.isClosed, !link.isHeldBack {
      var span = room.mutableSpan
      switch link.socket.read(into: &span) {
      case .wouldBlock: break
      case .closed, .failed: return close(link)
      case .bytes(let count):
        link.append(room[..<count])
        guard takeLines(of: link) else { return close(link) }
      }
    }
    watch(link)
  }

  /// Takes whole lines until there are none or a page has enough; false: the node is not understood.
  private func takeLines(of link: NodeLink) -> Bool {
    while !link.isHeldBack {
      do throws(LineFault) {
        guard let line = try link.nextLine() else { return true }
        guard take(line, from: link) else { return false }
      } catch {
        return false
      }
    }
    return true
  }

  private func take(_ line: [UInt8], from link: NodeLink) -> Bool {
    switch link.use {
    case .idle: return false
    case .call(let asker):
      link.use = .idle
      answer(asker, .json(200, line))
      // What a rush of calls opened is let go of.
      return !calls.isEmpty || count(.idle) <= Self.idleLinksMax
    case .subscribing(let asker):
      guard case .answer(_, let told)? = IncomingLine<SubscribeCall.Answer>(line: line) else {
        link.use = .idle
        answer(asker, .json(400, line))
        return true
      }
      begin(asker, link, SubscribedEvent(told).encoded().dropLast())
    case .stream(let stream):
      guard let event = EventLine.parameters(of: line) else { return false }
      if !stream.add(event: event) { link.isHeldBack = true }
    }
    return true
  }

  private func begin(_ asker: Asker, _ link: NodeLink, _ first: ArraySlice<UInt8>) {
    let (exchange, token) = (asker.exchange, asker.token)
    let stream = EventStream(id: token)
    _ = stream.add(event: first)
    link.use = .stream(stream)
    streams[token] = OpenStream(
      stream: stream, number: exchange.number, serial: exchange.serial, link: link.id)
    // It is watched further, and for anything: a stream has nothing to read but its end.
    askers.removeValue(forKey: token)
    try? poller.modify(number: exchange.number, token: token, interest: .read)
    exchange.finish(.stream(stream))
  }

  private func watch(_ link: NodeLink) {
    let (was, wanted) = (link.interest, link.wanted)
    guard nodeLinks[link.id] != nil, wanted != was else { return }
    link.interest = wanted
    do throws(SocketError) {
      // Not watched at all where nothing is wanted: its end would be reported over and over.
      if wanted.isEmpty {
        try poller.remove(link.socket.descriptor)
      } else if was.isEmpty {
        try poller.add(link.socket.descriptor, token: link.id, interest: wanted)
      } else {
        try poller.modify(link.socket.descriptor, token: link.id, interest: wanted)
      }
    } catch {
      close(link)
    }
  }

  private func close(_ link: NodeLink) {
    nodeLinks.removeValue(forKey: link.id)
    try? poller.remove(link.socket.descriptor)
    release(link)
  }

  /// Tells whoever used a connection to the node that it is over.
  func release(_ link: NodeLink) {
    switch link.use {
    case .idle: break
    case .call(let asker), .subscribing(let asker): answer(asker, .refusal(.noNode))
    case .stream(let stream):
      stream.end()
      streams[stream.id]?.link = nil
    }
  }

  // MARK: Streams

  /// A page has read what waited for it: there is room for more.
  func readOn(_ id: UInt64) {
    guard let token = streams[id]?.link, let link = nodeLinks[token] else { return }
    link.isHeldBack = false
    // Lines that were read already wait in the connection's own buffer.
    guard takeLines(of: link) else { return close(link) }
    watch(link)
  }

  /// The browser closed a page, or sent what no page sends.
  func browserIsGone(_ id: UInt64) {
    guard let open = streams[id] else { return }
    // It stays readable until the library closes it, which it may have done by now.
    server.handed.whileOpen(open.number, serial: open.serial) { number in
      try? poller.remove(number: number)
    }
    open.stream.end()
  }

  /// The library has closed the connection of a stream.
  func streamIsOver(_ id: UInt64) {
    guard let open = streams.removeValue(forKey: id) else { return }
    if let token = open.link, let link = nodeLinks[token] { close(link) }
  }
}
