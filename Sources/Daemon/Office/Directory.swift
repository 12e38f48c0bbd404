import Control
import Format
import Platform

/// The names a person types, and whom or what they mean.
struct Directory {
  struct Person {
    let id: MemberID
    let name: String
    /// What tells this person from others of the same name.
    let detail: String
  }

  struct Room {
    let id: GroupID
    let title: String
    let detail: String
    /// Whether it is the office's group of everyone, which its title means whatever else is called so.
    var isEveryone = false
    /// Why nothing can be written there any more; nil for a group of this device's member.
    var gone: String?

    /// What the office's group of everyone is called.
    static let everyone = "everyone"
    /// What means it when it is typed: the page has a word of each language for it.
    private static let words = [everyone, "Alle"].map(likeness)

    /// Whether a title looks like one of these (C-18).
    static func isLikeEveryone(_ title: String) -> Bool { words.contains(likeness(title)) }

    /// Whether a title begins with one of these, or is one.
    static func beginsLikeEveryone(_ title: String) -> Bool {
      let like = likeness(title)
      return words.contains { like.hasPrefix($0) }
    }

    /// Whether a text is a beginning of one of these, or one.
    static func isOfEveryone(_ text: String) -> Bool {
      let like = likeness(text)
      return !like.isEmpty && words.contains { $0.hasPrefix(like) }
    }
  }

  /// What a candidate's name is typed with.
  var sign = "@"
  var people: [Person] = []
  /// Those who left or were removed, each with that as its detail: to be told apart from who never
  /// was.
  var past: [Person] = []
  var rooms: [Room] = []

  enum Meaning {
    case group(GroupID)
    case member(MemberID)
  }

  /// What `TO` means: a group's title or `@` and a person's name; any unambiguous beginning will do.
  func resolve(_ text: String, toRead: Bool = false) throws(ControlError) -> Meaning {
    if text.begins("@") { return .member(try member(text, toRead: toRead)) }
    return .group(try group(text, toRead: toRead))
  }

  /// The person meant, with or without `@`; one who is in the office no more only to read.
  func member(_ text: String, toRead: Bool = false) throws(ControlError) -> MemberID {
    let wanted = text.behindSign ?? text
    guard !wanted.isEmpty else {
      throw ControlError(
        .noSuchMember, "\"\(text)\" names nobody",
        hint: "type the person's name behind the sign, as in \(shellWord("@Anna")); "
          + "zuruf member list shows who is here")
    }
    let found = match(wanted, people) { ($0.name, $0.id) }
    switch found.count {
    case 1: return people[found[0]].id
    case 0:
      let past = match(wanted, past) { ($0.name, $0.id) }.map { self.past[$0] }
      // What was written with somebody stays readable, whoever of the two is in the office still.
      if toRead, past.count == 1 { return past[0].id }
      if toRead, past.count > 1 {
        throw ambiguous(
          text, past.map { ($0.name, $0.id.description, $0.detail) }, prefix: sign)
      }
      if let gone = past.first {
        throw ControlError(
          .noSuchMember, "\"\(gone.name)\" \(gone.detail)",
          // By the id: several of that name may have been removed, and one may come.
          hint: "to let that person in again: zuruf ticket new --again --for "
            + typedName(gone.name, id: gone.id.description, isUnique: false))
      }
      throw ControlError(
        .noSuchMember, "nobody here is called \"\(wanted)\"",
        hint: "zuruf member list shows who is here")
    default:
      throw ambiguous(
        text, found.map { (people[$0].name, people[$0].id.description, people[$0].detail) },
        prefix: sign)
    }
  }

  /// Whether somebody is called so to the letter, with or without `@`.
  func holdsWhole(_ text: String) -> Bool {
    let wanted = text.behindSign ?? text
    return people.contains { $0.name.utf8.elementsEqual(wanted.utf8) }
  }

  /// The group meant; one that the member is in no more only to read.
  func group(_ text: String, toRead: Bool = false) throws(ControlError) -> GroupID {
    let all = meant(by: text)
    let present = all.filter { rooms[$0].gone == nil }
    // A group of before stands in nobody's way; and its title leads to no other one that is longer.
    let found = present.isEmpty ? all : present
    switch found.count {
    case 1:
      if let gone = rooms[found[0]].gone, !toRead {
        throw ControlError(
          .notAllowed, gone,
          hint: "what you had stays readable: zuruf read \(typed(rooms[found[0]]))",
          reason: .notInGroup)
      }
      return rooms[found[0]].id
    case 0:
      let isPerson = !match(text, people) { ($0.name, $0.id) }.isEmpty
      let isEveryone = Room.isOfEveryone(text)
      throw ControlError(
        .noSuchGroup,
        isEveryone
          ? "\"\(text)\" means the office's group of everyone, which is not here"
          : "no group here is called \"\(text)\"",
        hint: isPerson
          ? "to write to a person, type \(shellWord("@" + text))"
          : "zuruf group list shows your groups")
    default:
      throw ambiguous(
        text, found.map { (rooms[$0].title, rooms[$0].id.description, rooms[$0].detail) },
        prefix: "")
    }
  }

  /// The indexes of the groups that a text means. A word for the office's group of everyone leads to no
  /// other one, also before that has come: what was said there would be missing from it (C-22). Nor does
  /// the beginning of one where a title only goes on behind the word: whoever likes calls a group so.
  private func meant(by text: String) -> [Int] {
    let found = match(text, rooms) { ($0.title, $0.id) }
    guard Room.isOfEveryone(text) else { return found }
    let everyone = rooms.indices.filter { rooms[$0].isEveryone }
    if Room.isLikeEveryone(text) {
      return everyone.isEmpty ? found.filter { rooms[$0].gone != nil } : everyone
    }
    // A whole title is meant by who types it.
    let folded = text.lowercased()
    if found.contains(where: { rooms[$0].title.lowercased() == folded }) { return found }
    if everyone.isEmpty { return found.filter { rooms[$0].gone != nil } }
    return everyone
      + found.filter { !rooms[$0].isEveryone && !Room.beginsLikeEveryone(rooms[$0].title) }
  }

  /// The group besides one whose title a person takes for this one, capitals and small letters alike
  /// (C-18).
  func room(called title: String, besides one: GroupID? = nil) -> Room? {
    let wanted = likeness(title)
    return rooms.first {
      $0.gone == nil && $0.id != one && likeness($0.title) == wanted
    }
  }

  /// The indexes that a text means: one that is it to the letter, else those it begins.
  ///
  /// Each message that is sent passes here, so nothing is written out that is not compared.
  private func match<Item, ID: CustomStringConvertible>(
    _ text: String, _ items: [Item], _ named: (Item) -> (name: String, id: ID)
  ) -> [Int] {
    if text.begins("id:"), text.utf8.count >= 7 {
      let digits = text.dropFirst(3).lowercased()
      return items.indices.filter { named(items[$0]).id.description.hasPrefix(digits) }
    }
    guard !text.isEmpty else { return [] }
    let exact = items.indices.filter { named(items[$0]).name.utf8.elementsEqual(text.utf8) }
    if !exact.isEmpty { return exact }
    let folded = text.lowercased()
    let same = items.indices.filter { named(items[$0]).name.lowercased() == folded }
    if !same.isEmpty { return same }
    return items.indices.filter { named(items[$0]).name.lowercased().hasPrefix(folded) }
  }

  /// What a command takes for this person, quoted for a shell; the sign is left out.
  func typed(_ id: MemberID) -> String {
    guard let person = people.first(where: { $0.id == id }) else {
      return "id:\(id.description.prefix(8))"
    }
    return shellWord(
      typedName(
        person.name, id: id.description,
        isUnique: people.count { $0.name.utf8.elementsEqual(person.name.utf8) } == 1))
  }

  /// The same for a group.
  func typed(_ id: GroupID) -> String {
    guard let room = rooms.first(where: { $0.id == id }) else {
      return "id:\(id.description.prefix(8))"
    }
    return typed(room)
  }

  private func typed(_ room: Room) -> String {
    let isAlone = rooms.count { $0.title.utf8.elementsEqual(room.title.utf8) } == 1
    // What else is called like everyone's group is reached by its id alone.
    let isUnique = room.isEveryone || !Room.isLikeEveryone(room.title) && isAlone
    return shellWord(typedName(room.title, id: room.id.description, isUnique: isUnique))
  }

  private func ambiguous(
    _ text: String, _ found: [(name: String, id: String, detail: String)], prefix: String
  ) -> ControlError {
    let candidates = found.sorted { ($0.name, $0.id) < ($1.name, $1.id) }.prefix(16).map { one in
      let typed = typedName(
        one.name, id: one.id,
        isUnique: found.count { $0.name.utf8.elementsEqual(one.name.utf8) } == 1)
      return Candidate(
        text: prefix + typed,
        detail: typed == one.name ? one.detail : "\(one.name), \(one.detail)")
    }
    return ControlError(
      .ambiguous, "\"\(text)\" can mean \(found.count) things", hint: "type one of these",
      candidates: Array(candidates))
  }
}
