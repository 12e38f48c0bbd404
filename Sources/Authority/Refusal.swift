/// Why an entry has no right at its place; each case is a rule of Protocol/5-authority.md.
package enum Refusal: String, Error, Hashable, Sendable, CaseIterable {
  case otherLog
  case badDeviceSignature
  case badTicketSignature
  case keyReused
  case memberNotNamedByKey
  case notCertified
  case certificateEnded
  case notFounder
  case rankTooHigh
  case ownerNotListed
  case memberOfOthers
  case flagsTooWide
  case tooManyDevices
  case mayNotAdmit
  case ticketUnknown
  case ticketRevoked
  case ticketEnded
  case ticketDiffers
  case ticketUsedUp
  case ticketOwn
  case memberTaken
  case targetUnknown
  case notAdmin
  case notSenior
  case ownerStays
  case lastOwnerDevice
  case rankNotToGive
  case mayNotIssue
  case ticketRepeated
  case mayNotRevoke
  case ownersOutdated
  case ownersUnsigned
  case ownersAbsent
  case ownersOfOthers
  case notInGroup
  case mayNotFound
  case groupHasNoList
  case mayNotAdd
  case mayNotRemove
  case boxNotAdded

  /// The label under which the chapter states the rule.
  package var rule: String {
    switch self {
    case .otherLog: "A-1"
    case .badDeviceSignature, .badTicketSignature: "A-2"
    case .keyReused, .memberNotNamedByKey: "A-3"
    case .notCertified, .certificateEnded, .notFounder: "A-4"
    case .rankTooHigh, .ownerNotListed, .memberOfOthers, .flagsTooWide, .tooManyDevices,
      .mayNotAdmit, .ticketUnknown, .ticketRevoked, .ticketEnded, .ticketDiffers, .ticketUsedUp,
      .ticketOwn, .memberTaken:
      "A-5"
    case .targetUnknown, .notAdmin, .notSenior, .ownerStays, .lastOwnerDevice, .rankNotToGive:
      "A-6"
    case .mayNotIssue, .ticketRepeated, .mayNotRevoke, .ownersOutdated, .ownersUnsigned,
      .ownersAbsent, .ownersOfOthers:
      "A-7"
    case .notInGroup, .mayNotFound, .groupHasNoList, .mayNotAdd, .mayNotRemove: "A-8"
    case .boxNotAdded: "A-9"
    }
  }
}

extension Refusal: CustomStringConvertible {
  /// One sentence for inspect and logs.
  package var description: String {
    switch self {
    case .otherLog: "the operation belongs to another kind of log"
    case .badDeviceSignature: "the certified device did not sign its certificate"
    case .badTicketSignature: "the ticket did not sign the certificate"
    case .keyReused: "a key of the certificate stands in an earlier one"
    case .memberNotNamedByKey: "a new member's name is not the beginning of its first device's key"
    case .notCertified: "the author's certificate is not in its past"
    case .certificateEnded: "a removal in its past ended the author's certificate"
    case .notFounder: "only the office genesis founds the office"
    case .rankTooHigh: "the author may not give this rank"
    case .ownerNotListed: "rank 0 is for members of the owner list"
    case .memberOfOthers: "the author may not certify devices for this member"
    case .flagsTooWide: "the certificate has a flag that the author lacks"
    case .tooManyDevices: "the member has as many devices as one may have"
    case .mayNotAdmit: "the author's certificate does not let it admit"
    case .ticketUnknown: "the ticket is not in its past"
    case .ticketRevoked: "the ticket was revoked in its past"
    case .ticketEnded: "the ticket's issuer had lost the right to issue it"
    case .ticketDiffers: "the certificate is not what the ticket allows"
    case .ticketUsedUp: "the ticket had let in as many as it may"
    case .ticketOwn: "who came by a ticket lets in nobody else by it"
    case .memberTaken: "the ticket is for a new member and this one is known"
    case .targetUnknown: "the target is not in its past"
    case .notAdmin: "only who may let others in removes them"
    case .notSenior: "the author is not senior to the target"
    case .ownerStays: "an owner leaves the owner list first"
    case .lastOwnerDevice: "an owner keeps at least one device"
    case .rankNotToGive: "the author may not set this rank for the target"
    case .mayNotIssue: "the author may not issue this ticket"
    case .ticketRepeated: "the ticket's key was used before"
    case .mayNotRevoke: "the author may not revoke this ticket"
    case .ownersOutdated: "the owner list does not follow the last one in its past"
    case .ownersUnsigned: "the owner list lacks the signatures it takes"
    case .ownersAbsent: "no member of the owner list has a device"
    case .ownersOfOthers:
      "an owner list is written by one of those who signed it, or of those whom it names"
    case .notInGroup: "the author is not a member of the group"
    case .mayNotFound: "the author may not found this group"
    case .groupHasNoList: "this kind of group has no list of members"
    case .mayNotAdd: "the author may not add with this grade"
    case .mayNotRemove: "the author may not remove this member"
    case .boxNotAdded: "a box takes part only where it was added"
    }
  }
}

/// Why an admitted control entry has no effect in a view.
package enum VoidReason: Hashable, Sendable {
  /// With what is void left out it has no right at its place.
  case noRight(Refusal)
  /// It lies beyond a cut of this entry.
  case cut(ControlReference)
  /// It takes an owner, and this list, which had not seen it, struck its author.
  case struckOwner(ControlReference)
  /// It would remove or lower a member whom a later owner list names.
  case targetIsOwner
  /// It would remove or lower a member whom this operation made an admin, or in a group a manager,
  /// meanwhile.
  case targetWasRaised(ControlReference)
  /// Another owner list took its place.
  case otherOwners
}
