import Control
import Platform
import Terminal

extension DeliveryInfo {
  /// How far a message has come, in words; the recipient's name where it was written to one.
  func words(in group: GroupRef) -> String {
    switch word {
    case .here: of <= 1 ? nobodyElse : "on no other device yet"
    case .onDevices: onDevices(in: group)
    case .onRecipient:
      group.kind == .direct && group.title != nil
        ? "\(shown(group.title?.behindSign)) has it"
        : onDevices(in: group)
    case .nobody: "nobody gets it: written after you were removed"
    case .read: "read"
    }
  }

  /// Why a message is for nobody but whoever wrote it.
  private var nobodyElse: String {
    everyone ?? false ? "nobody else is in it" : "nobody else can read it"
  }

  /// On how many, and whom it has not reached: devices count, but people ask for people.
  private func onDevices(in group: GroupRef) -> String {
    if devices >= of, group.kind != .direct {
      return everyone ?? false ? "everyone has it" : "on all \(of) devices"
    }
    let count = "on \(devices) of \(of) devices"
    guard let missing, !missing.isEmpty else { return count }
    let names = missing.map { shown($0.name) }.joined(separator: ", ")
    let more = further.map { " and \($0) more" } ?? ""
    return "\(count); not yet at \(names)\(more)"
  }
}

extension SendCall.Answer {
  /// What became of a message in the moment after it was written.
  var words: String {
    let before = repeated ? "sent before, " : ""
    if state.word == .onDevices, let onItsWay, onItsWay > 0 {
      return before + "on \(state.devices) of \(state.of) devices, on its way to \(onItsWay) more"
    }
    guard state.word == .here, state.of > 1, let inReach else {
      return before + (state.word == .here && state.of <= 1 ? "kept here: " : "")
        + state.words(in: group)
    }
    return before
      + (inReach > 0
        ? "on its way to \(counted(inReach, "device", "devices")) in reach"
        : "kept here: nobody is in reach; it goes on by itself")
  }
}

extension GoneInfo {
  /// How somebody comes to be in a group no more.
  var words: String {
    if word == .notAdded {
      let who = by.map { shown($0.name) } ?? "whoever added you"
      return "\(who) was no longer allowed to add you"
        + (lost > 0
          ? "; nobody is known to have \(counted(lost, "message", "messages")) of yours" : "")
    }
    var text =
      word == .left
      ? "you left" : computer ?? false ? "this computer was removed" : "you were removed"
    if word == .removed, let by { text += " by \(shown(by.name))" }
    if lost > 0 {
      text +=
        "; \(counted(lost, "message", "messages")) of yours came after that: nobody gets "
        + (lost == 1 ? "it" : "them")
    }
    return text
  }
}

extension NewsInfo {
  /// What happened, as a sentence; nothing where this member did it, and knows.
  var words: String {
    let (who, title) = (shown(by.name), group?.shownTitle ?? "the office")
    let names = own ? "you" : members.prefix(5).map { shown($0.name) }.joined(separator: ", ")
    let computer = shown(device?.name)
    if recovery ?? false { return "\(who) used the recovery key: \(ofOwners(names))" }
    return switch word {
    case .added: "\(who) added \(names) to \(title)"
    case .removed: "\(who) removed \(names) from \(title)"
    case .left: own ? "you left \(title)" : "\(who) left \(title)"
    case .joined: "\(names) is in the office now, let in by \(who)"
    case .rank: "\(who) made \(names) \(rank?.withArticle ?? "something else")"
    case .renamed:
      own
        ? "you are called \(shown(members.first?.name)) now"
        : "\(shown(was)) is called \(shown(members.first?.name)) now"
    case .groupRenamed:
      "\(own ? "you" : who) renamed the group \(shown(was)) to \(title)"
    case .unowned: "\(who) changed the owners: \(ofOwners(names))"
    case .deviceJoined:
      "\(names) \(own ? "have" : "has") one more computer now: \(computer), let in by \(who)"
    case .deviceRemoved: "\(who) removed the computer \(computer) of \(own ? "yours" : names)"
    case .deviceRenamed:
      "\(own ? "your computer \(shown(was))" : "the computer \(shown(was)) of \(names)") is called "
        + "\(computer) now"
    }
  }

  /// Who owns the office from then on, or does no more.
  private func ofOwners(_ names: String) -> String {
    let verb = own || members.count > 1 ? "own" : "owns"
    return "\(names) \(verb) the office \(word == .unowned ? "no more" : "now")"
  }
}

extension RankWord {
  var withArticle: String {
    switch self {
    case .owner, .admin: "an \(rawValue)"
    case .member, .box: "a \(rawValue)"
    }
  }
}

extension AbsenceWord {
  /// What stands where the text would.
  var words: String {
    switch self {
    case .waitingForKey: "[waiting for a key]"
    case .beforeJoining: "[written before you came]"
    case .erased: "[erased]"
    case .newerVersion: "[written by a newer version]"
    }
  }
}

extension AbsenceWord {
  /// Why several messages stay closed, where they are told of in one line; nil for what is shown.
  var closedWords: String? {
    switch self {
    case .waitingForKey: "cannot be read yet: waiting for a key"
    case .beforeJoining: "cannot be read here: written before you came"
    case .erased, .newerVersion: nil
    }
  }
}

/// Why a message stays closed here, as several are told of in one line.
struct ClosedReason: Hashable, Comparable {
  let absence: AbsenceWord
  /// The person's other computers that can read it, where the person could then.
  let elsewhere: [String]?

  /// Nil for a message that is there.
  init?(_ message: MessageInfo) {
    guard let absence = message.absence else { return nil }
    (self.absence, elsewhere) = (absence, message.elsewhere?.map(\.name))
  }

  static func < (a: Self, b: Self) -> Bool { a.order < b.order }

  private var order: String {
    absence.rawValue + (elsewhere.map { " " + $0.joined(separator: " ") } ?? "")
  }

  /// What is said of so many; nil for what is shown one by one.
  func words(count: Int) -> String? {
    guard let elsewhere, absence == .beforeJoining else { return absence.closedWords }
    let names = elsewhere.map { shown($0) }.joined(separator: ", ")
    return "cannot be read here: written before this computer joined"
      + (names.isEmpty
        ? ", to computers of yours that are removed"
        : "; your other computer has \(count == 1 ? "it" : "them"): \(names)")
  }
}

extension MessageInfo {
  /// Whether it stands behind a key that is not here: it is counted, not shown one by one.
  var isClosed: Bool { absence?.closedWords != nil }
}

extension DegradedInfo {
  /// What the state is called: who left was not removed, and not every ticket that is told of was refused,
  /// nor every computer copied.
  var words: String {
    switch form {
    case .left: "out of the office"
    case .used, .unused: "ticket still there"
    case .said, .overruled: "said to be copied"
    case .carried: "data of another computer"
    default: word.words
    }
  }
}

extension DegradedWord {
  /// The state's own words.
  var words: String {
    switch self {
    case .waitingForKey: "waiting for a key"
    case .storedHereOnly: "stored here only"
    case .readOnlyDisk: "read-only disk"
    case .diskFull: "disk full"
    case .dataDamaged: "stored data damaged"
    case .continuityNotProven: "not sure what was written last"
    case .copied: "this computer was copied"
    case .joining: "not let in yet"
    case .ticketRefused: "ticket refused"
    case .limitReached: "too much from one computer"
    case .discoveryDown: "discovery down"
    case .noPeers: "nobody in reach"
    case .clockOff: "clock off"
    case .newerVersion: "newer version needed"
    case .saidRemoved: "said to be removed"
    case .suspended: "a computer was copied"
    case .removedFromGroup: "removed from a group"
    case .ownersPending: "waiting for another owner"
    case .rankChanged: "your rank"
    case .removed: "removed from the office"
    }
  }
}

extension GroupRef {
  /// The title for a line of text; without one what to type as a TO.
  var shownTitle: String { title.map { shown($0) } ?? "id:\(id.text.prefix(8))" }
}

/// A stranger's text within a line; nothing for nil.
func shown(_ text: (some StringProtocol)?) -> String {
  text.map { escaped(String($0), .shown) } ?? ""
}

/// A stranger's text as it is typed into a shell: in double quotes only where it needs none.
func typed(_ text: String) -> String {
  let text = escaped(text, .shown)
  let word = shellWord(text)
  return word == text ? "\"\(text)\"" : word
}

/// A number with its noun.
func counted(_ number: Int, _ one: String, _ many: String) -> String {
  number == 1 ? "1 \(one)" : "\(number) \(many)"
}
