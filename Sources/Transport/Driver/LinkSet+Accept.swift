internal import Format
package import Platform

/// Where connections are taken, and what the poller watches it for.
struct Listener {
  let place: any StreamListener
  var watched: Interest?
}

extension LinkSet {
  /// Listens at the addresses, all on one port, and gives the port.
  ///
  /// A port that is named is taken or the error is thrown; without one the default port and those
  /// after it are tried (D-5). A family the computer does not have is left out as long as one remains.
  package mutating func listen(
    on addresses: [IPAddress], port wanted: UInt16?
  ) throws(SocketError) {
    precondition(!addresses.isEmpty, "listening needs an address")
    let ports =
      wanted.map { [$0] }
      ?? (0..<Limits.portsTried).map { Limits.defaultPort + UInt16($0) }
    var last: SocketError?
    for port in ports {
      do throws(SocketError) {
        (listeners, self.port) = try listen(on: addresses, exactly: port)
        return
      } catch {
        // Only a taken port is worth another try.
        guard error.reason == .addressInUse else { throw error }
        last = error
      }
    }
    if let last { throw last }
  }

  private func listen(
    on addresses: [IPAddress], exactly wanted: UInt16
  ) throws(SocketError) -> ([Listener], UInt16) {
    var listeners: [Listener] = []
    var port = wanted
    var missing: SocketError?
    for address in addresses {
      do throws(SocketError) {
        let place = try network.listen(
          on: SocketAddress(address, port: port), backlog: Int32(TransportLimits.backlog))
        // Port 0 lets the system choose; the others then share its choice.
        port = place.port ?? port
        listeners.append(Listener(place: place))
      } catch {
        // A kernel without IPv6 has no such socket, or no such address.
        let isFamilyMissing =
          error.reason == .addressMissing || address.isIPv6 && error.reason == .other
        guard isFamilyMissing else { throw error }
        missing = error
      }
    }
    if listeners.isEmpty, let missing { throw missing }
    return (listeners, port)
  }

  mutating func watchListeners(_ poller: inout Poller) throws(SocketError) {
    let interest: Interest = acceptAgainAt == nil ? .read : []
    for index in listeners.indices where listeners[index].watched != interest {
      let (token, number) = (Self.token(listener: index), listeners[index].place.number)
      if listeners[index].watched == nil {
        try poller.add(number: number, token: token, interest: interest)
      } else {
        try poller.modify(number: number, token: token, interest: interest)
      }
      listeners[index].watched = interest
    }
  }

  mutating func accept(listener index: Int, at now: Moment) {
    guard index < listeners.count, acceptAgainAt == nil else { return }
    for _ in 0..<TransportLimits.acceptedAtOnce {
      do throws(SocketError) {
        guard let (stream, address) = try listeners[index].place.accept() else { return }
        isShutTold = false
        try welcome(stream, address, at: now)
      } catch {
        // The connection stays in the kernel's queue; asking again at once would spin.
        acceptAgainAt = now + .milliseconds(TransportLimits.acceptPauseMilliseconds)
        if !isShutTold { tell(.acceptFailed(error)) }
        isShutTold = true
        return
      }
    }
  }

  private mutating func welcome(
    _ stream: any ByteStream, _ address: SocketAddress?, at now: Moment
  ) throws(SocketError) {
    guard let address, failures.allows(address.ip, at: now), !identities.isEmpty else {
      refusedConnections += 1
      return
    }
    try stream.setNoDelay()
    let halfOpen = connections.filter { !$0.isInitiator && $0.machine.isHalfOpen }
    if halfOpen.count >= Limits.halfOpenMax, let oldest = halfOpen.first {
      oldest.stir()
      oldest.isPeerDone = true
      oldest.machine.connectionEnded(.gaveWay)
      collect(from: oldest, at: now)
    }
    connections.append(
      Connection(
        id: nextID(), address: address, isInitiator: false,
        machine: LinkMachine(answeringFor: identities, door: door, hello: hello, at: now),
        stream: stream, connectUntil: nil))
  }
}
