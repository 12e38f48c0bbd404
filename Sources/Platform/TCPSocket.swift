internal import CLinux
internal import Glibc

extension Socket {
  /// Listens for TCP connections; a taken port is `SocketError.Reason.addressInUse`.
  ///
  /// An IPv6 socket takes IPv6 only, so that both families can share a port number. Port 0 lets
  /// the system choose; `localAddress` tells what it chose.
  package static func listen(
    on address: SocketAddress, backlog: Int32
  ) throws(SocketError) -> Socket {
    do throws(SystemError) {
      let socket = try open(family: address.ip.isIPv6 ? AF_INET6 : AF_INET)
      // A port whose last connections are still fading can be had again at once; one that
      // somebody listens on cannot.
      try socket.setOption(SOL_SOCKET, SO_REUSEADDR, 1)
      if address.ip.isIPv6 { try socket.setOption(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
      let number = socket.descriptor.number
      _ = try calling { unsafe address.withKernelForm { unsafe bind(number, $0, $1) } }
      _ = try calling { Glibc.listen(number, backlog) }
      return socket
    } catch {
      throw SocketError(.listen, address.description, error)
    }
  }

  /// Begins a TCP connection; it stands, or has failed, when the socket becomes writable.
  package static func connect(to address: SocketAddress) throws(SocketError) -> Socket {
    do throws(SystemError) {
      let socket = try open(family: address.ip.isIPv6 ? AF_INET6 : AF_INET)
      let number = socket.descriptor.number
      let result = unsafe address.withKernelForm { unsafe Glibc.connect(number, $0, $1) }
      // Interrupted, the attempt goes on by itself like one that is in progress.
      if result == -1, errno != EINPROGRESS, errno != EINTR { throw SystemError(errno) }
      return socket
    } catch {
      throw SocketError(.connect, address.description, error)
    }
  }

  /// Takes the next waiting connection, or says that none is waiting.
  package borrowing func accept() throws(SocketError) -> Accepted {
    // Errors of the newcomer's own connection are passed over; the number bounds our patience.
    for _ in 0..<64 {
      var form = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let number = descriptor.number
      let flags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
      let accepted = unsafe withCommonHead(of: &form) {
        unsafe accept4(number, $0, &length, flags)
      }
      if accepted >= 0 {
        let peer = unsafe withCommonHead(of: &form) {
          unsafe SocketAddress(kernelForm: $0, length: Int(length))
        }
        return .connection(Socket(FileDescriptor(owning: accepted)), peer)
      }
      switch errno {
      case EAGAIN: return .wouldBlock
      case EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH,
        ENETUNREACH, EPERM:
        continue
      default:
        throw SocketError(.accept, localAddress()?.description ?? "socket", SystemError(errno))
      }
    }
    return .wouldBlock
  }

  /// Sends small writes at once instead of waiting for more to fill a packet.
  package borrowing func setNoDelay() throws(SocketError) {
    do throws(SystemError) {
      try setOption(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    } catch {
      throw SocketError(.configure, peerAddress()?.description ?? "socket", error)
    }
  }

  /// This end's address, or nil for a socket that has none.
  package borrowing func localAddress() -> SocketAddress? {
    let number = descriptor.number
    return unsafe kernelAddress { unsafe getsockname(number, $0, $1) }
  }

  /// The other end's address, or nil where nobody is connected.
  package borrowing func peerAddress() -> SocketAddress? {
    let number = descriptor.number
    return unsafe kernelAddress { unsafe getpeername(number, $0, $1) }
  }
}

/// What a listening socket had waiting.
package enum Accepted: ~Copyable, Sendable {
  /// A connection, and where it comes from unless it is a local one.
  case connection(Socket, SocketAddress?)
  case wouldBlock
}

/// Asks the kernel for an address.
private func kernelAddress(
  _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
) -> SocketAddress? {
  var form = sockaddr_storage()
  var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
  let result = unsafe withCommonHead(of: &form) { unsafe call($0, &length) }
  guard result == 0 else { return nil }
  return unsafe withCommonHead(of: &form) {
    unsafe SocketAddress(kernelForm: $0, length: Int(length))
  }
}

/// Passes room for any address as a pointer to the head all of them share.
private func withCommonHead<R>(
  of form: inout sockaddr_storage, _ body: (UnsafeMutablePointer<sockaddr>) -> R
) -> R {
  unsafe withUnsafeMutablePointer(to: &form) { pointer in
    // sockaddr_storage is larger than every address and starts with the same head.
    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0) }
  }
}
