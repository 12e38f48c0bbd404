import Platform

/// A link that lets one browser in, once: what the server of the page hands to its own user (W-3).
package struct PageLink: Codable, Equatable, Sendable {
  package let link: String

  /// A link as a browser opens it.
  package init(link: String) { self.link = link }

  /// Writes the line with its line feed.
  package func encoded() -> [UInt8] { LineCoding.line(self) }

  /// Asks for a new one at the first of these sockets where a page is served.
  package static func ask(paths: [String]) throws(ControlFault) -> PageLink {
    for path in paths {
      let socket: Socket
      do throws(SocketError) {
        socket = try Socket.connect(path: path)
      } catch {
        switch error.reason {
        case .missing, .refused: continue
        case .denied: throw .denied(path: path)
        default: throw .connection(error.description)
        }
      }
      return try read(socket)
    }
    throw .noNode(paths)
  }

  private static func read(_ socket: borrowing Socket) throws(ControlFault) -> PageLink {
    var buffer = LineBuffer(bytesMax: LineGuard.bytesMax)
    var room = [UInt8](repeating: 0, count: 4096)
    var events: [PollEvent] = []
    while true {
      do throws(SocketError) {
        var poller = try Poller.open()
        try poller.add(socket.descriptor, token: 0, interest: .read)
        try poller.wait(until: nil, into: &events)
      } catch {
        throw .connection(error.description)
      }
      var span = room.mutableSpan
      switch socket.read(into: &span) {
      case .bytes(let count): buffer.append(room[..<count])
      case .wouldBlock: continue
      case .closed, .failed: throw .ended
      }
      guard let line = try? buffer.next() else { continue }
      guard let link = try? LineCoding.value(PageLink.self, from: line) else {
        throw .misunderstood
      }
      return link
    }
  }
}
