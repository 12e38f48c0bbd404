internal import CLinux
internal import Glibc

/// Who is at the other end of a local connection, as the kernel vouches.
package struct PeerCredentials: Hashable, Sendable {
  package let process: Int32
  package let user: UInt32
  package let group: UInt32
}

extension Socket {
  /// Connects to a local socket; succeeds or fails at once.
  package static func connect(path: String) throws(SocketError) -> Socket {
    do throws(SystemError) {
      let socket = try open(family: AF_UNIX)
      let number = socket.descriptor.number
      _ = try calling {
        () throws(SystemError) in
        try unsafe withLocalForm(path) { unsafe Glibc.connect(number, $0, $1) }
      }
      return socket
    } catch {
      throw SocketError(.connect, path, error)
    }
  }

  /// Two local sockets connected to each other, for tests and for handing to a thread.
  package static func pair() throws(SocketError) -> SocketPair {
    var numbers: (Int32, Int32) = (-1, -1)
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let result = unsafe withUnsafeMutableBytes(of: &numbers) {
      // socketpair fills exactly two numbers.
      unsafe socketpair(AF_UNIX, kind, 0, $0.baseAddress?.assumingMemoryBound(to: Int32.self))
    }
    guard result == 0 else { throw SocketError(.open, "socket pair", SystemError(errno)) }
    return SocketPair(
      first: Socket(FileDescriptor(owning: numbers.0)),
      second: Socket(FileDescriptor(owning: numbers.1)))
  }

  /// Who is at the other end of a local connection.
  package borrowing func peerCredentials() throws(SocketError) -> PeerCredentials {
    // struct ucred: process, user and group, 32 bits each.
    let zero: (Int32, UInt32, UInt32) = (0, 0, 0)
    let (process, user, group) = try option(SOL_SOCKET, SO_PEERCRED, initial: zero)
    return PeerCredentials(process: process, user: user, group: group)
  }
}

/// Both ends of a local connection.
package struct SocketPair: ~Copyable, Sendable {
  package let first: Socket
  package let second: Socket

  /// Puts two ends together.
  package init(first: consuming Socket, second: consuming Socket) {
    self.first = first
    self.second = second
  }

  /// Keeps the first end and closes the second.
  package consuming func takeFirst() -> Socket { first }
}

/// A local socket that others connect to by its path, which is removed when the value ends.
package struct UnixListener: ~Copyable, Sendable {
  package let socket: Socket
  package let path: String
  private let device: UInt64
  private let inode: UInt64

  private init(_ socket: consuming Socket, path: String, status: FileStatus) {
    self.socket = socket
    self.path = path
    device = status.device
    inode = status.inode
  }

  /// Listens at a path with that mode and, where given, that group.
  ///
  /// A socket left there by a process that is gone is removed. One that answers is not:
  /// the error's reason is `addressInUse`.
  package static func listen(
    path: String, mode: UInt32, group: UInt32?, backlog: Int32
  ) throws(SocketError) -> UnixListener {
    do throws(SystemError) {
      let socket = try Socket.open(family: AF_UNIX)
      let number = socket.descriptor.number
      try bindReplacingStale(number, path)
      // Until listen() every attempt to connect is refused, so nobody meets a wrong mode.
      if let group { _ = try calling { unsafe chown(path, uid_t.max, group) } }
      _ = try calling { unsafe chmod(path, mode) }
      let status = try Platform.status(of: Array(path.utf8CString), in: AT_FDCWD)
      _ = try calling { Glibc.listen(number, backlog) }
      return UnixListener(socket, path: path, status: status)
    } catch {
      throw SocketError(.listen, path, error)
    }
  }

  deinit {
    // A node started since may have put its own socket there.
    guard let status = try? Platform.status(of: Array(path.utf8CString), in: AT_FDCWD),
      status.device == device, status.inode == inode
    else { return }
    _ = unsafe unlink(path)
  }
}

/// Binds a local socket to a path, once more where only a dead socket was in the way.
private func bindReplacingStale(_ number: Int32, _ path: String) throws(SystemError) {
  do throws(SystemError) {
    try bindLocal(number, path)
  } catch {
    guard error == .addressInUse, try isDeadSocket(path) else { throw error }
    _ = try calling { unsafe unlink(path) }
    try bindLocal(number, path)
  }
}

private func bindLocal(_ number: Int32, _ path: String) throws(SystemError) {
  _ = try calling {
    () throws(SystemError) in
    try unsafe withLocalForm(path) { unsafe bind(number, $0, $1) }
  }
}

/// Whether the path is a socket on which nobody listens.
private func isDeadSocket(_ path: String) throws(SystemError) -> Bool {
  do throws(SocketError) {
    _ = try Socket.connect(path: path)
    return false
  } catch {
    // A plain file refuses connections too, and must not be removed.
    var facts = stat()
    _ = try calling { unsafe lstat(path, &facts) }
    return error.reason == .refused && facts.st_mode & S_IFMT == S_IFSOCK
  }
}

/// Runs a system call on a path, or an abstract name that starts with `@`, in the kernel's form.
func withLocalForm<R>(
  _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R
) throws(SystemError) -> R {
  var form = sockaddr_un()
  form.sun_family = sa_family_t(AF_UNIX)
  var bytes = Array(path.utf8)
  let isAbstract = bytes.first == 0x40
  let room = MemoryLayout.size(ofValue: form.sun_path)
  guard bytes.count > (isAbstract ? 1 : 0), !bytes.contains(0) else { throw .invalid }
  // A path needs its NUL; an abstract name is as long as the length says.
  guard bytes.count < room || isAbstract && bytes.count == room else { throw .nameTooLong }
  if isAbstract { bytes[0] = 0 }
  unsafe withUnsafeMutableBytes(of: &form.sun_path) { unsafe $0.copyBytes(from: bytes) }
  let head = MemoryLayout<sockaddr_un>.size - room
  let length = head + bytes.count + (isAbstract ? 0 : 1)
  return unsafe withUnsafePointer(to: &form) { pointer in
    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      unsafe body($0, socklen_t(length))
    }
  }
}
