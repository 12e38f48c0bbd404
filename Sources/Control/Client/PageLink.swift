import Platform

/// A link that lets one browser in, once: what the server of the page hands to its own user (W-3).
package struct PageLink: Codable, Equatable, Sendable {
  package let link: String
  /// Ports that somebody else has had, where there are any: the page is never there again (W-13).
  package let burnt: [UInt16]?

  /// A link as a browser opens it.
  package init(link: String, burnt: [UInt16]) {
    self.link = link
    self.burnt = burnt.isEmpty ? nil : burnt
  }

  /// Writes the line with its line feed.
  package func encoded() -> [UInt8] { LineCoding.line(self) }

  /// Asks for a new one at the first of these sockets where a page is served.
  ///
  /// What comes back is a link and leads to this computer, or an error: it is handed to a program
  /// that opens anything. Whose socket it is matters as much: a page that another user serves would
  /// be taken for one's own.
  package static func ask(
    paths: [String], patienceSeconds: Int = 5
  ) throws(ControlFault) -> PageLink {
    for path in paths {
      guard let socket = try connect(path) else { continue }
      return try read(socket, patienceSeconds)
    }
    throw .noNode(paths)
  }

  /// What a line says without its line feed; nil where that is no link which a browser may be given.
  static func link(in line: [UInt8]) -> PageLink? {
    guard (try? LineGuard.check(line)) != nil,
      let link = try? LineCoding.value(PageLink.self, from: line), isWhole(link.link)
    else { return nil }
    return link
  }

  /// A connection to a socket of this user; nil where nobody serves it.
  private static func connect(_ path: String) throws(ControlFault) -> Socket? {
    do throws(SocketError) {
      let socket = try Socket.connect(path: path)
      if try socket.peerCredentials().user == Account.current().user { return socket }
    } catch {
      switch error.reason {
      case .missing, .refused: return nil
      case .denied: throw .denied(path: path)
      default: throw .connection(error.description)
      }
    }
    throw .stranger(path: path)
  }

  /// Whether a text is a link as W-3 has it, and nothing else that a browser would open.
  private static func isWhole(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: 0x3A, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].elementsEqual("http".utf8),
      parts[1].elementsEqual("//127.0.0.1".utf8)
    else { return false }
    let digits = parts[2].prefix { (0x30...0x39).contains($0) }
    let rest = parts[2].dropFirst(digits.count)
    let way = "/enter?link=".utf8
    let token = rest.dropFirst(way.count)
    return UInt16(String(decoding: digits, as: UTF8.self)) ?? 0 > 0 && rest.starts(with: way)
      && token.count == 64
      && token.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  private static func read(
    _ socket: borrowing Socket, _ patienceSeconds: Int
  ) throws(ControlFault) -> PageLink {
    let clock = LinuxClock()
    let until = clock.now() + .seconds(patienceSeconds)
    var buffer = LineBuffer(bytesMax: LineGuard.bytesMax)
    var room = [UInt8](repeating: 0, count: 4096)
    var events: [PollEvent] = []
    while true {
      do throws(SocketError) {
        var poller = try Poller.open()
        try poller.add(socket.descriptor, token: 0, interest: .read)
        try poller.wait(until: until, into: &events)
      } catch {
        throw .connection(error.description)
      }
      if events.isEmpty, clock.now() >= until {
        throw .connection("the node has given no link for \(patienceSeconds) seconds")
      }
      var span = room.mutableSpan
      switch socket.read(into: &span) {
      case .bytes(let count): buffer.append(room[..<count])
      case .wouldBlock: continue
      case .closed, .failed: throw .ended
      }
      guard let line = try? buffer.next() else { continue }
      guard let link = link(in: line) else { throw .misunderstood }
      return link
    }
  }
}
