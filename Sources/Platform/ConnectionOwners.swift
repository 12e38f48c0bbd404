internal import CLinux
internal import Glibc

/// Asks the kernel whose a TCP socket of this computer is.
package struct ConnectionOwners: ~Copyable {
  /// Answers to questions that were given up which may lie in front of the one wanted.
  private static let staleMax = 16

  private let socket: Socket
  private var asked: UInt32 = 0

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

  private init(socket: consuming Socket) { self.socket = socket }

  /// The user who opened the end of a connection that has this address and leads to that one.
  ///
  /// Nil where there is no such end on this computer any more, and where its program has let go of
  /// it: the kernel then counts it as user 0's, whoever it was.
  package mutating func user(
    at own: SocketAddress, to other: SocketAddress
  ) throws(SocketError) -> UInt32? {
    guard let found = try find(own, other), found.isHeld, !found.isListening else { return nil }
    return found.user
  }

  /// The user who listens for connections to this address; nil where nobody does.
  package mutating func listener(at own: SocketAddress) throws(SocketError) -> UInt32? {
    let nobody = SocketAddress(own.ip.isIPv6 ? .anyV6 : .anyV4, port: 0)
    guard let found = try find(own, nobody), found.isHeld, found.isListening else { return nil }
    return found.user
  }

  private mutating func find(
    _ own: SocketAddress, _ other: SocketAddress
  ) throws(SocketError) -> DiagnosedSocket? {
    asked &+= 1
    let request = DiagnosisRequest.bytes(own: own, other: other, number: asked)
    do throws(SystemError) {
      switch socket.write(request.span) {
      case .bytes(request.count): break
      case .failed(let error): throw error
      default: throw .inputOutput
      }
      var room = [UInt8](repeating: 0, count: 1024)
      for _ in 0...Self.staleMax {
        var span = room.mutableSpan
        // The kernel has answered by the time it took the request.
        switch socket.read(into: &span) {
        case .bytes(let count):
          guard DiagnosisRequest.number(of: room[..<count]) == asked else { continue }
          return try DiagnosisRequest.socket(in: room[..<count])
        case .failed(let error): throw error
        default: throw .inputOutput
        }
      }
      throw .inputOutput
    } catch {
      throw SocketError(.examine, own.description, error)
    }
  }
}

/// What the kernel tells of one socket.
struct DiagnosedSocket: Equatable {
  let user: UInt32
  /// Whether a program still has it open.
  let isHeld: Bool
  let isListening: Bool
}

/// `struct inet_diag_req_v2` and its answer (linux/inet_diag.h), as bytes.
enum DiagnosisRequest {
  private static let byFamily: UInt16 = 20  // SOCK_DIAG_BY_FAMILY
  private static let isRequest: UInt16 = 1  // NLM_F_REQUEST
  private static let error: UInt16 = 2  // NLMSG_ERROR
  private static let headBytes = 16
  // Where `idiag_state`, `idiag_uid` and `idiag_inode` lie, behind the head of netlink.
  private static let stateOffset = 1
  private static let userOffset = 64
  private static let inodeOffset = 68
  private static let fading: UInt8 = 6  // TCP_TIME_WAIT
  private static let listening: UInt8 = 10  // TCP_LISTEN

  static func bytes(own: SocketAddress, other: SocketAddress, number: UInt32) -> [UInt8] {
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
    append(number, to: &message)
    append(0, to: &message)
    return message + body
  }

  /// Which request is answered.
  static func number(of answer: ArraySlice<UInt8>) -> UInt32? { word(answer, at: 8) }

  /// Reads the kernel's answer; nil where it knows no such socket.
  static func socket(in answer: ArraySlice<UInt8>) throws(SystemError) -> DiagnosedSocket? {
    guard let kind = word(answer, at: 4).map({ UInt16(truncatingIfNeeded: $0) }) else {
      throw .inputOutput
    }
    if kind == error {
      guard let number = word(answer, at: headBytes) else { throw .inputOutput }
      let code = SystemError(0 &- Int32(bitPattern: number))
      if code == .notFound { return nil }
      throw code
    }
    guard kind == byFamily, let user = word(answer, at: headBytes + userOffset),
      let inode = word(answer, at: headBytes + inodeOffset),
      let state = answer.dropFirst(headBytes + stateOffset).first
    else { throw .inputOutput }
    return DiagnosedSocket(
      user: user, isHeld: inode != 0 && state != fading, isListening: state == listening)
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
