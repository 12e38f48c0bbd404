import Control
import Platform

/// One thing in which this node does less than it should, and what a person is told of it.
///
/// Apart from the node that finds it, so that every sentence can be read by a test.
enum Shortfall {
  case spaceLow(mebibytes: UInt64, place: String)
  case diskFull(String)
  case diskBroken(String)
  /// The disk may only be read; where that changes, it goes on.
  case diskReadOnly(String)
  /// The system had no memory or no open files left.
  case systemExhausted(String)
  /// What is stored could not be read anew, and is to be.
  case notReadAnew(String)
  /// What says over a restart where the own entries ended cannot be written.
  case lockUnusable(String)
  case continuityNotProven
  /// Messages that were written and kept here are here no more.
  case ownMissing(groups: [String])
  /// How far this computer is on its way into an office.
  case joining(String, hint: String?)
  /// Let in, and its log is still to come; `isUnaware`: others that it reached know nothing of it.
  case admitted(isUnaware: Bool)
  case ticketRefused(String, hint: String?)
  /// The ticket in the file of the configuration let this computer in, and the file is still there.
  case ticketUsed(String, hint: String)
  /// It was not tried: this computer was removed or copied, or has what comes from another one.
  case ticketUnused(String, hint: String)
  /// This device or its member was removed, and that is proven here.
  case removed(by: String?)
  /// This member took itself out of the office.
  case left
  /// This node is one of two with the same keys. Where both wrote to the same place, neither goes on.
  /// `othersLetIn`: a computer of another admin is in the office.
  case copied(
    bothWrote: Bool, isLikelyCopy: Bool, home: String, typed: String, member: String,
    othersLetIn: Bool)
  /// What is stored here was written on another computer.
  case carried
  /// A computer began more than one may: in these groups, or more groups where there are none.
  case limitReached(groups: [String])
  /// A device of the office was seen twice.
  case suspended(device: String, of: String, typed: String, member: String)
  case damaged(places: Int, missing: Int)
  case waitingForKey(groups: [String])
  /// Other computers say so of this one; overruled where a restart went on in spite of it.
  case saidCopied(by: [String], isOverruled: Bool, isLikelyCopy: Bool)
  case saidRemoved(by: [String])
  case newerVersion
  /// The same of some groups only: one that stands above their members asks for it.
  case newerVersionIn(groups: [String])
  case noPeers
  case storedHereOnly
  case discoveryDown(String)
  case clockOff(String)

  var info: DegradedInfo {
    DegradedInfo(word: word, detail: detail, hint: hint, since: nil, form: form, values: values)
  }

  private var word: DegradedWord {
    switch self {
    case .spaceLow, .diskFull: .diskFull
    case .diskBroken, .diskReadOnly, .systemExhausted, .notReadAnew, .lockUnusable: .readOnlyDisk
    case .continuityNotProven: .continuityNotProven
    case .copied, .saidCopied, .carried: .copied
    case .joining, .admitted: .joining
    case .ticketRefused, .ticketUsed, .ticketUnused: .ticketRefused
    case .removed, .left: .removed
    case .limitReached: .limitReached
    case .suspended: .suspended
    case .damaged, .ownMissing: .dataDamaged
    case .waitingForKey: .waitingForKey
    case .saidRemoved: .saidRemoved
    case .newerVersion, .newerVersionIn: .newerVersion
    case .noPeers: .noPeers
    case .storedHereOnly: .storedHereOnly
    case .discoveryDown: .discoveryDown
    case .clockOff: .clockOff
    }
  }

  /// Which of the sentences of its word it is, for who says it in another language.
  private var form: DegradedForm? {
    switch self {
    case .left: .left
    case .admitted(let isUnaware): isUnaware ? .unaware : .admitted
    case .ticketUsed: .used
    case .ticketUnused: .unused
    case .spaceLow: .low
    case .newerVersionIn: .groups
    case .copied(bothWrote: true, _, _, _, _, _): .bothWrote
    case .copied(_, isLikelyCopy: true, _, _, _, _): .here
    case .saidCopied(_, let isOverruled, _): isOverruled ? .overruled : .said
    case .carried: .carried
    default: nil
    }
  }

  /// What that sentence names.
  private var values: [String: String]? {
    switch self {
    case .spaceLow(let mebibytes, _): ["mebibytes": String(mebibytes)]
    case .removed(by: let remover?): ["by": remover]
    case .suspended(let device, let owner, _, _): ["device": device, "of": owner]
    case .waitingForKey(let groups), .limitReached(let groups), .newerVersionIn(let groups):
      ["groups": groups.joined(separator: ", ")]
    case .saidCopied(let tellers, _, _), .saidRemoved(let tellers):
      ["by": tellers.joined(separator: ", ")]
    default: nil
    }
  }

  /// What is the case: one sentence without a full stop.
  private var detail: String {
    switch self {
    case .spaceLow(let mebibytes, let place): "\(mebibytes) MiB are free at \(place)"
    case .diskFull(let text), .diskBroken(let text), .diskReadOnly(let text),
      .lockUnusable(let text), .discoveryDown(let text), .clockOff(let text):
      text
    case .systemExhausted(let text): "nothing can be stored at the moment: \(text)"
    case .notReadAnew(let text): "what is stored here cannot be read: \(text)"
    case .continuityNotProven:
      "this start could not tell for certain which message was the last one written here, as after a "
        + "backup that was put back; writing goes on all the same"
    case .ownMissing(let groups):
      "the last messages or changes that were written here in \(groups.joined(separator: ", ")) are "
        + "gone: the disk lost them, or an older state of it was put back"
    case .joining(let soFar, _): "\(soFar); this computer goes on trying"
    case .admitted(isUnaware: true):
      "the office let this computer in, but computers of it that were reached know nothing of that"
    case .admitted: "the office let this computer in, and its log is still to come"
    case .ticketRefused(let text, _), .ticketUsed(let text, _), .ticketUnused(let text, _): text
    case .removed(let remover):
      "this computer was removed from its office" + (remover.map { " by \($0)" } ?? "")
        + "; nothing is sent or received any more"
    case .left: "you left the office; nothing is sent or received here any more"
    case .copied(bothWrote: true, _, _, _, _, _):
      "this computer was copied or restored from a backup, and messages were written both times, so "
        + "nothing more is written here"
    case .copied(_, let isLikelyCopy, let home, _, _, _):
      (isLikelyCopy
        ? "the data directory \(home) is a copy of another one, which runs as well"
        : "a copy of the data directory \(home) runs as well")
        + ", so both have stopped and nothing is written"
    case .carried:
      "what is stored here comes from another computer, or this one was installed anew or got another "
        + "machine-id, so nothing of it is opened or written"
    case .limitReached(let groups):
      "a computer of the office began "
        + (groups.isEmpty
          ? "more groups" : "anew in \(groups.joined(separator: ", ")) more often")
        + " than one may, and what is beyond is not taken in here"
    case .suspended(let device, let owner, _, _):
      "the computer \"\(device)\" of \(owner) was copied or restored from a backup, and both wrote "
        + "messages; it gets no new ones until that is settled"
    case .damaged(let places, let missing):
      "\(places) \(places == 1 ? "place" : "places") of what is stored here cannot be read"
        + (missing > 0
          ? ", and \(missing) messages or changes are missing"
          : "; what is known to have stood there is here again")
    case .waitingForKey(let groups):
      "nothing written in \(groups.joined(separator: ", ")) can be read here yet"
    case .saidCopied(let tellers, let isOverruled, _):
      Self.saying(tellers) + " that this one was copied and that the copy is running"
        + (isOverruled ? "" : ", so nothing is written")
    case .saidRemoved(let tellers):
      Self.saying(tellers) + " that this one was removed from the office; nothing here proves it"
    case .newerVersion: "this office needs a newer version of Zuruf"
    case .newerVersionIn(let groups):
      "what somebody asked for in \(groups.joined(separator: ", ")) needs a newer version of Zuruf, and "
        + "nobody is added there until then; everything else goes on"
    case .noPeers: "no other computer of the office is linked"
    case .storedHereOnly: "the newest message is stored on this computer only"
    }
  }

  /// What to do about it, if anything.
  private var hint: String? {
    switch self {
    case .spaceLow: "make room on this disk"
    case .diskFull: "make room; it goes on by itself"
    case .diskBroken: "mend the disk, then restart the node"
    case .diskReadOnly, .notReadAnew, .lockUnusable: "mend the disk; it goes on by itself"
    case .systemExhausted:
      "end other programs, or let this one open more files; it goes on by itself"
    case .continuityNotProven:
      "nothing is to be done: what is missing here comes back from whoever has it, and this line goes "
        + "when the node is started the next time"
    case .ownMissing:
      "what others got comes back from them, what nobody got does not; the disk may be failing"
    case .joining(_, let hint):
      hint ?? "zuruf doctor says whom it asked; zuruf join takes another ticket"
    case .admitted(isUnaware: true):
      "leave this computer on, and the one that let it in; if that stays so, whoever let it in may do so "
        + "no more: ask somebody else for a ticket, then zuruf join --anew"
    case .admitted: "leave this computer on; another one of the office must be on too"
    case .ticketRefused(_, let hint): hint
    case .ticketUsed(_, let hint), .ticketUnused(_, let hint): hint
    case .left: Shortfall.removed(by: nil).hint
    case .removed:
      "what is stored here stays readable: zuruf read; to come back as a new device, or to join "
        + "another office: zuruf join --anew, which sets aside what is here and deletes nothing"
    case .copied(bothWrote: true, _, _, let typed, let member, let othersLetIn):
      "this computer, and its copy if there is one, joins as a new device: zuruf join --anew, which sets "
        + "aside what is here and deletes nothing; "
        + (othersLetIn
          ? "on a computer of an admin: "
          : "nobody else may let it in, so with the recovery key first, on a computer of another "
            + "member: zuruf office recovery use; then there: ")
        + "zuruf admit --for \(member) --replaces \(typed)"
    case .copied(_, let isLikelyCopy, _, _, let member, let othersLetIn):
      Self.endOfCopy(isLikelyCopy, member, othersLetIn)
    case .carried:
      "if this computer wrote it, put back its /etc/machine-id of before and restart the node; if not, "
        + "to come in here as a new device: zuruf join --anew, which sets that aside, also for a computer "
        + "that shares this directory, and deletes nothing"
    case .limitReached:
      "it may be broken or hostile; zuruf device list shows the computers, an admin removes it"
    case .suspended(_, _, let typed, let member):
      "there: zuruf join --anew; on a computer of an admin: zuruf admit --for \(member) --replaces "
        + "\(typed)"
    case .damaged(_, let missing):
      (missing > 0 ? "they are" : "what else stood there is")
        + " fetched from any computer that has "
        + (missing > 0 ? "them" : "it") + "; the disk may be failing"
    case .waitingForKey:
      "it opens with the next message of somebody of the group; what was written before this "
        + "computer came stays closed"
    case .saidCopied(_, let isOverruled, isLikelyCopy: true):
      "this one may be the copy; if it is, end it for good"
        + (isOverruled ? "" : "; if it is not, restart this node: it goes on")
    case .saidCopied(_, let isOverruled, _):
      "if it is so, end the copy for good"
        + (isOverruled ? "" : "; then, or if it is not so, restart this node: it goes on")
    case .saidRemoved:
      "ask an admin; if it is so, nobody gets what you write, and zuruf join --anew sets aside what is "
        + "here and joins as a new device; nothing is deleted"
    case .newerVersion: "update this computer"
    case .newerVersionIn:
      "update this computer; where there is no newer version, whoever asked for it does harm, and an "
        + "admin removes that member"
    case .noPeers: "zuruf doctor examines the network"
    case .storedHereOnly: nil
    case .discoveryDown:
      "known addresses and seeds go on; start avahi-daemon to find new computers"
    case .clockOff: "set the clock that is wrong: sudo timedatectl set-ntp true"
    }
  }

  /// Who says something of this computer: it is said once, however many do.
  private static func saying(_ tellers: [String]) -> String {
    (tellers.count == 1 ? "the computer " : "the computers ")
      + tellers.prefix(3).map { "\"\($0)\"" }.joined(separator: ", ")
      + (tellers.count > 3 ? " and \(tellers.count - 3) more" : "")
      + (tellers.count == 1 ? " says" : " say")
  }

  /// What to do where two run with the same keys and did not write to the same place (protocol 6).
  ///
  /// What always works comes first. Whoever stopped lets nobody in: where nobody else may, the ticket is made
  /// while the copy is off, and used once both have met and stopped again.
  private static func endOfCopy(
    _ isCopyHere: Bool, _ member: String, _ othersLetIn: Bool
  ) -> String {
    let ticket = "zuruf ticket new --for \(member)"
    let join = "zuruf join --anew, which sets aside what is there and deletes nothing"
    return isCopyHere
      ? "end this copy for good and restart the original, which writes again and has lost nothing; or, to "
        + "make the copy a device of its own: "
        + (othersLetIn
          ? "\(join); then restart the original"
          : "stop it, restart the original, and there: \(ticket); start the copy, and once it says this "
            + "again, with that ticket: \(join); then restart the original again")
      : "end the copy for good and restart this node, which writes again and has lost nothing; or, to make "
        + "the copy a device of its own: "
        + (othersLetIn
          ? "there: \(join); then restart this node"
          : "stop it, restart this node, and here: \(ticket); start the copy, and once it stopped again, "
            + "there, with that ticket: \(join); then restart this node again")
  }
}
