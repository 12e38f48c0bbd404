internal import Cryptography
package import Format
package import Platform

extension LinkMachine {
  /// The link of a node that dials; its first bytes wait to be written.
  package init(
    dialling identity: LinkIdentity, mode: Preface.Mode, hello: LinkHello, at now: Moment
  ) {
    precondition(mode != .digits, "joining by digits is not part of this version")
    self.init(isInitiator: true, [identity], mode, hello, phase: .message2, at: now)
    var handshake = Self.begin(.initiator, mode, identity.keys)
    do throws(CryptographyError) {
      let message = try handshake.writeMessage([UInt8]().span)
      sealed = Preface(mode: mode).bytes
      append(handshakeMessage: message)
    } catch {
      preconditionFailure("the first message of a handshake depends on nothing from outside")
    }
    self.handshake = consume handshake
  }

  /// The link of a node that was dialled, which serves the offices of `identities`.
  package init(answeringFor identities: [LinkIdentity], hello: LinkHello, at now: Moment) {
    self.init(isInitiator: false, identities, .member, hello, phase: .preface, at: now)
  }

  private init(
    isInitiator: Bool, _ identities: [LinkIdentity], _ mode: Preface.Mode, _ hello: LinkHello,
    phase: Phase, at now: Moment
  ) {
    self.isInitiator = isInitiator
    self.hello = hello
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
    if mode == .digits { throw .modeRefused }
    phase = .message1
  }

  mutating func takeHandshake(_ message: [UInt8], at now: Moment) throws(LinkEnd) {
    switch phase {
    case .message1: try answerMessage1(message)
    case .message2:
      let greeting = try readGreeting(message)
      try writeGreeting()
      finishHandshake(greeting, at: now)
    case .message3: finishHandshake(try readGreeting(message), at: now)
    case .preface, .open, .closing, .over: break
    }
  }

  /// Tries each office's secret on message 1: only who knows one could write the tag.
  private mutating func answerMessage1(_ message: [UInt8]) throws(LinkEnd) {
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

  private mutating func writeGreeting() throws(LinkEnd) {
    // A joiner has no certificate yet; a responder of any mode names its own (H-4).
    let isJoiner = isInitiator && mode == .ticket
    let certificate = isJoiner ? EntryID(Bytes32()) : identities[0].certificate
    let greeting = hello.greeting(certificate: certificate).encode()
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
      return try Greeting(decoding: payload)
    } catch {
      throw .violation(error.rule)
    }
  }

  private mutating func finishHandshake(_ greeting: Greeting, at now: Moment) {
    guard let handshake = handshake.take() else { return }
    let session = handshake.finish()
    let up = LinkUp(
      isInitiator: isInitiator, mode: mode, office: identities[0].keys.office,
      remoteKey: NoiseIdentity(copying: session.remoteStatic), greeting: greeting,
      handshakeHash: HandshakeHash(Bytes32(copying: session.handshakeHash)))
    self.session = consume session
    phase = .open
    upAt = now
    // H-11: no link with oneself, nor with a computer that holds this device's keys. Only now,
    // when both sides have proven that they do hold them.
    if up.remoteKey == identities[0].keys.identity {
      let isSelf = greeting.bootNonce == hello.bootNonce
      return isSelf ? end(.ownNode, farewell: .done) : end(.copied, farewell: .copied)
    }
    unproven = (now + .seconds(Limits.provisionalSeconds), Limits.provisionalBytesMax)
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
