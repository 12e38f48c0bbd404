import Control
import Terminal

/// `zuruf admit`: holds the door open and lets newcomers in by six digits.
enum AdmitCommand {
  static let minutesDefault = 10

  static let description = Command(
    "admit", "hold the door open and let a newcomer in by six digits"
  )
  .saying(
    "While the door is open, computers in the network see the office's name and yours; nothing "
      + "else. Whoever knocks shows six digits, and so does this command: say yes only to one who "
      + "shows the same. Different digits mean that somebody stands between the two. The door "
      + "closes after the first yes, after its time, and when this command ends."
  )
  .saying(
    "Admins and owners let new people in. Others let in one more computer of their own, as "
      + "\"--for\" does: it reads all that its person reads and writes as that person."
  )
  .saying(
    "Without a terminal it tells who knocks; \"--digits\" says yes to whoever shows these, no to "
      + "whoever shows others, and ends; it answers for a door that is held open elsewhere too, such "
      + "as by another \"zuruf admit\"."
  )
  .options(
    .number("minutes", nil, "N", 1...60, "how long the door is open; otherwise 10"),
    .text("digits", nil, "DIGITS", "say yes to who shows these, without a question"),
    .text("name", nil, "NAME", "what the newcomer is called; otherwise what it says"),
    .choice("rank", nil, ["member", "admin"], "what a new person becomes"),
    .text("group", "g", "GROUP", "add the newcomer to this group").repeated,
    .text("for", nil, "MEMBER", "it is one more device of somebody who is here, or of you"),
    .flag("again", nil, "with \"--for\": of somebody who left or was removed"),
    .text("replaces", nil, "DEVICE", "it takes the place of this one, which is removed"),
    .flag("stay", nil, "leave the door open after a yes, for the next one")
  )
  .example("zuruf admit", "let a colleague in; on the other computer: zuruf join")
  .example("zuruf admit --replaces pc-anna", "the new computer of somebody who lost one")

  static func run(_ session: Session) throws(Failure) {
    let options = session.invocation
    if options.has("for"), options.has("name") || options.has("rank") {
      throw .usage(
        UsageMistake(
          "give \"--for\" or \"\(options.has("name") ? "--name" : "--rank")\", not both",
          hints: ["the device belongs to somebody who is here, and keeps name and rank"]))
    }
    if options.has("again"), !options.has("for") {
      throw .usage(
        UsageMistake(
          "\"--again\" is of somebody who left or was removed", hints: ["\"--for\" says who"]))
    }
    let wanted = try options.text("digits").map { (text) throws(Failure) in try digits(text) }
    var client = try session.connect()
    var doorway = Doorway(session: session, wanted: wanted)
    try doorway.open(&client)
    while try doorway.step(&client) {}
  }

  /// Six digits as a person types them.
  private static func digits(_ text: String) throws(Failure) -> String {
    let bytes = text.utf8.filter { $0 != 0x20 }
    guard bytes.count == 6, bytes.allSatisfy({ (0x30...0x39).contains($0) }) else {
      throw .usage(
        UsageMistake(
          "option \"--digits\" takes six digits, not \(quoted(text))",
          hints: ["they stand on the other computer, as 123 456"]))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Six digits as they are shown and read out.
func spaced(_ digits: String) -> String { digits.prefix(3) + " " + digits.dropFirst(3) }
