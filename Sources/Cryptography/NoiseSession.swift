/// What a finished handshake leaves: a key for each direction and who the other side is.
package struct NoiseSession: ~Copyable, Sendable {
  /// Seals what this side sends.
  package var sending: TransportKey
  /// Opens what the other side sent.
  package var receiving: TransportKey
  /// The other side's proven static key; whose it is, a certificate says.
  package let remoteStatic: NoisePublicKey
  /// The hash of the whole handshake, alike on both sides and never twice: what a signature names
  /// that shall be good on this link only.
  package let handshakeHash: InlineArray<32, UInt8>

  /// Gives each direction an owner of its own: the sending one first, then the receiving one.
  package consuming func divide<Result: ~Copyable, Failure: Error>(
    _ body: (consuming TransportKey, consuming TransportKey) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(sending, receiving)
  }
}
