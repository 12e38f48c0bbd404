package import Format

/// The newcomer's side of a visit at a door: what may be said next, without clock or socket.
///
///     arrived ─ door ─ looking ─ (knock) ─ committed ─ door-nonce ─ comparing ─ door-answer ─ over
package struct Knock: Sendable {
  private enum Phase {
    case arrived
    case looking
    case committed
    case comparing
    case over
  }

  private let terms: DoorTerms
  private let nonce: Bytes32
  private var phase = Phase.arrived

  /// What came of a message.
  package enum Step: Hashable, Sendable {
    /// Whose door it is, as it says of itself, and of which member further devices alone come in
    /// there; nil where new people do.
    case door(office: Name, sponsor: Name, member: Name?)
    /// The digits to compare; the opening is to be said first.
    case compares(SixDigits, Message)
    /// What the sponsor said, with a ticket's line where it was yes.
    case answered(Message.DoorAnswer, ticket: [UInt8])
  }

  /// A visit whose handshake is done. The nonce is 32 random bytes, for this visit alone.
  package init(_ up: LinkUp, key: NoiseIdentity, nonce: Bytes32) {
    self.init(
      DoorTerms(handshake: up.handshakeHash, newcomer: key, sponsor: up.remoteKey), nonce: nonce)
  }

  /// A visit on these terms.
  init(_ terms: DoorTerms, nonce: Bytes32) { (self.terms, self.nonce) = (terms, nonce) }

  /// Knocks, once the door has said whose it is; nil where that is not so.
  package mutating func knock(person: Name, device: Name) -> Message? {
    guard case .looking = phase else { return nil }
    phase = .committed
    return .knock(commitment: terms.commitment(to: nonce), person: person, device: device)
  }

  /// Takes in what the sponsor's side said; throws the rule it broke.
  package mutating func take(_ message: Message) throws(DecodeError) -> Step {
    switch (phase, message) {
    case (.arrived, .door(let office, let sponsor, let member)):
      phase = .looking
      return .door(office: office, sponsor: sponsor, member: member)
    case (.committed, .doorNonce(let theirs)):
      phase = .comparing
      return .compares(terms.digits(newcomer: nonce, sponsor: theirs), .opening(nonce))
    // A yes means the digits, so it cannot come before they are known.
    case (.comparing, .doorAnswer(let answer, let ticket)):
      phase = .over
      return .answered(answer, ticket: ticket)
    case (.looking, .doorAnswer(let answer, let ticket)),
      (.committed, .doorAnswer(let answer, let ticket)):
      guard answer != .admitted else { throw .broken(.h13) }
      phase = .over
      return .answered(answer, ticket: ticket)
    default: throw .broken(.h13)
    }
  }
}
