/// How a non-blocking read or write ended.
package enum Transfer: Hashable, Sendable {
  /// That many bytes moved, at least one.
  case bytes(Int)
  /// Nothing can move now; the poller will say when.
  case wouldBlock
  /// The other end has finished sending (read) or is gone (write).
  case closed
  case failed(SystemError)
}
