package import Cryptography
package import Format

/// The secrets of one office with which links begin; shared by its links, never copied.
package final class LinkKeys: Sendable {
  package let office: GroupID
  let preSharedKey: PreSharedKey
  let noiseKey: NoiseKey

  /// Takes over the secret of an office and this device's key for links.
  package init(
    office: GroupID, preSharedKey: consuming PreSharedKey, noiseKey: consuming NoiseKey
  ) {
    self.office = office
    self.preSharedKey = preSharedKey
    self.noiseKey = noiseKey
  }

  /// This device's key as its peers see it.
  package var identity: NoiseIdentity { NoiseIdentity(copying: noiseKey.publicKey) }
}

/// As whom this node begins and answers links in one office.
package struct LinkIdentity: Sendable {
  package let keys: LinkKeys
  /// The entry ID of this device's certificate; zero for a joiner.
  package let certificate: EntryID

  /// Puts keys and certificate together.
  package init(keys: LinkKeys, certificate: EntryID) {
    self.keys = keys
    self.certificate = certificate
  }
}

/// What this node says of itself in every greeting.
package struct LinkHello: Hashable, Sendable {
  package let bootNonce: BootNonce
  package let wallMilliseconds: UInt64
  /// Where this node listens, 0 where it does not.
  package let port: UInt16

  /// Puts the parts together.
  package init(bootNonce: BootNonce, wallMilliseconds: UInt64, port: UInt16) {
    (self.bootNonce, self.wallMilliseconds, self.port) = (bootNonce, wallMilliseconds, port)
  }

  /// What is said at a door: nothing by which a node could be known again (H-12).
  static let nobody = LinkHello(bootNonce: BootNonce(Bytes16()), wallMilliseconds: 0, port: 0)

  func greeting(certificate: EntryID) -> Greeting {
    Greeting(
      certificate: certificate, bootNonce: bootNonce, wallMilliseconds: wallMilliseconds,
      port: port)
  }
}
