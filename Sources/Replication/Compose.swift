package import Authority
package import Format

/// One own entry to be written.
package enum Draft: Sendable {
  /// Content of a message; encrypted in every group but the office log.
  case message(Content)
  case control(Operation)

  package var isMessage: Bool {
    if case .message = self { return true }
    return false
  }
}

/// Own entries on their way to the disk.
package struct Composed: Sendable {
  package let group: GroupID
  package let place: FeedPlace
  /// One for each draft, in order.
  package let entries: [EntryID]
  /// The seq of each of them.
  package let seqs: [UInt32]
  /// The time they bear, in milliseconds since 1970.
  package let wall: UInt64
  /// Answered by the driver's `stored` when they are durable.
  package let token: StoreToken
}

/// Why own entries are not written; each is a mistake or a state, with a sentence for people.
package enum ComposeRefusal: Error, Hashable, Sendable {
  case unknownGroup
  /// This device may not write that here, by this rule.
  case notAllowed(Refusal)
  /// There is no epoch to write under, and none can be made (K-4).
  case noEpoch
  /// The content is longer than any padded body.
  case tooLong
  /// More in one commit than a run may hold (F-10).
  case tooMany
  /// An operation of a later version is in force.
  case needsNewerVersion
  /// The disk does not keep up: as many batches wait for it as the queue holds.
  case busy
  /// This device began as many feeds or groups as anybody takes in from one.
  case full
  /// The own certificate is not admitted here yet.
  case notAdmittedYet
}

/// The founding of an office: the genesis of its log, signed, and what follows from it.
package struct Founding: ~Copyable {
  package let office: GroupID
  package let batch: Batch

  /// Makes the office genesis of the founder's first device.
  package init(
    secrets: borrowing DeviceSecrets, member: MemberID, recoveryKey: DeviceKey,
    officeSecret: Bytes32, nonce: Bytes16, wall: UInt64
  ) {
    let genesis = OfficeGenesis(
      certificate: secrets.certificate(
        member: member, rank: .owner, isKeeper: false, mayAdmit: true),
      recoveryKey: recoveryKey, officeSecret: officeSecret)
    let facts = GenesisFacts(
      device: secrets.device, certificate: EntryID(Bytes32()), nonce: nonce, group: nil)
    var builder = CommitBuilder(
      group: GroupID(Bytes32()), feed: FeedID(Bytes16()), prev: EntryID(Bytes32()), nextSeq: 0,
      lamport: 0)
    let id = builder.append(.genesis, body: genesis.encode(), ext: facts.extensions, wall: wall)
    office = GroupID(id.bytes)
    batch = builder.sign(secrets)
  }
}
