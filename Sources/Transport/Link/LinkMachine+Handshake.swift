internal import Cryptography
package import Format
package import Platform

extension LinkMachine {
  /// The link of a node that dials; its first bytes are made once they can be written.
  package init(
    dialling identity: LinkIdentity, mode: Preface.Mode, hello: LinkHello, at now: Moment
  ) {
    precondition(mode != .digits, "whoever knocks at a door belongs to no office")
    self.init(isInitiator: true, [identity], nil, mode, hello, phase: .message2, at: now)
    handshake = Self.begin(.initiator, mode, identity.keys)
    owesFirstMessage = true
  }

  /// The link of a newcomer who looks or knocks at what may be an open door; it says nothing of the
  /// node (H-12).
  package init(knockingWith door: DoorKey, at now: Moment) {
    self.init(isInitiator: true, [], door, .digits, .nobody, phase: .message2, at: now)
    handshake = Self.begin(.initiator, door)
    owesFirstMessage = true
  }

  /// The link of a node that was dialled, which serves the offices of `identities` and no door.
  package init(answeringFor identities: [LinkIdentity], hello: LinkHello, at now: Moment) {
    self.init(answeringFor: identities, door: nil, hello: hello, at: now)
  }

  /// The same with a door that is held open, if there is one.
  package init(
    answeringFor identities: [LinkIdentity], door: DoorKey?, hello: LinkHello, at now: Moment
  ) {
    self.init(isInitiator: false, identities, door, .member, hello, phase: .preface, at: now)
  }

  /// Writes the first bytes of a link, with a key made for it: one that nobody answers costs none.
  mutating func writeFirstMessage() {
    owesFirstMessage = false
    do throws(CryptographyError) {
      guard let message = try handshake?.writeMessage([UInt8]().span) else { return }
      sealed = Preface(mode: mode).bytes
      written = 0
      append(handshakeMessage: message)
    } catch {
      preconditionFailure("the first message of a handshake depends on nothing from outside")
    }
  }

  private init(
    isInitiator: Bool, _ identities: [LinkIdentity], _ door: DoorKey?, _ mode: Preface.Mode,
    _ hello: LinkHello, phase: Phase, at now: Moment
  ) {
    self.isInitiator = isInitiator
    self.hello = hello
    self.door = door
    self.identities = identities
    self.mode = mode
    self.phase = phase
    startedAt = now
    upAt = now
    lastReceived = now
  }

  private static func begin(
    _ role: NoiseHandshake.Role, _ mode: Preface.Mode, _ keys: LinkKeys
  ) -> NoiseHandshake {
    NoiseHandshake(
      role, prologue: Preface(mode: mode).prologue(office: keys.office).span,
      staticKey: keys.noiseKey, preSharedKey: keys.preSharedKey)
  }

  private static func begin(_ role: NoiseHandshake.Role, _ door: DoorKey) -> NoiseHandshake {
    // A newcomer knows no office yet: 32 zero bytes stand in its place.
    let nowhere = GroupID(Bytes32())
    return NoiseHandshake(
      role, prologue: Preface(mode: .digits).prologue(office: nowhere).span,
      staticKey: door.noiseKey)
  }

  private mutating func append(handshakeMessage message: [UInt8]) {
    sealed.append(UInt8(truncatingIfNeeded: message.count >> 8))
    sealed.append(UInt8(truncatingIfNeeded: message.count))
    sealed.append(contentsOf: message)
  }

  mutating func takePreface(_ bytes: [UInt8]) throws(LinkEnd) {
    do throws(DecodeError) {
      mode = try Preface(decoding: bytes).mode
    } catch {
      // The magic tells another version of ours from a stranger who came to the wrong port.
      let isOurs = Array(bytes.prefix(Preface.magic.count)) == Preface.magic
      if isOurs, bytes[4] != Preface.version { throw .anotherVersion(bytes[4]) }
      throw .violation(error.rule)
    }
    if mode == .digits, door == nil { throw .modeRefused }
    phase = .message1
  }

  mutating func takeHandshake(_ message: [UInt8], at now: Moment) throws(LinkEnd) {
    switch phase {
    case .message1: try answerMessage1(message)
    case .message2:
      // An answer to what was not said yet.
      guard !owesFirstMessage else { throw .violation(.h2) }
      let greeting = try readGreeting(message)
      try writeGreeting()
      finishHandshake(greeting, at: now)
    case .message3: finishHandshake(try readGreeting(message), at: now)
    case .preface, .open, .closing, .over: break
    }
  }

  /// Tries each office's secret on message 1: only who knows one could write the tag.
  private mutating func answerMessage1(_ message: [UInt8]) throws(LinkEnd) {
    if mode == .digits { return try answerAtDoor(message) }
    for identity in identities {
      var candidate = Self.begin(.responder, mode, identity.keys)
      do throws(CryptographyError) {
        _ = try candidate.readMessage(message.span)
      } catch {
        continue
      }
      identities = [identity]
      handshake = consume candidate
      try writeGreeting()
      phase = .message3
      return
    }
    throw .stranger
  }

  /// Answers whoever knocks: there is no secret that could keep a stranger out.
  private mutating func answerAtDoor(_ message: [UInt8]) throws(LinkEnd) {
    guard let door else { throw .modeRefused }
    var begun = Self.begin(.responder, door)
    do throws(CryptographyError) {
      _ = try begun.readMessage(message.span)
    } catch {
      throw .violation(.h2)
    }
    identities = []
    handshake = consume begun
    try writeGreeting()
    phase = .message3
  }

  private mutating func writeGreeting() throws(LinkEnd) {
    // A joiner has no certificate yet; a responder names its own (H-4), but to nobody at a door.
    let named = mode == .ticket && isInitiator ? nil : identities.first
    let said = mode == .digits ? LinkHello.nobody : hello
    let greeting = said.greeting(certificate: named?.certificate ?? EntryID(Bytes32())).encode()
    do throws(CryptographyError) {
      guard let message = try handshake?.writeMessage(greeting.span) else { return }
      append(handshakeMessage: message)
    } catch {
      // A low-order key of the peer.
      throw .violation(.h2)
    }
  }

  private mutating func readGreeting(_ message: [UInt8]) throws(LinkEnd) -> Greeting {
    let payload: [UInt8]
    do throws(CryptographyError) {
      payload = try handshake?.readMessage(message.span) ?? []
    } catch {
      throw .violation(.h2)
    }
    do throws(DecodeError) {
      let greeting = try Greeting(decoding: payload)
      if mode == .digits { try greeting.checkSaysNothing() }
      return greeting
    } catch {
      throw .violation(error.rule)
    }
  }

  private mutating func finishHandshake(_ greeting: Greeting, at now: Moment) {
    guard let handshake = handshake.take() else { return }
    let session = handshake.finish()
    let up = LinkUp(
      isInitiator: isInitiator, mode: mode,
      office: identities.first?.keys.office ?? GroupID(Bytes32()),
      remoteKey: NoiseIdentity(copying: session.remoteStatic), greeting: greeting,
      handshakeHash: HandshakeHash(Bytes32(copying: session.handshakeHash)))
    self.session = consume session
    phase = .open
    upAt = now
    // H-11: no link with oneself, nor with a computer that holds this device's keys. Only now,
    // when both sides have proven that they do hold them.
    if up.remoteKey == identities.first?.keys.identity {
      let isSelf = greeting.bootNonce == hello.bootNonce
      return isSelf ? end(.ownNode, farewell: .done) : end(.copied, farewell: .copied)
    }
    unproven =
      mode == .digits
      ? (now + .seconds(Limits.doorLookSeconds), Limits.doorBytesMax)
      : (now + .seconds(Limits.provisionalSeconds), Limits.provisionalBytesMax)
    tell(.up(up))
  }
}

extension NoiseIdentity {
  /// The same key as Format names it.
  init(copying key: NoisePublicKey) { self.init(Bytes32(copying: key.bytes)) }
}

extension Bytes32 {
  /// Copies an array of the one length there is.
  init(copying bytes: InlineArray<32, UInt8>) {
    self.init(bytes.indices.map { bytes[$0] }.raw, 0)
  }
}
