/// Why a call has no answer.
package enum ControlFault: Error, Equatable, Sendable {
  /// Nothing listens at any of these paths.
  case noNode([String])
  /// The socket is there and this user may not use it.
  case denied(path: String)
  /// Somebody else has opened the socket.
  case stranger(path: String)
  /// The system's own words for what went wrong.
  case connection(String)
  /// The node closed the connection, or ended.
  case ended
  /// The node wrote what is no answer: it is of another version.
  case misunderstood
  /// The node answered with an error.
  case refused(ControlError)
}
