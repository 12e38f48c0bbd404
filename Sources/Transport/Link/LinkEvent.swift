package import Format

/// What a link has to say to the node.
package enum LinkEvent: Sendable {
  /// The handshake is done; the link is unproven until it is promoted (H-5).
  case up(LinkUp)
  /// A whole message, well-formed; pings and good-byes are not among them.
  case message(Message)
  /// The peer answered the last probe.
  case answered
  /// The link is over; nothing comes after this.
  case down(LinkEnd)
}

/// What a finished handshake proved and what the peer said in it.
package struct LinkUp: Hashable, Sendable {
  package let isInitiator: Bool
  package let mode: Preface.Mode
  /// The office whose secret the peer knows.
  package let office: GroupID
  /// The key the peer proved to hold.
  package let remoteKey: NoiseIdentity
  /// What the peer said of itself; only the certificate's key, once compared, makes it true.
  package let greeting: Greeting
  /// Equal on both ends and on no other link.
  package let handshakeHash: HandshakeHash
}
