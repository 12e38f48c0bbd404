import Control
import Format
import Platform

/// A connection of which the first request is not here yet.
final class WaitingVisitor {
  let socket: Socket
  let until: Moment
  /// How many bytes were there when it was last looked at.
  var seen = 0

  init(socket: consuming Socket, until: Moment) {
    self.socket = socket
    self.until = until
  }

  /// Gives the socket to whoever goes on with it.
  func letGo() -> Socket? {
    // A class cannot be taken apart: the number is doubled and this end closed with the object.
    socket.doubled()
  }
}

extension DeskLoop {
  /// How many are let in at one door before the others have their turn: whoever is left waits
  /// there still, and is reported again. Without it a stranger who never stops knocking would keep
  /// everybody else from being served.
  private static let acceptedATurn = 16

  /// Takes whoever waits at one of the listening sockets.
  func accept(_ place: Int, at now: Moment) {
    guard acceptAgainAt == nil, listeners.indices.contains(place) else { return }
    do throws(SocketError) {
      for _ in 0..<Self.acceptedATurn {
        switch try listeners[place].socket.accept() {
        case .wouldBlock: return
        case .connection(let socket, let address):
          guard let address, let own = socket.localAddress() else { continue }
          welcome(socket, from: address, to: own, at: now)
        }
      }
    } catch {
      pauseDoors(at: now)
    }
  }

  /// No descriptor is free: asking again at once would spin.
  private func pauseDoors(at now: Moment) {
    acceptAgainAt = now + .milliseconds(100)
    letIn(false)
  }

  /// Watches the doors, or does not for a moment.
  func letIn(_ isOpen: Bool) {
    if isOpen { acceptAgainAt = nil }
    let interest: Interest = isOpen ? .read : []
    // Where this fails, whoever waits is seen with the next one.
    for (place, listener) in listeners.enumerated() {
      try? poller.modify(
        listener.socket.descriptor, token: Token.listeners + UInt64(place), interest: interest)
    }
    try? poller.modify(linkListener.socket.descriptor, token: Token.links, interest: interest)
  }

  /// Lets a connection wait for its head, if it belongs to this user (W-2).
  private func welcome(
    _ socket: consuming Socket, from address: SocketAddress, to own: SocketAddress, at now: Moment
  ) {
    do throws(SocketError) {
      // Nobody is at the other end any more: there is no one to answer.
      guard let user = try owners.user(at: address, to: own) else { return }
      guard user == account.user else { return say(Answer(403), on: socket) }
    } catch {
      return say(Answer(403), on: socket)
    }
    if waiting.count + server.handed.count >= Limits.deskConnectionsMax {
      // W-11: whoever has asked for nothing yet gives way, the one that waits for longest.
      guard let oldest = waiting.keys.min() else {
        say(Answer(503), on: socket)
        return
      }
      refuse(oldest, Answer(503))
    }
    let token = newToken()
    guard (try? poller.add(socket.descriptor, token: token, interest: .read)) != nil else { return }
    waiting[token] = WaitingVisitor(
      socket: socket, until: now + .seconds(settings.patienceSeconds))
  }

  /// Reads a head without taking it out, and judges it once it is whole.
  func look(at token: UInt64, at now: Moment) {
    guard let visitor = waiting[token] else { return }
    var span = room.mutableSpan
    switch visitor.socket.peek(into: &span) {
    case .wouldBlock: return
    case .closed, .failed: forget(token)
    case .bytes(let count):
      do throws(HeadFault) {
        if let head = try RequestHead.read(room[..<count]) {
          carryOut(gate.judge(head, &visitors, at: now), token, visitor, at: now)
        } else if count == visitor.seen {
          // Readable with nothing new: the other end will send no more.
          forget(token)
        } else {
          visitor.seen = count
          // What has come stays readable: only more of it is to wake us.
          try? visitor.socket.setReadThreshold(count + 1)
        }
      } catch {
        refuse(token, error.answer)
      }
    }
  }

  private func carryOut(
    _ verdict: Gate.Verdict, _ token: UInt64, _ visitor: WaitingVisitor, at now: Moment
  ) {
    switch verdict {
    case .answer(let answer): refuse(token, answer)
    case .admit(let errand, let bodyBytes):
      try? visitor.socket.setReadThreshold(1)
      guard let socket = visitor.letGo() else { return refuse(token, Answer(503)) }
      let number = socket.descriptor.number
      forget(token)
      let serial = server.handed.add(number, errand, bodyBytes: bodyBytes)
      if bodyBytes > 0 {
        bodies.append((now + .seconds(settings.patienceSeconds), number, serial))
      }
      server.take(socket)
    }
  }

  /// Answers a connection at once and ends it.
  func refuse(_ token: UInt64, _ answer: Answer) {
    guard let visitor = waiting[token] else { return }
    say(answer, on: visitor.socket)
    forget(token)
  }

  private func forget(_ token: UInt64) {
    guard let visitor = waiting.removeValue(forKey: token) else { return }
    // Closing ends the watch in any case.
    try? poller.remove(visitor.socket.descriptor)
  }

  /// Sends a short answer: a fresh connection has room for it, and who does not read it misses it.
  private func say(_ answer: Answer, on socket: borrowing Socket) {
    _ = socket.write(answer.bytes.span)
    socket.finishWriting()
    // What was not read would turn the end into a reset, which can overtake the answer.
    Self.readRest(of: socket, into: &room)
  }

  private static func readRest(of socket: borrowing Socket, into room: inout [UInt8]) {
    var span = room.mutableSpan
    _ = socket.read(into: &span)
  }

  /// Hands a new link to everyone of this user who asks for one at the local socket (W-3).
  func giveLinks(at now: Moment) {
    guard acceptAgainAt == nil else { return }
    do throws(SocketError) {
      for _ in 0..<Self.acceptedATurn {
        switch try linkListener.socket.accept() {
        case .wouldBlock: return
        case .connection(let socket, _):
          guard let who = try? socket.peerCredentials(), who.user == account.user else { continue }
          let link = PageLink(
            link: gate.link(token: visitors.newLink(at: now)), burnt: burntPorts)
          _ = socket.write(link.encoded().span)
        }
      }
    } catch {
      pauseDoors(at: now)
    }
  }
}
