import Authority
import Control
import Format

extension Refusal {
  /// What a person is told who asked for something that the rules do not allow: no word of the
  /// protocol, and who can do it instead.
  var asError: ControlError {
    let (text, hint) = words
    return ControlError(name, text, hint: hint, reason: reason)
  }

  /// Why, for who says it in another language; nil where the name says it.
  private var reason: RefusalReason? {
    switch self {
    case .notCertified, .certificateEnded, .lastOwnerDevice, .targetUnknown, .tooManyDevices: nil
    case .notSenior, .notAdmin: .notSenior
    case .ownerStays: .ownerStays
    case .rankNotToGive: .ownersOnly
    case .mayNotIssue, .rankTooHigh, .flagsTooWide, .memberOfOthers, .ownerNotListed, .mayNotAdmit:
      .mayNotLetIn
    case .mayNotRevoke: .mayNotRevoke
    case .ticketUnknown, .ticketRevoked, .ticketEnded, .ticketDiffers, .ticketRepeated,
      .ticketUsedUp,
      .ticketOwn:
      .ticketOver
    case .memberTaken, .keyReused, .memberNotNamedByKey: .knownAlready
    case .ownersOutdated: .ownersOutdated
    case .ownersUnsigned: .ownersUnsigned
    case .ownersAbsent: .ownersAbsent
    case .notInGroup: .notInGroup
    case .mayNotFound, .boxNotAdded: .box
    case .groupHasNoList, .otherLog, .badDeviceSignature, .badTicketSignature, .notFounder,
      .ownersOfOthers:
      nil
    case .mayNotAdd: .mayNotAdd
    case .mayNotRemove: .mayNotRemove
    }
  }

  private var name: ErrorName {
    switch self {
    case .lastOwnerDevice: .lastOwner
    case .notCertified, .certificateEnded: .removed
    case .targetUnknown: .noSuchMember
    default: .notAllowed
    }
  }

  private var words: (String, String?) {
    let senior = "an admin or owner of the office can do it"
    return switch self {
    case .notCertified, .certificateEnded:
      ("this computer was removed from the office", "ask an admin")
    case .notAdmin:
      ("only admins and owners remove others from the office", senior)
    case .notSenior:
      (
        "you may not remove somebody of your own rank or above",
        "admins remove members and boxes, owners remove admins; an owner is made a member first: "
          + "zuruf member rank NAME member"
      )
    case .ownerStays:
      (
        "an owner cannot leave the office",
        OwnerLeaving.steps(own: "OWN-NAME", owners: 1)
      )
    case .lastOwnerDevice:
      (
        "this is the last computer of an owner, who would be locked out",
        "let in another one first: zuruf ticket new --for NAME"
      )
    case .rankNotToGive:
      ("only owners say who is an admin", "zuruf member shows who owns the office")
    case .targetUnknown:
      (
        "that member or device does not belong to it any more",
        "somebody else has removed it meanwhile"
      )
    case .mayNotIssue:
      (
        "only admins and owners let others in, or make a computer a keeper",
        "one more computer of your own you can: zuruf ticket new --for NAME"
      )
    case .rankTooHigh, .flagsTooWide, .memberOfOthers, .ownerNotListed:
      ("you may not let that device in", senior)
    case .mayNotRevoke:
      ("you may not revoke this ticket", "whoever made it can, or somebody senior, or an owner")
    case .ticketUnknown, .ticketRevoked, .ticketEnded, .ticketDiffers, .ticketRepeated,
      .ticketUsedUp,
      .ticketOwn:
      ("the ticket does not allow that any more", "make a new one: zuruf ticket new")
    case .memberTaken, .keyReused, .memberNotNamedByKey:
      (
        "that device or member is known in the office already",
        "make a new ticket: zuruf ticket new"
      )
    case .tooManyDevices:
      (
        "nobody may have more than \(Limits.devicesPerMemberMax) computers in the office",
        "remove one that is not used any more: zuruf device remove NAME"
      )
    case .mayNotAdmit: ("this computer may not let anyone in", senior)
    case .ownersOutdated:
      ("the owners have changed meanwhile", "look at \"zuruf member\", and begin anew")
    case .ownersUnsigned: ("too few owners have agreed", "more than half of them must")
    case .ownersAbsent:
      (
        "none of these has a computer in the office",
        "let one in first: zuruf ticket new --for NAME"
      )
    case .ownersOfOthers:
      (
        "who owns the office is said on a computer of one of those who are to own it",
        "name yourself as well, or do it on a computer of theirs"
      )
    case .notInGroup:
      ("you are not in this group", "whoever made the group can add you: zuruf group add")
    case .mayNotFound: ("a box makes no groups", "somebody of the office can, and add the box")
    case .groupHasNoList: ("this group has no list of members", "everybody it is for is in it")
    case .mayNotAdd:
      (
        "you may not add anyone to this group",
        "whoever made the group can, or an owner of the office"
      )
    case .mayNotRemove:
      (
        "you may not remove anyone from this group",
        "whoever made the group can, or an owner of the office"
      )
    case .boxNotAdded:
      ("this box was not added to the group", "whoever made the group can: zuruf group add")
    case .otherLog, .badDeviceSignature, .badTicketSignature, .notFounder:
      ("that is not allowed here", nil)
    }
  }
}
