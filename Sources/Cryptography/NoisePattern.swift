/// What a Noise handshake sends, message by message; the initiator begins and both take turns.
struct NoisePattern: Sendable {
  /// One step of a message, in the words of the Noise specification.
  enum Token: String, Sendable {
    /// The ephemeral and the static public key of the sender.
    case e, s
    /// A key agreement; the first letter names the initiator's key, the second the responder's.
    case ee, es, se, ss
    /// The next pre-shared key.
    case psk
  }

  let name: String
  /// Whether the responder knows the initiator's static key from the start, and the reverse.
  let isInitiatorKnown, isResponderKnown: Bool
  let messages: [[Token]]

  /// The pattern's full name, which both sides hash before anything else.
  var protocolName: String { "Noise_\(name)_25519_ChaChaPoly_SHA256" }
  /// Whether ephemeral keys are mixed into the key too, as every pattern with `psk` demands.
  var usesPreSharedKeys: Bool { messages.contains { $0.contains(.psk) } }

  /// Both prove a static key that neither knew: for joining while a sponsor holds the door open.
  static let xx = NoisePattern(
    name: "XX", isInitiatorKnown: false, isResponderKnown: false,
    messages: [[.e], [.e, .ee, .s, .es], [.s, .se]])

  /// The same among those who hold the office's pre-shared key: every other link.
  static let xxPSK0 = NoisePattern(
    name: "XXpsk0", isInitiatorKnown: false, isResponderKnown: false,
    messages: [[.psk, .e], [.e, .ee, .s, .es], [.s, .se]])
}
