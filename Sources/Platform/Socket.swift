internal import CLinux
internal import Glibc

/// A non-blocking stream socket, closed when the value ends.
package struct Socket: ~Copyable, Sendable {
  /// What the poller watches.
  package let descriptor: FileDescriptor

  init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }

  /// Reads what is there into the buffer; an empty buffer is refused as a bug.
  package borrowing func read(into buffer: inout MutableSpan<UInt8>) -> Transfer {
    precondition(!buffer.isEmpty, "a read into nothing cannot be told from the end")
    let number = descriptor.number
    let result = unsafe buffer.withUnsafeMutableBytes { bytes in
      // recv writes at most `count` bytes, which is what the buffer holds.
      retrying { unsafe recv(number, bytes.baseAddress, bytes.count, 0) }
    }
    switch result {
    case 0: return .closed
    case 1...: return .bytes(result)
    default: return Transfer(errorNumber: errno)
    }
  }

  /// Writes as many of the bytes as the kernel takes now.
  package borrowing func write(_ bytes: Span<UInt8>) -> Transfer {
    if bytes.isEmpty { return .bytes(0) }
    let number = descriptor.number
    let result = unsafe bytes.withUnsafeBytes { source in
      // MSG_NOSIGNAL: a peer that is gone is a result, not a signal that ends the process.
      retrying {
        unsafe send(number, source.baseAddress, source.count, Int32(MSG_NOSIGNAL))
      }
    }
    if result >= 0 { return .bytes(result) }
    return errno == EPIPE ? .closed : Transfer(errorNumber: errno)
  }

  /// Tells the other end that no more will be sent.
  package borrowing func finishWriting() {
    // It fails only where the connection is gone already, which the next read reports.
    _ = shutdown(descriptor.number, Int32(SHUT_WR))
  }

  /// The error a connection attempt ended with, or nil where it succeeded; asking clears it.
  package borrowing func pendingError() throws(SocketError) -> SystemError? {
    let number: Int32 = try option(SOL_SOCKET, SO_ERROR, initial: 0)
    return number == 0 ? nil : SystemError(number)
  }

  /// Reads a socket option of a plain type.
  borrowing func option<T: BitwiseCopyable>(
    _ level: Int32, _ name: Int32, initial: T
  ) throws(SocketError) -> T {
    let number = descriptor.number
    var value = initial
    var length = socklen_t(MemoryLayout<T>.size)
    do throws(SystemError) {
      // The kernel writes at most `length` bytes.
      _ = try calling { unsafe getsockopt(number, level, name, &value, &length) }
      guard length == socklen_t(MemoryLayout<T>.size) else { throw .invalid }
    } catch {
      throw SocketError(.examine, "socket", error)
    }
    return value
  }

  /// Sets a socket option that is a number.
  borrowing func setOption(
    _ level: Int32, _ name: Int32, _ value: Int32
  ) throws(SystemError) {
    var value = value
    let number = descriptor.number
    _ = try calling {
      unsafe setsockopt(number, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }
  }

  /// Opens a non-blocking socket that does not outlive an exec.
  static func open(
    family: Int32, kind: __socket_type = SOCK_STREAM, protocolNumber: Int32 = 0
  ) throws(SystemError) -> Socket {
    let flags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let number = try calling { socket(family, Int32(kind.rawValue) | flags, protocolNumber) }
    return Socket(FileDescriptor(owning: number))
  }
}

extension Transfer {
  /// Tells "not now" from a fault.
  init(errorNumber: Int32) {
    self = errorNumber == EAGAIN ? .wouldBlock : .failed(SystemError(errorNumber))
  }
}

/// Makes a call again while signals interrupt it; -1 leaves its reason in `errno`.
func retrying(_ body: () -> Int) -> Int {
  while true {
    let result = body()
    if result != -1 || errno != EINTR { return result }
  }
}
