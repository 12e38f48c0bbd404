package import Format

/// The sponsor's side of one stranger's visit: what may be said next, without clock or socket.
///
///     looking ─ knock ─ committed ─ opening ─ comparing
///
/// Whatever else comes breaks H-13. The sponsor's share of the digits is told after the newcomer has
/// committed to its own, so neither side can choose one to fit.
package struct DoorVisit: Sendable {
  private enum Phase {
    case looking
    case committed(Bytes32)
    case comparing
  }

  private let terms: DoorTerms
  private let nonce: Bytes32
  private var phase = Phase.looking
  /// Who knocked, and on what; nil while somebody only looks.
  package private(set) var who: Newcomer?
  /// Whether it was answered for good: nothing that it says counts any more.
  package var isSentAway = false
  /// Whether it was told the sponsor's nonce, and so knows what digits it would show (H-15).
  package var knowsNonce: Bool {
    if case .looking = phase { false } else { true }
  }

  /// What a newcomer calls itself and its device: its word, until somebody says yes.
  package struct Newcomer: Hashable, Sendable {
    package let person: Name
    package let device: Name
  }

  /// What came of a message.
  package enum Step: Hashable, Sendable {
    /// Somebody knocked; this is to be said in answer.
    case knocked(Message)
    /// Both have told their shares: these digits are to be compared.
    case compares(SixDigits)
  }

  /// A visit whose handshake is done. The nonce is 32 random bytes, for this visit alone.
  package init(_ up: LinkUp, key: NoiseIdentity, nonce: Bytes32) {
    self.init(
      DoorTerms(handshake: up.handshakeHash, newcomer: up.remoteKey, sponsor: key), nonce: nonce)
  }

  /// A visit on these terms.
  init(_ terms: DoorTerms, nonce: Bytes32) { (self.terms, self.nonce) = (terms, nonce) }

  /// Takes in what the newcomer said; throws the rule it broke.
  package mutating func take(_ message: Message) throws(DecodeError) -> Step {
    switch (phase, message) {
    case (.looking, .knock(let commitment, let person, let device)):
      phase = .committed(commitment)
      who = Newcomer(person: person, device: device)
      return .knocked(.doorNonce(nonce))
    case (.committed(let commitment), .opening(let theirs)):
      guard terms.commitment(to: theirs) == commitment else { throw .broken(.h14) }
      phase = .comparing
      return .compares(terms.digits(newcomer: theirs, sponsor: nonce))
    default: throw .broken(.h13)
    }
  }
}
