import Control

/// Requests of the page as lines for the node (W-10).
enum NodeLine {
  /// The line for a body of `/rpc`, without its line feed.
  ///
  /// The node reads the same bytes again; what is checked here is that they are one request, and
  /// none that changes what its connection is.
  static func call(_ body: [UInt8]) throws(CallFault) -> [UInt8] {
    let line: RequestLine
    do throws(RequestLine.Refusal) {
      line = try RequestLine(line: body)
    } catch {
      throw .refused(error)
    }
    if case .subscribe = line.request { throw .subscribes }
    return oneLine(body)
  }

  enum CallFault: Error {
    case refused(RequestLine.Refusal)
    case subscribes
  }

  /// The line for a body of `/events`: the parameters of `subscribe`.
  static func subscribe(_ body: [UInt8]) throws(RequestLine.Refusal) -> [UInt8] {
    // Checked alone first: a body that is more than one object must not become more than that.
    do throws(LineFault) {
      try LineGuard.check(body)
    } catch {
      throw RequestLine.Refusal(id: nil, error: error.asError, closes: false)
    }
    let line =
      Array(#"{"jsonrpc":"2.0","id":1,"method":"subscribe","params":"#.utf8) + oneLine(body)
      + [0x7D]
    _ = try RequestLine(line: line)
    return line
  }

  /// JSON has line ends between its parts only, where any blank means the same.
  private static func oneLine(_ json: [UInt8]) -> [UInt8] {
    json.map { $0.isLineEnd ? 0x20 : $0 }
  }
}
