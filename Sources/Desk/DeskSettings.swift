import Format

/// What a server of the page is told when it starts.
package struct DeskSettings: Sendable {
  /// The node's own socket.
  package let node: String
  /// The node's state folder.
  package let state: String
  /// The port, this one or none; nil: the default one, or the next free.
  package let port: UInt16?
  /// How long a browser may take over the head of a request, over its body, and over an answer.
  package let patienceSeconds: Int
  /// How long nothing is told on a stream before a sign of life is.
  package let heartbeatSeconds: Int

  /// Settings with the limits of 10-limits, unless another patience is asked for.
  package init(node: String, state: String, port: UInt16?, patienceSeconds: Int?) {
    self.init(
      node: node, state: state, port: port, patienceSeconds: patienceSeconds ?? Limits.deskSeconds,
      heartbeatSeconds: Limits.deskHeartbeatSeconds)
  }

  /// All of it, for tests.
  package init(
    node: String, state: String, port: UInt16?, patienceSeconds: Int, heartbeatSeconds: Int
  ) {
    (self.node, self.state, self.port) = (node, state, port)
    (self.patienceSeconds, self.heartbeatSeconds) = (patienceSeconds, heartbeatSeconds)
  }
}
