internal import CLinux
internal import Glibc

/// The program that started the daemon and waits to hear how it is, where there is one.
package struct ServiceManager: Sendable {
  private let path: String

  /// The manager named in `NOTIFY_SOCKET`, or nil where nobody waits to hear.
  package init?(environment: Environment) {
    guard let path = environment["NOTIFY_SOCKET"], !path.isEmpty else { return nil }
    self.path = path
  }

  /// Says for instance `READY=1`, `STATUS=…` or `STOPPING=1`; lines are parted by line feeds.
  package func notify(_ state: String) throws(SocketError) {
    do throws(SystemError) {
      let socket = try Socket.open(family: AF_UNIX, kind: SOCK_DGRAM)
      let number = socket.descriptor.number
      let bytes = Array(state.utf8)
      _ = try calling {
        () throws(SystemError) in
        try unsafe withLocalForm(path) { address, length in
          // The array lives for the call, which reads `count` bytes of it.
          unsafe sendto(number, bytes, bytes.count, Int32(MSG_NOSIGNAL), address, length)
        }
      }
    } catch {
      throw SocketError(.send, path, error)
    }
  }
}
