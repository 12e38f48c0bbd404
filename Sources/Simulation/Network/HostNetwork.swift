internal import Format
import Platform

/// The way of one start of a node to the others.
final class HostNetwork: Network {
  unowned let host: Host
  private let life: Int
  private var listeners: [UInt16: Weak<SimulatedListener>] = [:]
  private var streams: [Weak<SimulatedStream>] = []
  /// At how many of these it is next looked which are no more.
  private var streamsToLook = 16
  private(set) var isOver = false

  private struct Weak<End: AnyObject> {
    weak var end: End?
  }

  init(_ host: Host) { (self.host, life) = (host, host.life) }

  func interfaces() throws(SocketError) -> [NetworkInterface] {
    host.world.segments.places(of: host.number).map { place in
      NetworkInterface(
        name: "eth\(place.segment)", index: UInt32(2 + place.segment), kind: .physical, isUp: true,
        isRunning: true, canMulticast: true,
        addresses: [InterfaceAddress(ip: place.address, prefixLength: 16)])
    }
  }

  func listen(
    on address: SocketAddress, backlog: Int32
  ) throws(SocketError) -> any StreamListener {
    if address.ip.isIPv6 { throw SocketError(.listen, address.description, .addressMissing) }
    if listeners[address.port]?.end != nil {
      throw SocketError(.listen, address.description, .addressInUse)
    }
    let listener = SimulatedListener(host.world.nextNumber(), port: address.port, self)
    listeners[address.port] = Weak(end: listener)
    host.watch(listener)
    return listener
  }

  func connect(to address: SocketAddress) throws(SocketError) -> any ByteStream {
    if host.world.segments.places(of: host.number).isEmpty {
      throw SocketError(.connect, address.description, .networkUnreachable)
    }
    let stream = newStream()
    let world = host.world
    world.after(world.delay(), host: host.number) { [weak stream, host] in
      guard let stream, let target = world.host(at: address.ip),
        let source = world.segments.source(from: host.number, to: address.ip),
        !world.isBlocked(from: host.number, to: target.number), let network = target.network
      else { return }
      guard let listener = network.listeners[address.port]?.end else {
        world.after(world.delay(), host: host.number) { [weak stream] in
          stream?.break(by: .connectionRefused)
        }
        return
      }
      let other = network.newStream()
      let wire = Wire(
        world, stream, other,
        between: .init(
          first: (host.number, source), second: (target.number, address.ip)))
      other.stand(on: wire, side: .second)
      listener.take(other, from: SocketAddress(source, port: 40_000))
      world.after(world.delay(), host: host.number) { [weak stream] in
        stream?.stand(on: wire, side: .first)
      }
    }
    return stream
  }

  /// Each connection with another host ends at once; what is on its way is lost.
  func cut(from other: Int) {
    for stream in streams { stream.end?.cut(from: other) }
  }

  private func newStream() -> SimulatedStream {
    let stream = SimulatedStream(host.world.nextNumber(), self)
    if streams.count >= streamsToLook {
      streams.removeAll { $0.end == nil }
      streamsToLook = 2 * streams.count + 16
    }
    streams.append(Weak(end: stream))
    host.watch(stream)
    return stream
  }

  /// Something was done to an end.
  func stir(_ number: Int32) { if !isOver { host.stir(number) } }

  /// An end is closed: the kernel watches it no longer.
  func forget(_ number: Int32) { host.forget(number, life: life) }

  /// The process is gone: its connections are closed by the system, or fall silent with it.
  func end(silently isSilent: Bool) {
    isOver = true
    for stream in streams { stream.end?.abandon(silently: isSilent) }
    listeners = [:]
  }
}

/// Where a simulated node takes connections.
final class SimulatedListener: StreamListener, Watched {
  let number: Int32
  let port: UInt16?
  private let network: HostNetwork
  private var waiting: [(stream: SimulatedStream, peer: SocketAddress)] = []

  init(_ number: Int32, port: UInt16, _ network: HostNetwork) {
    (self.number, self.port, self.network) = (number, port, network)
  }

  deinit { network.forget(number) }

  var isReadable: Bool { !waiting.isEmpty }
  var isWritable: Bool { false }
  var isClosed: Bool { false }

  func take(_ stream: SimulatedStream, from peer: SocketAddress) {
    waiting.append((stream, peer))
    network.stir(number)
  }

  func accept() throws(SocketError) -> (stream: any ByteStream, peer: SocketAddress?)? {
    waiting.isEmpty ? nil : waiting.removeFirst()
  }
}
