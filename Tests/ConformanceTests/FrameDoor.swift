import Format
import Platform
import TestSupport
import Testing

@testable import Cryptography
@testable import Transport

/// The door for transport frames: what an open link says of their lengths.
enum FrameDoor {
  static func frames(_ vector: Vector) throws -> [String: String] {
    var rest = vector.bytes[...]
    while !rest.isEmpty {
      var link = try openLink()
      var head = Array(rest.prefix(2))
      link.received(&head, count: head.count, at: .zero)
      // The length alone decides, before anything behind it has come.
      if let end = link.end {
        try need(end != .violation(.h8), .decode("H-8"))
        Issue.record("\(vector.path): \(end)")
      }
      try need(rest.count >= 2, .decode("H-8"))
      let length = Int(head[0]) << 8 | Int(head[1])
      rest = rest.dropFirst(2)
      var frame = Array(rest.prefix(length))
      rest = rest.dropFirst(length)
      link.received(&frame, count: frame.count, at: .zero)
      // The bytes of these vectors are sealed by no key: a whole frame ends the link, by its tag;
      // a link waits for the rest of any other.
      try need(link.end != nil, .decode("H-8"))
    }
    return [:]
  }

  /// An open link with keys that nobody shares.
  private static func openLink() throws -> LinkMachine {
    let keys = LinkKeys(
      office: GroupID(Bytes32()),
      preSharedKey: try PreSharedKey(bytes: [UInt8](repeating: 1, count: 32).span),
      noiseKey: try NoiseKey(bytes: [UInt8](repeating: 2, count: 32).span))
    var link = LinkMachine(
      answeringFor: [LinkIdentity(keys: keys, certificate: EntryID(Bytes32()))],
      hello: LinkHello(bootNonce: BootNonce(Bytes16()), wallMilliseconds: 0, port: 0),
      at: .zero)
    link.phase = .open
    link.session = NoiseSession(
      sending: try key(3), receiving: try key(4),
      remoteStatic: try NoisePublicKey(copying: [UInt8](repeating: 5, count: 32).span),
      handshakeHash: InlineArray(repeating: 0))
    return link
  }

  private static func key(_ byte: UInt8) throws -> TransportKey {
    let bytes = [UInt8](repeating: byte, count: 32)
    return TransportKey(
      try SecretBytes(copying: bytes.span, count: bytes.count, in: .plain), counter: 0)
  }
}

extension Moment {
  /// The clock's zero.
  static var zero: Moment { Moment(nanoseconds: 0) }
}

extension LinkMachine {
  /// Why the link is over, if it is.
  var end: LinkEnd? {
    mutating get {
      while let event = nextEvent() {
        if case .down(let end) = event { return end }
      }
      return nil
    }
  }
}
