internal import Format

/// Sizes of a sealed frame.
enum FrameLayout {
  /// The length before each frame.
  static let headSize = 2
  static let tagSize = 16
  /// Plaintext of a full frame.
  static let plaintextMax = Limits.frameBytesMax - tagSize
}

/// Exact sizes of the handshake's messages (H-2); what they are made of stands in 7-handshake.
enum HandshakeSize {
  static let message1 = 32 + 16
  /// Without a shared key the first message has no tag.
  static let message1AtDoor = 32
  static let message2 = 32 + (32 + 16) + (Greeting.size + 16)
  static let message3 = (32 + 16) + (Greeting.size + 16)
}
