internal import CLinux
internal import Glibc

/// Asks the kernel whose the other end of a TCP connection within this computer is.
package struct ConnectionOwners: ~Copyable {
  private let socket: Socket

  /// Opens the way to the kernel.
  package static func open() throws(SocketError) -> ConnectionOwners {
    do throws(SystemError) {
      return ConnectionOwners(
        socket: try Socket.open(
          family: AF_NETLINK, kind: SOCK_DGRAM, protocolNumber: NETLINK_SOCK_DIAG))
    } catch {
      throw SocketError(.open, "socket diagnosis", error)
    }
  }

  /// The user who opened the end of a connection that has this address and leads to that one.
  ///
  /// Nil where there is no such end on this computer any more. An end that its program has let go
  /// of belongs to user 0.
  package borrowing func user(
    at own: SocketAddress, to other: SocketAddress
  ) throws(SocketError) -> UInt32? {
    let request = DiagnosisRequest.bytes(own: own, other: other)
    do throws(SystemError) {
      switch socket.write(request.span) {
      case .bytes(request.count): break
      case .failed(let error): throw error
      default: throw .inputOutput
      }
      var room = [UInt8](repeating: 0, count: 1024)
      var span = room.mutableSpan
      // The kernel has answered by the time it took the request.
      switch socket.read(into: &span) {
      case .bytes(let count): return try DiagnosisRequest.user(in: room[..<count])
      case .failed(let error): throw error
      default: throw .inputOutput
      }
    } catch {
      throw SocketError(.examine, own.description, error)
    }
  }
}

/// `struct inet_diag_req_v2` and its answer (linux/inet_diag.h), as bytes.
enum DiagnosisRequest {
  private static let byFamily: UInt16 = 20  // SOCK_DIAG_BY_FAMILY
  private static let isRequest: UInt16 = 1  // NLM_F_REQUEST
  private static let error: UInt16 = 2  // NLMSG_ERROR
  private static let headBytes = 16
  /// Where the answer's `idiag_uid` lies, behind the head of netlink.
  private static let userOffset = 64

  static func bytes(own: SocketAddress, other: SocketAddress) -> [UInt8] {
    var body: [UInt8] = [UInt8(own.ip.isIPv6 ? AF_INET6 : AF_INET), UInt8(IPPROTO_TCP), 0, 0]
    append(UInt32.max, to: &body)  // every state
    for port in [own.port, other.port] { body += [UInt8(port >> 8), UInt8(port & 0xFF)] }
    for ip in [own.ip, other.ip] {
      body += ip.bytes + [UInt8](repeating: 0, count: 16 - ip.bytes.count)
    }
    append(0, to: &body)  // any interface
    for _ in 0..<2 { append(UInt32.max, to: &body) }  // no cookie
    var message: [UInt8] = []
    append(UInt32(headBytes + body.count), to: &message)
    append(UInt32(byFamily) | UInt32(isRequest) << 16, to: &message)
    append(1, to: &message)
    append(0, to: &message)
    return message + body
  }

  /// Reads the user out of the kernel's answer; nil where it knows no such connection.
  static func user(in answer: ArraySlice<UInt8>) throws(SystemError) -> UInt32? {
    guard let kind = word(answer, at: 4).map({ UInt16(truncatingIfNeeded: $0) }) else {
      throw .inputOutput
    }
    if kind == error {
      guard let number = word(answer, at: headBytes) else { throw .inputOutput }
      let code = SystemError(0 &- Int32(bitPattern: number))
      if code == .notFound { return nil }
      throw code
    }
    guard kind == byFamily, let user = word(answer, at: headBytes + userOffset) else {
      throw .inputOutput
    }
    return user
  }

  /// In the order of this computer, which is what netlink speaks.
  private static func append(_ value: UInt32, to bytes: inout [UInt8]) {
    unsafe withUnsafeBytes(of: value) { unsafe bytes.append(contentsOf: $0) }
  }

  private static func word(_ bytes: ArraySlice<UInt8>, at offset: Int) -> UInt32? {
    let four = bytes.dropFirst(offset).prefix(4)
    guard four.count == 4 else { return nil }
    return unsafe four.withUnsafeBytes { unsafe $0.loadUnaligned(as: UInt32.self) }
  }
}
