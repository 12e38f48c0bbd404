import Format
import Platform
import TestSupport

@testable import Cryptography
@testable import Transport

/// Frames of an open link whose peer has the key: what is in them, however it is cut.
enum Frames {
  static let target = FuzzTarget(
    name: "frames", kind: .decoder,
    abstract: "an open link tells the messages of its peer, each once, in order, and nothing else",
    reaches: ["Transport", "Cryptography", "Format"], sizeMax: 2_048, seeds: { seeds() },
    run: { try run($0) })

  private static func seeds() -> [[UInt8]] {
    let messages = Vector.of("message").map(\.bytes)
    let streams = messages + zip(messages, messages.dropFirst()).map { $0 + $1 }
    return streams.flatMap { [[255, 255, 0] + $0, [6, 3, 0] + $0, [40, 40, 9] + $0] }
  }

  /// What a link tells, or how it ends.
  private enum Told: Equatable {
    case message(Message)
    case answered
    case down(LinkEnd)
  }

  /// How long frames are, in how many bytes at once they arrive, and whether one is spoilt on its way
  /// stand before what is in them.
  static func run(_ input: [UInt8]) throws {
    guard input.count > 3 else { return }
    let (size, step, spoilt) = (Int(input[0]) + 1, Int(input[1]) + 1, Int(input[2]))
    let plain = Array(input[3...])
    var stream = try sealed(plain, size)
    let isSpoilt = spoilt % 8 == 1 && !stream.isEmpty
    if isSpoilt { stream[spoilt * 31 % stream.count] ^= 1 << UInt8(spoilt >> 3 & 7) }
    var link = try openLink()
    for start in stride(from: 0, to: stream.count, by: step) {
      var bytes = Array(stream[start..<min(stream.count, start + step)])
      link.received(&bytes, count: bytes.count, at: Moment(nanoseconds: 0))
    }
    var told: [Told] = []
    while let event = link.nextEvent() {
      switch event {
      case .message(let message): told.append(.message(message))
      case .answered: told.append(.answered)
      case .down(let end): told.append(.down(end))
      case .up: throw Found("an open link came up once more")
      }
    }
    let expected = read(plain)
    guard isSpoilt else {
      return try need(told == expected, "a link tells something else than was said")
    }
    // A frame that was spoilt ends the link or is waited for; nothing behind its begin counts.
    if case .down = told.last { told.removeLast() }
    try need(
      expected.prefix(told.count).elementsEqual(told), "a link tells something of a spoilt frame")
  }

  /// The stream as messages, read once more.
  private static func read(_ plain: [UInt8]) -> [Told] {
    var told: [Told] = []
    var rest = plain[...]
    while rest.count >= Message.headSize {
      let kind = rest[rest.startIndex]
      let length = rest.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
      guard length <= Limits.messageBytesMax, (1..<128).contains(kind) else {
        return told + [.down(.violation(.r1))]
      }
      guard rest.count - Message.headSize >= length else { break }
      rest = rest.dropFirst(Message.headSize)
      do throws(DecodeError) {
        switch try Message.decode(kind: kind, Array(rest.prefix(length))) {
        case nil, .ping, .pong: break
        case .bye(let code): return told + [.down(.bye(code))]
        case .some(let message): told.append(.message(message))
        }
      } catch {
        return told + [.down(.violation(error.rule))]
      }
      rest = rest.dropFirst(length)
    }
    return told
  }

  private static func sealed(_ plain: [UInt8], _ size: Int) throws -> [UInt8] {
    var key = try key(4)
    var stream: [UInt8] = []
    for start in stride(from: 0, to: plain.count, by: size) {
      let part = plain[start..<min(plain.count, start + size)]
      let length = part.count + FrameLayout.tagSize
      var frame = [UInt8(length >> 8), UInt8(length & 255)] + part
      frame += [UInt8](repeating: 0, count: FrameLayout.tagSize)
      _ = try key.seal(in: &frame, at: FrameLayout.headSize, count: part.count)
      stream += frame
    }
    return stream
  }

  private static func key(_ byte: UInt8) throws -> TransportKey {
    let bytes = [UInt8](repeating: byte, count: 32)
    return TransportKey(
      try SecretBytes(copying: bytes.span, count: bytes.count, in: .plain), counter: 0)
  }

  /// An open link that receives with the key of `sealed`.
  private static func openLink() throws -> LinkMachine {
    var link = LinkMachine(
      answeringFor: [Handshakes.ben],
      hello: LinkHello(bootNonce: BootNonce(Bytes16()), wallMilliseconds: 0, port: 0),
      at: Moment(nanoseconds: 0))
    link.phase = .open
    link.session = NoiseSession(
      sending: try key(3), receiving: try key(4),
      remoteStatic: try NoisePublicKey(copying: [UInt8](repeating: 5, count: 32).span),
      handshakeHash: InlineArray(repeating: 0))
    return link
  }
}
