/// Why something was refused, where the name of the error stands for several causes: a word that who
/// speaks another language turns into a sentence.
/// Which of several causes a refusal has (C-20).
package enum RefusalReason: String, Codable, CaseIterable, Sendable {
  /// Whom to remove is of the own rank, or above.
  case notSenior = "not-senior"
  /// An owner alone removes no other one.
  case coOwner = "co-owner"
  case ownerStays = "owner-stays"
  case ownersOnly = "owners-only"
  case mayNotLetIn = "may-not-let-in"
  case mayNotRevoke = "may-not-revoke"
  case ticketOver = "ticket-over"
  case knownAlready = "known-already"
  case ownersOutdated = "owners-outdated"
  case ownersUnsigned = "owners-unsigned"
  case ownersAbsent = "owners-absent"
  case notInGroup = "not-in-group"
  case mayNotAdd = "may-not-add"
  case mayNotRemove = "may-not-remove"
  /// A box makes no groups, and reads and writes only where it was added.
  case box
  /// The recovery key is not on this computer.
  case noKeyHere = "no-key-here"
  /// Who holds the door said no.
  case saidNo = "said-no"
  case noAddress = "no-address"
  /// The door is open already, for others.
  case doorTaken = "door-taken"
  /// This computer does not listen, so nobody can knock.
  case notListening = "not-listening"
  /// It is a computer of somebody else, or the one that holds the door.
  case otherDevice = "other-device"
  /// A group of the one who asks is called so, or nearly so.
  case titleTaken = "title-taken"
}
