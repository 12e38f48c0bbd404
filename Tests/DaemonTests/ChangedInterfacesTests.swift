import Platform
import Testing

@testable import Daemon

/// Which of this computer's interfaces lead to others, and which changes of them are reason enough to
/// try everything anew.
@Suite struct ChangedInterfacesTests {
  private func interface(
    _ name: String, _ kind: NetworkInterface.Kind, _ addresses: String..., isRunning: Bool = true
  ) throws -> NetworkInterface {
    NetworkInterface(
      name: name, index: 7, kind: kind, isUp: true, isRunning: isRunning, canMulticast: true,
      addresses: try addresses.map {
        // An address of the link alone needs the number of its interface.
        let link = $0.hasPrefix("fe80::") ? UInt8($0.dropFirst(6)) : nil
        let ip = link.flatMap { (last: UInt8) in
          IPAddress(bytes: [0xfe, 0x80] + [UInt8](repeating: 0, count: 13) + [last], scope: 7)
        }
        return InterfaceAddress(ip: try ip ?? IPAddress(parsing: $0), prefixLength: 24)
      })
  }

  private func isChange(
    _ before: [NetworkInterface], _ after: [NetworkInterface], named names: Set<String> = []
  ) -> Bool {
    before.leading(orNamed: names) != after.leading(orNamed: names)
  }

  @Test func `a container that comes or goes is none, and a tunnel that is dialled is one`() throws
  {
    let card = try interface("eth0", .physical, "192.168.1.7", "fe80::1")
    let idle = try interface("docker0", .virtual, "172.17.0.1", isRunning: false)
    let used = try interface("docker0", .virtual, "172.17.0.1", "fe80::2")
    let end = try interface("veth3a2f", .virtual, "fe80::3")
    #expect(!isChange([card, idle], [card, used, end]))
    #expect(!isChange([card, used, end], [card, idle]))
    let tunnel = try interface("tun0", .virtual, "10.8.0.6")
    #expect(isChange([card, idle], [card, idle, tunnel]))
    // Whoever named an interface wants to hear of it.
    #expect(isChange([card], [card, end], named: ["veth3a2f"]))
  }

  @Test func `of a cable or a radio everything counts`() throws {
    let card = try interface("eth0", .physical, "192.168.1.7", "fe80::1")
    #expect(isChange([card], []))
    #expect(isChange([card], [try interface("eth0", .physical, "192.168.1.8", "fe80::1")]))
    #expect(isChange([card], [try interface("eth0", .physical, "192.168.1.7")]))
    #expect(
      isChange(
        [card], [try interface("eth0", .physical, "192.168.1.7", "fe80::1", isRunning: false)]))
  }

  @Test func `what is named leads to others, whatever it looks like, once it has an address`()
    throws
  {
    let (card, bridge) = (
      try interface("eth0", .physical, "192.168.1.7"), try interface("br0", .virtual, "10.0.0.1")
    )
    let all = [card, bridge, try interface("wlan0", .physical), try interface("lxc0", .virtual)]
    #expect(all.usable(orNamed: []) == [card])
    #expect(all.usable(orNamed: ["br0", "lxc0"]) == [card, bridge])
  }

  /// A network whose interfaces are these, or cannot be read.
  private struct OtherInterfaces: Network {
    let found: [NetworkInterface]?

    func interfaces() throws(SocketError) -> [NetworkInterface] {
      guard let found else {
        throw SocketError(.examine, "network interfaces", .tooManyFiles)
      }
      return found
    }

    func connect(to address: SocketAddress) throws(SocketError) -> any ByteStream {
      try TCPNetwork().connect(to: address)
    }

    func listen(
      on address: SocketAddress, backlog: Int32
    ) throws(SocketError) -> any StreamListener {
      try TCPNetwork().listen(on: address, backlog: backlog)
    }
  }

  @Test func `where interfaces cannot be read all is tried anew once a second at most`() throws {
    var node = MemoryTurnedNode()
    node.network = OtherInterfaces(found: nil)
    let loop = try node.start()
    let now = loop.clock.now()
    loop.compareRoutes(now)
    loop.compareRoutes(now + .milliseconds(100))
    #expect(loop.routesDueAt == now + .seconds(1))
    loop.compareRoutes(now + .seconds(1))
    #expect(loop.routesDueAt == nil)
    loop.stop()
  }

  @Test func `which addresses are this computer's is known before the kernel tells of a change`()
    throws
  {
    var node = MemoryTurnedNode()
    let card = try interface("eth0", .physical, "192.0.2.7")
    node.network = OtherInterfaces(found: [card])
    let (own, other) = (
      try SocketAddress(parsing: "192.0.2.7:7", defaultPort: 1),
      try SocketAddress(parsing: "192.0.2.8:7", defaultPort: 1)
    )
    let loop = try node.start()
    #expect(!loop.isElsewhere(own) && loop.isElsewhere(other))
    loop.stop()
    // Or was known, where it cannot be read.
    node.network = OtherInterfaces(found: nil)
    let again = try node.start()
    again.knownInterfaces = [card]
    #expect(!again.isElsewhere(own) && again.isElsewhere(other))
    again.stop()
  }
}
