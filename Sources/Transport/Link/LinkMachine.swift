internal import Cryptography
package import Format
package import Platform

/// One link from its first byte to its last, without socket or clock: bytes and moments go in,
/// events and bytes come out.
///
///     preface ─ message1 ─ message3 ─┐
///                                    ├─ open ─ closing ─ over
///                        message2 ───┘
///
/// The upper line is the responder's, the lower one the initiator's. From anywhere a link can be
/// over at once; only an open one has words of farewell to get out before.
package struct LinkMachine: ~Copyable {
  enum Phase {
    case preface
    case message1
    case message2
    case message3
    case open
    /// The farewell is on its way; nothing the peer says counts any more.
    case closing
    case over
  }

  let isInitiator: Bool
  let hello: LinkHello
  /// The initiator's one, or those a responder tries; only the chosen one after message 1. None at a
  /// door.
  var identities: [LinkIdentity]
  /// The key of the door or the knock; nil where this node holds no door open (H-12).
  let door: DoorKey?
  var mode: Preface.Mode
  let startedAt: Moment
  var upAt: Moment
  var phase: Phase
  var handshake: NoiseHandshake?
  var session: NoiseSession?
  /// Whether the first message of a link that was dialled is still to be made.
  var owesFirstMessage = false

  /// The begin of a frame, or of the preface, whose rest has not come yet.
  var partial: [UInt8] = []
  var assembler = MessageAssembler()
  var lastReceived: Moment
  var hasPinged = false
  var pingNonce: UInt64 = 0
  /// The nonce of a probe, when it began and until when its answer counts.
  var probe: (nonce: UInt64, from: Moment, until: Moment)?
  /// While the peer is unproven: until when, and how much it may still send (H-5).
  var unproven: (until: Moment, bytesLeft: Int)?
  /// Whether somebody is at the door who is waited for.
  var isHeld = false

  var queue = SendQueue()
  /// Sealed and not yet written bytes, from `written` on.
  var sealed: [UInt8] = []
  var written = 0

  private var events: [LinkEvent] = []
  private var eventsTaken = 0

  /// Whether something waits to be written.
  package var hasOutput: Bool {
    owesFirstMessage || written < sealed.count
      || (phase == .open || phase == .closing) && !queue.isEmpty
  }

  /// Whether this machine is done: nothing to read, nothing to write, no deadline.
  package var isFinished: Bool { phase == .over || phase == .closing && !hasOutput }

  /// Whether the link has been ended with a farewell to the peer.
  package var hasFarewell: Bool { phase == .closing }

  /// Whether the handshake is done and nobody has ended the link.
  package var isUp: Bool { phase == .open }

  /// Whether the handshake is still going on.
  package var isHalfOpen: Bool {
    switch phase {
    case .preface, .message1, .message2, .message3: true
    case .open, .closing, .over: false
    }
  }

  /// The next thing to tell, in order.
  package mutating func nextEvent() -> LinkEvent? {
    guard eventsTaken < events.count else { return nil }
    defer {
      eventsTaken += 1
      if eventsTaken == events.count {
        events.removeAll(keepingCapacity: true)
        eventsTaken = 0
      }
    }
    return events[eventsTaken]
  }

  mutating func tell(_ event: LinkEvent) { events.append(event) }

  /// Takes what came from the peer; `bytes` is scrap afterwards, for frames are opened in place.
  package mutating func received(_ bytes: inout [UInt8], count: Int, at now: Moment) {
    precondition(count <= bytes.count, "more was received than there is")
    guard count > 0, phase != .closing, phase != .over else { return }
    lastReceived = now
    hasPinged = false
    if let bound = unproven {
      guard count <= bound.bytesLeft else { return end(.unproven, farewell: .notNow) }
      unproven = (bound.until, bound.bytesLeft - count)
    }
    do throws(LinkEnd) {
      var offset = 0
      while offset < count, phase != .closing, phase != .over {
        try takeUnit(&bytes, from: &offset, to: count, at: now)
      }
    } catch {
      end(error, farewell: .violation)
    }
  }

  /// The peer has finished sending, or the system ended the connection.
  package mutating func connectionEnded(_ end: LinkEnd) {
    self.end(end, farewell: nil)
    // Nobody is left to hear a farewell.
    if phase == .closing { abandon() }
  }

  /// There are too many links: ends this one with a farewell.
  package mutating func refuse() { end(.full, farewell: .notNow) }

  /// Ends the link, with a farewell if the handshake is done; what was not begun is not sent.
  package mutating func close(_ bye: Message.Bye) {
    end(.closedHere(bye), farewell: bye)
  }

  mutating func end(_ reason: LinkEnd, farewell: Message.Bye?) {
    guard phase != .closing, phase != .over else { return }
    tell(.down(reason))
    partial = []
    assembler = MessageAssembler()
    unproven = nil
    probe = nil
    handshake = nil
    if phase == .open, let farewell {
      queue.dropUnbegun()
      queue.append(Message.bye(farewell).encode(), beginsMessage: true)
      phase = .closing
    } else {
      abandon()
    }
  }

  private mutating func abandon() {
    phase = .over
    session = nil
    owesFirstMessage = false
    queue = SendQueue()
    sealed = []
    written = 0
  }
}

extension LinkMachine {
  /// How many bytes the next whole unit has, as far as its begin tells.
  private enum UnitSize {
    case known(Int)
    /// So many are needed to tell.
    case unknown(Int)
  }

  private func unitSize(_ bytes: [UInt8], _ start: Int, _ count: Int) throws(LinkEnd) -> UnitSize {
    if phase == .preface { return .known(Preface.size) }
    guard count >= 2 else { return .unknown(2) }
    let length = Int(load16(bytes.raw, start))
    // Compared before anything of that length is waited for or reserved (H-2, H-8).
    switch phase {
    case .message1:
      let size = mode == .digits ? HandshakeSize.message1AtDoor : HandshakeSize.message1
      guard length == size else { throw .violation(.h2) }
    case .message2: guard length == HandshakeSize.message2 else { throw .violation(.h2) }
    case .message3: guard length == HandshakeSize.message3 else { throw .violation(.h2) }
    case .preface, .open, .closing, .over:
      guard length >= FrameLayout.tagSize else { throw .violation(.h8) }
    }
    return .known(2 + length)
  }

  /// Takes one unit, or the part of it that is there.
  private mutating func takeUnit(
    _ bytes: inout [UInt8], from offset: inout Int, to end: Int, at now: Moment
  ) throws(LinkEnd) {
    if partial.isEmpty {
      if case .known(let size) = try unitSize(bytes, offset, end - offset) {
        if size <= end - offset {
          let start = offset
          offset += size
          return try process(&bytes, start, size, at: now)
        }
        partial.reserveCapacity(size)
      }
      partial.append(contentsOf: bytes[offset..<end])
      offset = end
      return
    }
    let size = try unitSize(partial, 0, partial.count)
    let wanted =
      switch size {
      case .known(let size), .unknown(let size): size
      }
    let count = min(wanted - partial.count, end - offset)
    partial.append(contentsOf: bytes[offset..<offset + count])
    offset += count
    guard case .known(let whole) = size, partial.count == whole else { return }
    var unit: [UInt8] = []
    swap(&unit, &partial)
    try process(&unit, 0, whole, at: now)
    unit.removeAll(keepingCapacity: true)
    swap(&unit, &partial)
  }

  private mutating func process(
    _ bytes: inout [UInt8], _ start: Int, _ size: Int, at now: Moment
  ) throws(LinkEnd) {
    switch phase {
    case .preface: try takePreface(Array(bytes[start..<start + size]))
    case .message1, .message2, .message3:
      try takeHandshake(Array(bytes[start + 2..<start + size]), at: now)
    case .open: try takeFrame(&bytes, start + 2, size - 2)
    case .closing, .over: break
    }
  }

  private mutating func takeFrame(
    _ bytes: inout [UInt8], _ start: Int, _ size: Int
  ) throws(LinkEnd) {
    do throws(CryptographyError) {
      var span = bytes.mutableSpan
      _ = try session?.receiving.open(in: &span, at: start, count: size)
    } catch {
      throw .violation(.h8)
    }
    var offset = start
    let end = start + size - FrameLayout.tagSize
    while offset < end, phase == .open {
      guard let whole = try assembler.take(bytes, from: &offset, to: end) else { continue }
      try deliver(whole)
    }
  }

  private mutating func deliver(_ whole: MessageAssembler.Whole) throws(LinkEnd) {
    let message: Message?
    do throws(DecodeError) {
      message = try Message.decode(kind: whole.kind, whole.content)
    } catch {
      throw .violation(error.rule)
    }
    switch message {
    case nil: break  // A later version's; it may be ignored.
    case .ping(let nonce): _ = send(.pong(nonce))
    case .pong(let nonce):
      if probe?.nonce == nonce {
        probe = nil
        tell(.answered)
      }
    case .bye(let code): end(.bye(code), farewell: nil)
    case .some(let message): tell(.message(message))
    }
  }
}
