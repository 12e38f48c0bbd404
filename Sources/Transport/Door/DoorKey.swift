package import Cryptography
package import Format

/// The key of one door while it is open, or of one knock: made for it and forgotten with it, so that
/// a stranger learns nothing by which a device could be known again (H-12).
package final class DoorKey: Sendable {
  let noiseKey: NoiseKey

  /// Takes over a key that is used nowhere else.
  package init(_ noiseKey: consuming NoiseKey) { self.noiseKey = noiseKey }

  /// The key as the other side sees it.
  package var identity: NoiseIdentity { NoiseIdentity(copying: noiseKey.publicKey) }
}
