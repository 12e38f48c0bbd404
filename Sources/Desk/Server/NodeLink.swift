import Control
import Format
import Platform

/// A request of a page that came whole and waits for what the node says.
struct Asker {
  let exchange: Exchange
  /// Under which its browser is watched.
  let token: UInt64
}

/// One connection of Desk to its node.
final class NodeLink {
  /// What it is used for now.
  enum Use {
    /// It waits for a call.
    case idle
    case call(Asker)
    case subscribing(Asker)
    case stream(EventStream)

    enum Kind { case idle, call, subscribing, stream }

    var kind: Kind {
      switch self {
      case .idle: .idle
      case .call: .call
      case .subscribing: .subscribing
      case .stream: .stream
      }
    }

    /// Who waits for an answer on it.
    var asker: Asker? {
      switch self {
      case .call(let asker), .subscribing(let asker): asker
      case .idle, .stream: nil
      }
    }
  }

  let id: UInt64
  let socket: Socket
  var use: Use
  private(set) var lines = LineBuffer(bytesMax: Limits.controlLineBytesMax)
  private var output: [UInt8] = []
  private var written = 0
  /// Whether nothing is read because the page does not.
  var isHeldBack = false
  var interest: Interest = .read

  init(id: UInt64, socket: consuming Socket, use: Use) {
    (self.id, self.use) = (id, use)
    self.socket = socket
  }

  /// What it is to be watched for.
  var wanted: Interest {
    var wanted: Interest = isHeldBack ? [] : .read
    if written < output.count { wanted.insert(.write) }
    return wanted
  }

  /// Takes a line to be sent; the connection has no other on its way.
  func put(_ line: [UInt8]) {
    output = line + [.lineFeed]
    written = 0
  }

  /// Writes what the kernel takes; false where the node is gone.
  func flush() -> Bool {
    while written < output.count {
      switch socket.write(output.span.extracting(written...)) {
      case .bytes(let count): written += count
      case .wouldBlock: return true
      case .closed, .failed: return false
      }
    }
    output = []
    written = 0
    return true
  }

  /// Takes in what was read.
  func append(_ bytes: ArraySlice<UInt8>) { lines.append(bytes) }

  /// The next whole line; nil where more must come first. A line too long ends the connection.
  func nextLine() throws(LineFault) -> [UInt8]? { try lines.next() }
}
