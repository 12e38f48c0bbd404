package import Format
package import Platform

/// Why a link, or an attempt at one, is over.
package enum LinkEnd: Error, Hashable, Sendable {
  /// The peer said good-bye.
  case bye(Message.Bye)
  /// This node said good-bye.
  case closedHere(Message.Bye)
  /// The peer broke a rule.
  case violation(Rule)
  /// The peer speaks another version of this protocol (H-1).
  case anotherVersion(UInt8)
  /// The peer asked for a handshake that this node does not do (H-1).
  case modeRefused
  /// The peer does not know the secret of an office of this node, or is not what was dialled.
  case stranger
  /// The handshake took too long (H-6).
  case late
  /// Another connection needed the place of this unfinished one (H-6).
  case gaveWay
  /// Nothing came from the peer for too long, or it did not answer a probe.
  case silent
  /// The link stayed unproven for too long, or sent too much while it was (H-5).
  case unproven
  /// This node met itself (H-11).
  case ownNode
  /// The peer has this device's key and is another computer (H-11).
  case copied
  /// There are as many links as this node keeps.
  case full
  /// Nobody answered the attempt to connect, not even with a refusal.
  case unanswered
  /// The peer ended the connection without a good-bye.
  case cut
  /// The system ended the connection, or could not make it.
  case failed(SystemError)
}

extension LinkEnd: CustomStringConvertible {
  package var description: String {
    switch self {
    case .bye(let code): "the peer ended the link: \(code.text)"
    case .closedHere(let code): "ended here: \(code.text)"
    case .violation(let rule): "the peer broke \(rule.label): \(rule.text)"
    case .anotherVersion(let version): "the peer speaks version \(version) of the protocol"
    case .modeRefused: "the peer asked for a way to join that is not open"
    case .stranger: "the peer belongs to no office of this node"
    case .late: "the handshake took too long"
    case .gaveWay: "an unfinished connection gave way to a newer one"
    case .silent: "the peer is silent"
    case .unproven: "the peer's device is not known here"
    case .ownNode: "this is the node itself"
    case .copied: "another computer is a copy of this device"
    case .full: "there are too many links"
    case .unanswered: "nobody answers there"
    case .cut: "the peer ended the connection"
    case .failed(let error): "the connection failed: \(error)"
    }
  }
}

extension Message.Bye {
  /// The reason in a few words, for logs and status.
  package var text: String {
    switch self {
    case .done: "it is done"
    case .removed: "the device was removed"
    case .otherLinkStays: "another link to the same device stays"
    case .copied: "another computer is a copy of the same device"
    case .violation: "a rule was broken"
    case .newerHandshake: "it is time for a new handshake"
    case .notNow: "not now"
    }
  }
}
