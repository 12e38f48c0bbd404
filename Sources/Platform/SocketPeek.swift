internal import CLinux
internal import Glibc

extension Socket {
  /// Looks at what has come without taking it: the next reader finds it again.
  ///
  /// `wouldBlock` where nothing came yet, `closed` where nothing came and nothing will.
  package borrowing func peek(into buffer: inout MutableSpan<UInt8>) -> Transfer {
    precondition(!buffer.isEmpty, "a look at nothing cannot be told from the end")
    let number = descriptor.number
    let result = unsafe buffer.withUnsafeMutableBytes { bytes in
      // recv writes at most `count` bytes, which is what the buffer holds.
      retrying { unsafe recv(number, bytes.baseAddress, bytes.count, Int32(MSG_PEEK)) }
    }
    switch result {
    case 0: return .closed
    case 1...: return .bytes(result)
    default: return Transfer(errorNumber: errno)
    }
  }

  /// Reports the socket as readable only when so many bytes have come, or nothing more will.
  package borrowing func setReadThreshold(_ count: Int) throws(SocketError) {
    do throws(SystemError) {
      try setOption(SOL_SOCKET, SO_RCVLOWAT, Int32(clamping: count))
    } catch {
      throw SocketError(.configure, "socket", error)
    }
  }

  /// Ends a connection whose descriptor another library owns and closes.
  package static func cutOff(number: Int32) {
    // It fails where the other end is gone already, which is as good.
    _ = shutdown(number, Int32(SHUT_RDWR))
  }

  /// Another descriptor for the same connection; nil where none is free.
  package borrowing func doubled() -> Socket? {
    guard let copy = try? duplicate(descriptor.number) else { return nil }
    return Socket(copy)
  }

  /// Hands the socket to another library, which closes it.
  package consuming func release() -> Int32 { descriptor.release() }
}
