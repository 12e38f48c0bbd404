import Control
import Format
import TestSupport
import Testing

@testable import Daemon

@Suite struct DirectoryTests {
  private static func id(_ byte: UInt8) -> MemberID {
    MemberID(Bytes16([UInt8](repeating: byte, count: 16)) ?? Bytes16())
  }

  private static func group(_ byte: UInt8) -> GroupID {
    GroupID(Bytes32([UInt8](repeating: byte, count: 32)) ?? Bytes32())
  }

  private let directory: Directory = {
    var directory = Directory()
    directory.people = [
      .init(id: id(1), name: "Anna", detail: "owner, 1 device"),
      .init(id: id(2), name: "Annika", detail: "member, 1 device"),
      .init(id: id(3), name: "Ben", detail: "member, 2 devices"),
      .init(id: id(4), name: "Ben", detail: "box, 1 device"),
      // Two people, two spellings of one letter: other bytes, another name.
      .init(id: id(5), name: "Ren\u{e9}", detail: "member, 1 device"),
      .init(id: id(6), name: "Rene\u{301}", detail: "member, 1 device"),
    ]
    directory.rooms = [
      .init(id: group(7), title: "Lager", detail: "3 members"),
      .init(id: group(8), title: "Lagerleitung", detail: "2 members"),
      // Two people made one each, at the same time.
      .init(id: group(9), title: "Messe", detail: "made by Anna, 2 members"),
      .init(id: group(10), title: "messe", detail: "made by Ben, 2 members"),
      .init(id: group(11), title: "Messe", detail: "made by Ben, 2 members"),
    ]
    return directory
  }()

  private func member(_ text: String) throws -> MemberID { try directory.member(text) }

  @Test func `a whole name wins over longer ones that it begins`() throws {
    #expect(try member("Anna") == Self.id(1))
    #expect(try directory.group("Lager") == Self.group(7))
  }

  @Test func `an unambiguous beginning will do, in any case of letters`() throws {
    #expect(try member("annik") == Self.id(2))
    #expect(try directory.group("lagerl") == Self.group(8))
  }

  /// Groups that somebody called like the office's group of everyone, by mistake or on purpose.
  private var likeEveryone: Directory {
    var directory = directory
    let titles: [(UInt8, String)] = [
      (21, "everyone"), (22, "Everyone"), (23, "everyone else"), (24, "Alle"), (25, "Alle Azubis"),
      (26, "Allerlei"), (27, "\u{410}lle"),
    ]
    for (byte, title) in titles {
      directory.rooms.append(
        .init(id: Self.group(byte), title: title, detail: "made by Ben, 2 members"))
    }
    return directory
  }

  private static let wordsForEveryone = [
    "everyone", "Everyone", "EVERYONE", "every", "e", "alle", "Alle", "ALLE", "all", "a",
  ]

  /// What is still typed for the groups that are called so.
  private func expectReached(_ directory: Directory) throws {
    #expect(try directory.group("everyone else") == Self.group(23))
    #expect(try directory.group("everyone e") == Self.group(23))
    #expect(try directory.group("Alle Azubis") == Self.group(25))
    #expect(try directory.group("alle a") == Self.group(25))
    #expect(try directory.group("allerlei") == Self.group(26))
    #expect(try directory.group("aller") == Self.group(26))
    for byte in [21, 22, 24, 27] as [UInt8] {
      let typed = directory.typed(Self.group(byte))
      #expect(typed.begins("id:"))
      #expect(try directory.group(typed) == Self.group(byte))
    }
  }

  @Test func `each word for everyone, and its beginnings, means the office's group alone`()
    throws
  {
    var directory = likeEveryone
    directory.rooms.insert(
      .init(id: Self.group(12), title: "everyone", detail: "6 members", isEveryone: true), at: 2)
    for word in Self.wordsForEveryone {
      #expect(try directory.group(word) == Self.group(12), "\(word)")
    }
    try expectReached(directory)
    #expect(directory.typed(Self.group(12)) == "everyone")
  }

  @Test func `until the office's group comes the words for everyone mean no other one`() throws {
    var directory = likeEveryone
    for word in Self.wordsForEveryone {
      let error = #expect(throws: ControlError.self, "\(word)") { try directory.group(word) }
      #expect(error?.name == .noSuchGroup)
      #expect(
        error?.message == "\"\(word)\" means the office's group of everyone, which is not here")
    }
    try expectReached(directory)
    // Who is in it no more reads what was said there, by each of its words.
    directory.rooms.append(
      .init(
        id: Self.group(12), title: "everyone", detail: "left", isEveryone: true,
        gone: "you left the office"))
    for word in Self.wordsForEveryone {
      #expect(try directory.group(word, toRead: true) == Self.group(12), "\(word)")
    }
  }

  @Test func `a beginning that other titles have too is asked about, and a whole title is meant`()
    throws
  {
    var directory = directory
    directory.rooms += [
      .init(id: Self.group(12), title: "everyone", detail: "6 members", isEveryone: true),
      .init(id: Self.group(13), title: "Alpen", detail: "2 members"),
    ]
    let error = #expect(throws: ControlError.self) { try directory.group("al") }
    #expect(error?.candidates.map(\.text) == ["Alpen", "everyone"])
    #expect(try directory.group("all") == Self.group(12))
    #expect(try directory.group("alp") == Self.group(13))
    directory.rooms.append(.init(id: Self.group(14), title: "All", detail: "2 members"))
    #expect(try directory.group("all") == Self.group(14))
    #expect(directory.typed(Self.group(14)) == "All")
  }

  @Test func `names are compared as bytes, not as what they look like`() throws {
    #expect(try member("Ren\u{e9}") == Self.id(5))
    #expect(try member("Rene\u{301}") == Self.id(6))
  }

  @Test func `a name that begins with a mark is found behind the sign`() throws {
    var directory = Directory()
    directory.people = [.init(id: Self.id(1), name: "\u{301}nna", detail: "member, 1 device")]
    for text in ["@\u{301}nna", "\u{301}nna", "@\u{301}n"] {
      guard case .member(let found) = try directory.resolve("@\u{301}nna") else {
        Issue.record("no person")
        return
      }
      #expect(found == Self.id(1))
      #expect(try directory.member(text) == Self.id(1))
    }
    #expect(directory.holdsWhole("@\u{301}nna"))
    // And what begins so is no title and no name.
    for text in ["@\u{301}nna", "id:\u{301}", "-\u{301}x"] {
      #expect(TypedTitle.refusal(try Name(text))?.name == .nameMalformed)
    }
    #expect(throws: ControlError.self) { try TypedName.name("@\u{301}nna", .person) }
  }

  @Test func `who is in the office no more is found to be read, and not to be written to`() throws {
    var directory = Directory()
    directory.past = [.init(id: Self.id(1), name: "Dora", detail: "left the office")]
    guard case .member(let found) = try directory.resolve("@Dora", toRead: true) else {
      Issue.record("no person")
      return
    }
    #expect(found == Self.id(1))
    let error = #expect(throws: ControlError.self) { try directory.resolve("@Dora") }
    #expect(error?.message == "\"Dora\" left the office")
    directory.past.append(.init(id: Self.id(2), name: "Dora", detail: "removed"))
    let two = #expect(throws: ControlError.self) { try directory.resolve("@Dora", toRead: true) }
    #expect(two?.name == .ambiguous)
  }

  @Test func `a title that looks like another one is taken`() {
    #expect(directory.room(called: "L\u{430}ger")?.id == Self.group(7))
    #expect(directory.room(called: "Werkstatt") == nil)
  }

  @Test func `an ambiguous name lists what to type instead`() throws {
    let error = #expect(throws: ControlError.self) { try directory.member("@Ben") }
    #expect(error?.name == .ambiguous)
    #expect(error?.candidates.map(\.text) == ["@id:03030303", "@id:04040404"])
    #expect(try member("id:03030303") == Self.id(3))
  }

  @Test func `groups of one title are told apart by who made them`() throws {
    let error = #expect(throws: ControlError.self) { try directory.group("Messe") }
    #expect(error?.message == "\"Messe\" can mean 2 things")
    #expect(
      error?.candidates == [
        Candidate(text: "id:09090909", detail: "Messe, made by Anna, 2 members"),
        Candidate(text: "id:0b0b0b0b", detail: "Messe, made by Ben, 2 members"),
      ])
    #expect(try directory.group("id:0b0b0b0b") == Self.group(11))
    #expect(try directory.group("messe") == Self.group(10))
    #expect(directory.room(called: "MESSE")?.title == "Messe")
    #expect(directory.room(called: "Mess") == nil)
  }

  @Test func `a candidate whose title cannot be typed is told by its number`() throws {
    var directory = directory
    directory.rooms = [
      .init(id: Self.group(1), title: "-a", detail: "1 member"),
      .init(id: Self.group(2), title: "-ab", detail: "1 member"),
    ]
    let error = #expect(throws: ControlError.self) { try directory.group("-") }
    #expect(error?.candidates.map(\.text) == ["id:01010101", "id:02020202"])
  }

  @Test func `a name that looks like somebody's id leads a pasted command to nobody else`() throws {
    var directory = directory
    directory.people += [
      .init(id: Self.id(7), name: "id:01010101", detail: "member, 1 device"),
      .init(id: Self.id(8), name: "Ben Vogel", detail: "member, 1 device"),
    ]
    #expect(directory.typed(Self.id(7)) == "id:07070707")
    #expect(directory.typed(Self.id(3)) == "id:03030303")
    #expect(directory.typed(Self.id(8)) == "'Ben Vogel'")
    #expect(directory.typed(Self.id(99)) == "id:63636363")
    #expect(directory.typed(Self.group(7)) == "Lager")
    #expect(directory.typed(Self.group(9)) == "id:09090909")
    let error = #expect(throws: ControlError.self) { try directory.member("Ben") }
    #expect(error?.candidates.map(\.text) == ["@id:03030303", "@id:04040404"])
  }

  @Test func `a group of before is read, not written to, and leads to no longer title`() throws {
    var directory = directory
    directory.rooms += [
      .init(id: Self.group(12), title: "Lohn", detail: "2 members", gone: "you left Lohn"),
      .init(id: Self.group(13), title: "Lohnbuchhaltung", detail: "2 members"),
      .init(id: Self.group(14), title: "Lager", detail: "2 members", gone: "you left Lager"),
    ]
    let error = #expect(throws: ControlError.self) { try directory.group("Lohn") }
    #expect(error?.name == .notAllowed)
    #expect(error?.message == "you left Lohn")
    #expect(error?.hint == "what you had stays readable: zuruf read Lohn")
    #expect(try directory.group("Lohn", toRead: true) == Self.group(12))
    #expect(try directory.group("Lohnb") == Self.group(13))
    #expect(try directory.group("Lager", toRead: true) == Self.group(7))
    #expect(directory.room(called: "lohn") == nil)
  }

  @Test func `a person typed without the sign is pointed at it`() throws {
    let error = #expect(throws: ControlError.self) { try directory.group("Anna") }
    #expect(error?.name == .noSuchGroup)
    #expect(error?.hint == "to write to a person, type @Anna")
  }

  @Test(arguments: ["", "@", "id:", "id:0", "\u{0}", "zzz"])
  func `what means nobody is refused by name`(_ text: String) throws {
    let error = #expect(throws: ControlError.self) { try directory.member(text) }
    #expect(error?.name == .noSuchMember)
  }

  @Test(.enabled(if: SharedVectors.has("unicode_confusables"), "\(SharedVectors.absence)"))
  func `a name that looks like another never stands for it`() throws {
    let all = LookAlike.all
    #expect(all.count > 500)
    for each in all {
      var directory = Directory()
      directory.people = [
        .init(id: Self.id(1), name: "Anna " + each.original, detail: "owner, 1 device"),
        .init(id: Self.id(2), name: "Anna " + each.char, detail: "member, 1 device"),
      ]
      for person in directory.people {
        #expect(try directory.member(person.name) == person.id, "\(each.id)")
      }
      // Where a beginning, or other capitals, can mean both, nobody is picked.
      for typed in ["anna", "ANN"] {
        let error = #expect(throws: ControlError.self) { try directory.member(typed) }
        #expect(error?.name == .ambiguous)
        let meant = try error?.candidates.map { try directory.member($0.text) } ?? []
        #expect(Set(meant) == [Self.id(1), Self.id(2)], "\(each.id)")
      }
    }
  }
}
