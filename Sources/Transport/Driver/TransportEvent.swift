package import Format
package import Platform

/// What the links have to say to the node.
package enum TransportEvent: Sendable {
  /// A handshake is done; the link is unproven until it is promoted.
  case up(LinkID, LinkUp, SocketAddress)
  /// A whole, well-formed message.
  case message(LinkID, Message)
  /// The peer answered the last probe of this link.
  case answered(LinkID)
  /// A link that had no room for a batch has some again.
  case hasRoom(LinkID)
  /// A link, or an attempt at one, is over; told once for each.
  case down(LinkDown)
  /// No connection can be accepted for a moment.
  case acceptFailed(SocketError)
}

/// How a link ended.
package struct LinkDown: Hashable, Sendable {
  package let id: LinkID
  package let end: LinkEnd
  /// Whether its handshake had been done, so that its `up` was told.
  package let wasUp: Bool
  package let isInitiator: Bool
  /// The peer's end of the connection.
  package let address: SocketAddress
}

/// What is known of a link, for status.
package struct LinkInfo: Hashable, Sendable {
  package let id: LinkID
  package let address: SocketAddress
  package let isInitiator: Bool
  package let isUp: Bool
  package let queuedBytes: Int
  /// Bytes on the wire, without what TCP adds.
  package let sentBytes: UInt64
  package let receivedBytes: UInt64
}
