import Control
import Format
package import Platform

/// The server of the page: libmicrohttpd on a thread of its own, and one more that watches doors
/// and speaks to the node.
package final class DeskServer {
  /// Where the page is served: `http://127.0.0.1:47480/`.
  package let address: String
  /// Ports at which it is never served again (W-13), the earliest first.
  package let burntPorts: [UInt16]
  /// Those of them that somebody else turned out to have at this start.
  package let lostPorts: [UInt16]
  private let server: WebServer
  private let worker: WorkerThread<DeskLoop>

  /// Why the page is not served.
  package enum Fault: Error, Sendable {
    case socket(SocketError)
    /// None of the ports is free, or not the one that was asked for; those that somebody else has
    /// are burnt from now on.
    case noPort(SocketError, lost: [UInt16])
    /// All ports that it may have were burnt before.
    case burnt([UInt16])
    /// A burnt port cannot be remembered.
    case disk(DiskError)
    /// What was remembered cannot be used: why, and what to do about it.
    case memory(String, hint: String?)
    /// The kernel does not tell whose a connection is.
    case noOwners
    /// libmicrohttpd does not start.
    case noServer
  }

  /// Binds the port and the socket for links, and begins to serve.
  ///
  /// Where the system fails it later on it serves no more, and says so once by `failed`, on a
  /// thread of its own.
  package init(
    _ settings: DeskSettings, failed: @escaping @Sendable () -> Void
  ) throws(Fault) {
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
    let kept: BurntPorts
    do throws(BurntPorts.Fault) {
      kept = try BurntPorts(folder: settings.state)
    } catch {
      throw .memory(error.description, hint: error.hint)
    }
    let port = try PagePort.take(settings.port, &owners, kept)
    guard Self.knowsOwnConnection(&owners, port.number) else { throw .noOwners }
    do throws(WebServer.NotStarted) {
      server = try WebServer(
        mailbox: mailbox, handed: handed, patienceSeconds: settings.patienceSeconds)
    } catch {
      throw .noServer
    }
    do throws(SocketError) {
      loop = try DeskLoop(
        settings: settings, server: server, gate: Gate(port: port.number), port: port,
        links: try UnixListener.listen(
          path: ControlSocketPath.page(beside: settings.node), mode: 0o600, group: nil,
          backlog: 16),
        owners: owners)
      worker = try WorkerThread(name: "zuruf-page", capacity: 1) { loops in
        for loop in loops where !loop.run() { failed() }
      }
    } catch {
      server.stop()
      throw .socket(error)
    }
    address = "http://127.0.0.1:\(port.number)/"
    (burntPorts, lostPorts) = (port.burnt, port.lost)
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
}
