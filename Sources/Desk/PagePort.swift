import Control
import Format
import Platform

/// The port of the page, with its listening sockets (W-1), and what became of others (W-13).
struct PagePort {
  /// How many may wait in front of a door. Where it is full, whoever comes next tries again only
  /// after a second, so that strangers who keep knocking must not fill it easily.
  private static let backlog: Int32 = 1024

  let number: UInt16
  let listeners: [DeskLoop.ListeningSocket]
  /// Every burnt port there is.
  let burnt: [UInt16]
  /// Those that were lost at this start.
  let lost: [UInt16]

  /// An address that is taken.
  private struct Taken: Error {
    let address: SocketAddress
    let error: SocketError
  }

  /// Listens at the port given, or at the first that is free and not burnt.
  ///
  /// A port that somebody else has is burnt before another is tried; where it is one's own second
  /// node that has it, nothing is remembered.
  static func take(
    _ wanted: UInt16?, _ owners: inout ConnectionOwners, _ kept: BurntPorts
  ) throws(DeskServer.Fault) -> PagePort {
    let last = Limits.deskPort + UInt16(Limits.portsTried) - 1
    var burnt = kept
    var lost: [UInt16] = []
    var refused: SocketError?
    for port in wanted.map({ $0...$0 }) ?? Limits.deskPort...last where !burnt.contains(port) {
      do throws(Taken) {
        return PagePort(
          number: port, listeners: try listeners(port), burnt: burnt.ports, lost: lost)
      } catch {
        guard error.error.reason == .addressInUse else { throw .socket(error.error) }
        refused = refused ?? error.error
        // Who only holds it and does not listen yet is not told of: that is nobody's own node.
        if (try? owners.listener(at: error.address)) == Account.current().user { continue }
        do throws(DiskError) {
          try burnt.add(port)
        } catch {
          throw .disk(error)
        }
        lost.append(port)
      }
    }
    guard let refused else { throw .burnt(wanted.map { [$0] } ?? burnt.ports) }
    throw .noPort(refused, lost: lost)
  }

  private static func listeners(
    _ port: UInt16
  ) throws(Taken) -> [DeskLoop.ListeningSocket] {
    var listeners: [DeskLoop.ListeningSocket] = []
    for ip in [IPAddress.loopbackV4, .loopbackV6] {
      let address = SocketAddress(ip, port: port)
      do throws(SocketError) {
        listeners.append(
          DeskLoop.ListeningSocket(try Socket.listen(on: address, backlog: backlog)))
      } catch {
        // A computer without IPv6 has no such address.
        guard ip.isIPv6, error.reason != .addressInUse else {
          throw Taken(address: address, error: error)
        }
      }
    }
    return listeners
  }
}
