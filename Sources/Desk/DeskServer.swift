import Control
import Format
package import Platform

/// The server of the page: libmicrohttpd on a thread of its own, and one more that watches doors
/// and speaks to the node.
package final class DeskServer {
  /// Where the page is served: `http://127.0.0.1:47480/`.
  package let address: String
  /// How many may wait in front of a door. Where it is full, whoever comes next tries again only
  /// after a second, so that strangers who keep knocking must not fill it easily.
  private static let backlog: Int32 = 1024

  private let server: WebServer
  private let worker: WorkerThread<DeskLoop>

  /// Why the page is not served.
  package enum Fault: Error, Sendable {
    case socket(SocketError)
    /// None of the ports is free, or not the one that was asked for.
    case noPort(SocketError)
    /// The kernel does not tell whose a connection is.
    case noOwners
    /// libmicrohttpd does not start.
    case noServer
  }

  /// Binds the port and the socket for links, and begins to serve.
  package init(_ settings: DeskSettings) throws(Fault) {
    let (port, listeners) = try Self.listen(settings.port)
    let mailbox: Mailbox<DeskLetter>
    let handed: HandedOver
    var owners: ConnectionOwners
    let loop: DeskLoop
    do throws(SocketError) {
      mailbox = try Mailbox(capacity: 4096)
      handed = try HandedOver()
      owners = try ConnectionOwners.open()
    } catch {
      throw .socket(error)
    }
    guard Self.knowsOwnConnection(&owners, port) else { throw .noOwners }
    do throws(WebServer.NotStarted) {
      server = try WebServer(
        mailbox: mailbox, handed: handed, patienceSeconds: settings.patienceSeconds)
    } catch {
      throw .noServer
    }
    do throws(SocketError) {
      loop = try DeskLoop(
        settings: settings, server: server, gate: Gate(port: port), listeners: listeners,
        links: try UnixListener.listen(
          path: ControlSocketPath.page(beside: settings.node), mode: 0o600, group: nil,
          backlog: 16),
        owners: owners)
      worker = try WorkerThread(name: "zuruf-page", capacity: 1) { loops in
        for loop in loops { _ = loop.run() }
      }
    } catch {
      server.stop()
      throw .socket(error)
    }
    address = "http://127.0.0.1:\(port)/"
    let isTaken = worker.submit(loop)
    precondition(isTaken, "a new thread has room for its only job")
  }

  /// Ends every connection, and waits until both threads have ended.
  package func stop() {
    _ = server.mailbox.send(.stop)
    worker.stop()
    server.stop()
  }

  /// Whether the kernel tells whose a connection is: tried on one of our own.
  private static func knowsOwnConnection(
    _ owners: inout ConnectionOwners, _ port: UInt16
  ) -> Bool {
    let server = SocketAddress(.loopbackV4, port: port)
    guard let socket = try? Socket.connect(to: server), let own = socket.localAddress(),
      let user = try? owners.user(at: own, to: server)
    else { return false }
    return user == Account.current().user
  }

  /// W-1: listens on both loopback addresses at one port: the one given, or the first that is free.
  private static func listen(
    _ port: UInt16?
  ) throws(Fault) -> (UInt16, [DeskLoop.ListeningSocket]) {
    let last = Limits.deskPort + UInt16(Limits.portsTried) - 1
    let ports = port.map { $0...$0 } ?? Limits.deskPort...last
    var refused: SocketError?
    for port in ports {
      do throws(SocketError) {
        return (port, try listeners(port))
      } catch {
        guard error.reason == .addressInUse else { throw .socket(error) }
        refused = refused ?? error
      }
    }
    throw refused.map { .noPort($0) } ?? .noServer
  }

  private static func listeners(
    _ port: UInt16
  ) throws(SocketError) -> [DeskLoop.ListeningSocket] {
    var listeners: [DeskLoop.ListeningSocket] = []
    for ip in [IPAddress.loopbackV4, .loopbackV6] {
      do throws(SocketError) {
        listeners.append(
          DeskLoop.ListeningSocket(
            try Socket.listen(on: SocketAddress(ip, port: port), backlog: Self.backlog)))
      } catch {
        // A computer without IPv6 has no such address.
        guard ip.isIPv6, error.reason != .addressInUse else { throw error }
      }
    }
    return listeners
  }
}
