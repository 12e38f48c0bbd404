import Foundation
import Testing

@testable import Terminal

/// How command lines are read, and what is said about those that cannot be.
struct CommandTests {
  static let program = Command("zuruf", "a call across the room")
    .saying("One paragraph that is long enough to be broken into two lines at eighty columns.")
    .options(
      .flag("json", nil, "print JSON Lines"), .file("socket", nil, "PATH", "use this socket")
    )
    .verbs(
      [
        Command("read", "show messages")
          .taking(Operand("GROUP", .optional, "only this group"))
          .options(
            .number("lines", "n", "N", 1...1000, "at most so many"),
            .flag("follow", "f", "wait for new ones"),
            .text("since", "S", "TIME", "not before")
          )
          .example("zuruf read Werk -n5", "the last five of Werk"),
        Command("send", "write a message")
          .taking(Operand("TO", .one, "a group or @person"), Operand("TEXT", .any, "what to say")),
        Command("group", "groups").verbs(
          [
            Command("new", "make a group")
              .taking(Operand("TITLE", .one, "its title"), Operand("MEMBER", .any, "who is in it"))
              .options(.text("purpose", nil, "TEXT", "what it is for")),
            Command("add", "add members")
              .taking(
                Operand("GROUP", .one, "which"), Operand("MEMBER", .atLeastOne, "who is added")),
            Command("list", "list groups").options(
              .choice("sort", nil, ["title", "time"], "in which order"),
              .text("with", nil, "MEMBER", "only with this member").repeated),
          ], otherwise: "list"),
        Command("inspect", "look into logs").passingOn(),
      ], otherwise: nil)

  static func run(_ line: String) throws(UsageMistake) -> Invocation {
    let words = line.split(separator: " ").map(String.init)
    guard case .run(let invocation) = try CommandParser.parse(words, for: program) else {
      throw UsageMistake("nothing to run", hints: [])
    }
    return invocation
  }

  @Test(arguments: [
    "read -n5", "read -n 5", "read --lines=5", "read --lines 5", "read -n=5", "--json read -n5",
    "read --json -n5",
  ])
  func `a number is written in any of the usual ways`(line: String) throws {
    let invocation = try Self.run(line)
    #expect(invocation.path == ["read"])
    #expect(invocation.number("lines") == 5)
    #expect(invocation.has("json") == line.contains("json"))
    #expect(!invocation.has("follow"))
    #expect(invocation.text("GROUP") == nil)
  }

  @Test func `short options are written together`() throws {
    let invocation = try Self.run("read -fn5 Werk")
    #expect(invocation.has("follow"))
    #expect(invocation.number("lines") == 5)
    #expect(invocation.text("GROUP") == "Werk")
  }

  @Test func `all after two dashes is text`() throws {
    let invocation = try Self.run("send Werk -- -n --help -- -")
    #expect(invocation.text("TO") == "Werk")
    #expect(invocation.texts("TEXT") == ["-n", "--help", "--", "-"])
  }

  @Test func `one dash is an argument like any other`() throws {
    #expect(try Self.run("send Werk -").texts("TEXT") == ["-"])
  }

  @Test func `words of commands are plain text behind the arguments' begin`() throws {
    #expect(try Self.run("send read group").texts("TEXT") == ["group"])
  }

  @Test func `a program without a command is itself asked for`() throws {
    #expect(try Self.run("").path == [])
    #expect(try Self.run("--json").has("json"))
  }

  @Test func `a verb is meant when none is given, and its options hold`() throws {
    #expect(try Self.run("group").path == ["group", "list"])
    let invocation = try Self.run("group --with Anna --with=Ben --sort time")
    #expect(invocation.path == ["group", "list"])
    #expect(invocation.texts("with") == ["Anna", "Ben"])
    #expect(invocation.text("sort") == "time")
  }

  @Test func `what belongs to another program is passed on untouched`() throws {
    let invocation = try Self.run("inspect verify --json -x")
    #expect(invocation.path == ["inspect"])
    #expect(invocation.passedOn == ["verify", "--json", "-x"])
  }

  @Test(arguments: [
    ("raed", "there is no command \"raed\"", ["did you mean \"read\"?"]),
    ("sned Werk", "there is no command \"sned\"", ["did you mean \"send\"?"]),
    ("gro", "there is no command \"gro\"", ["did you mean \"group\"?"]),
    ("xyzzy", "there is no command \"xyzzy\"", ["it is one of read, send, group, inspect"]),
    ("group ad", "\"zuruf group\" has no verb \"ad\"", ["did you mean \"add\"?"]),
    ("read --line 5", "there is no option \"--line\"", ["did you mean \"--lines\"?"]),
    ("read -x", "there is no option \"-x\"", ["\"zuruf read --help\" lists the options there are"]),
    (
      "send Werk -5", "there is no option \"-5\"",
      [
        "\"zuruf send --help\" lists the options there are",
        "put \"--\" before a text that begins with a dash",
      ]
    ),
    ("read -n", "option \"-n\" needs a value", ["write \"-n N\""]),
    ("read -n0", "option \"-n\" takes a whole number from 1 to 1000, not \"0\"", []),
    (
      "read -n 99999999999999999999",
      "option \"-n\" takes a whole number from 1 to 1000, not \"99999999999999999999\"", []
    ),
    ("read --follow=yes", "option \"--follow\" takes no value", []),
    ("read -n1 -n2", "option \"-n\" is given twice", []),
    ("group --sort size", "option \"--sort\" does not know \"size\"", ["it is one of title, time"]),
    ("send", "\"zuruf send\" needs TO", ["usage: zuruf send TO [TEXT …]"]),
    (
      "group add Werk", "\"zuruf group add\" needs MEMBER",
      ["usage: zuruf group add GROUP MEMBER …"]
    ),
    (
      "read Werk Lager", "\"zuruf read\" does not take \"Lager\"",
      ["usage: zuruf read [OPTIONS] [GROUP]"]
    ),
  ])
  func `a mistake is named, and what was probably meant`(
    line: String, message: String, hints: [String]
  ) {
    #expect(throws: UsageMistake(message, hints: hints)) { try Self.run(line) }
  }

  @Test func `what a stranger put into a command line is escaped`() {
    let mistake = #expect(throws: UsageMistake.self) { try Self.run("\u{1B}[2J") }
    #expect(mistake?.message == "there is no command \"\\u{1b}[2J\"")
  }

  @Test(arguments: [
    ("--help", CommandOutcome.help(path: [])), ("-h", .help(path: [])),
    ("read -f -h -x", .help(path: ["read"])), ("group add --help", .help(path: ["group", "add"])),
    ("--version", .version),
  ])
  func `help is asked for anywhere`(line: String, outcome: CommandOutcome) throws {
    let words = line.split(separator: " ").map(String.init)
    #expect(try CommandParser.parse(words, for: Self.program) == outcome)
  }

  @Test func `the help of a program says everything in eighty columns`() {
    #expect(
      HelpPage.text(of: [], in: Self.program) == """
        zuruf - a call across the room

        Usage: zuruf [OPTIONS] [COMMAND]

        One paragraph that is long enough to be broken into two lines at eighty columns.

        Commands:
          read     show messages
          send     write a message
          group    groups
          inspect  look into logs

        Options:
              --json         print JSON Lines
              --socket PATH  use this socket

        Options of every command:
          -h, --help  show this help

        """)
  }

  @Test func `the help of a command shows its arguments, options and examples`() {
    #expect(
      HelpPage.text(of: ["read"], in: Self.program) == """
        zuruf read - show messages

        Usage: zuruf read [OPTIONS] [GROUP]

        Arguments:
          GROUP  only this group

        Options:
          -n, --lines N     at most so many
          -f, --follow      wait for new ones
          -S, --since TIME  not before

        Options of every command:
              --json         print JSON Lines
              --socket PATH  use this socket
          -h, --help         show this help

        Examples:
          zuruf read Werk -n5
              the last five of Werk

        """)
    #expect(HelpPage.text(of: ["nothing"], in: Self.program) == nil)
  }

  @Test func `the completion script knows commands, verbs, options and words`() {
    let script = BashCompletion.script(for: Self.program)
    #expect(script.contains("words=\"read send group inspect --json --socket --help\""))
    #expect(script.contains("    \" group\")\n"))
    #expect(script.contains("words=\"new add list --sort --with --json --socket --help\""))
    #expect(
      script.contains("--sort) COMPREPLY=($(compgen -W \"title time\" -- \"$word\")); return"))
    #expect(script.contains("--socket) COMPREPLY=($(compgen -f -- \"$word\")); return"))
    #expect(script.hasSuffix("complete -o default -F _zuruf zuruf\n"))
  }

  /// What bash offers for the last of these words, asked as it asks itself.
  private func offered(_ words: String...) throws -> [String] {
    let line = (["zuruf"] + words).map { "'\($0)'" }.joined(separator: " ")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "bash", "--norc", "-c",
      """
      \(BashCompletion.script(for: Self.program))
      set -u
      COMP_WORDS=(\(line)) COMP_CWORD=\(words.count) COMPREPLY=()
      _zuruf
      printf '%s\\n' ${COMPREPLY[@]+"${COMPREPLY[@]}"}
      """,
    ]
    let (output, errors) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, errors)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let said = output.fileHandleForReading.readDataToEndOfFile()
    let faults = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(String(decoding: faults, as: UTF8.self) == "")
    return String(decoding: said, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test func `bash offers by that script what fits where the cursor is`() throws {
    #expect(
      try offered("") == ["read", "send", "group", "inspect", "--json", "--socket", "--help"])
    #expect(try offered("s") == ["send"])
    // The options of `list` too, which is meant where no verb is typed.
    #expect(
      try offered("group", "")
        == ["new", "add", "list", "--sort", "--with", "--json", "--socket", "--help"])
    #expect(try offered("group", "ne") == ["new"])
    #expect(try offered("group", "list", "--sort", "") == ["title", "time"])
    #expect(try offered("group", "list", "--sort", "ti") == ["title", "time"])
    #expect(try offered("nonsense", "--j") == ["--json"])
    // A path is what the shell knows.
    #expect(try offered("--socket", "/et").contains("/etc"))
  }

  @Test func `zsh and fish are told the same commands, verbs, options and words`() {
    let zsh = ZshCompletion.script(for: Self.program)
    #expect(zsh.hasPrefix("#compdef zuruf\n"))
    #expect(zsh.contains("      \" group list\") place=\" group list\" ;;\n"))
    #expect(zsh.contains("--sort) compadd -- title time; return ;;"))
    #expect(zsh.contains("--socket) _files; return ;;"))
    #expect(zsh.contains("-n|--lines) _message 'N'; return ;;"))
    #expect(zsh.contains("'--help:show this help'"))
    let fish = FishCompletion.script(for: Self.program)
    #expect(fish.contains("complete -c zuruf -n '__zuruf_at \\'\\'' -f -a group -d '"))
    #expect(fish.contains("complete -c zuruf -n '__zuruf_at \\' group list\\'' -l sort -x"))
    #expect(fish.contains(" -l sort -x -a 'title time' -d '"))
    #expect(fish.contains("complete -c zuruf -n '__zuruf_at \\'\\'' -l socket -r -F -d '"))
    // Every name of every place is in each of the three.
    for place in CompletionPlace.all(of: Self.program) {
      for name in place.verbs.map(\.name) + place.options.map(\.long) {
        #expect(zsh.contains("\(name):"), "zsh does not know \(name)")
        #expect(fish.contains(" \(name) "), "fish does not know \(name)")
        #expect(BashCompletion.script(for: Self.program).contains(name))
      }
    }
  }

  @Test func `what a help says can stand in a script, whatever it holds`() {
    let odd = Command("odd", "a program").options(.flag("it", nil, "what's \\ in: $it"))
    #expect(ZshCompletion.script(for: odd).contains("'--it:what'\\''s \\ in: $it'"))
    #expect(FishCompletion.script(for: odd).contains("-d 'what\\'s \\\\ in: $it'"))
  }

  @Test func `every exit code has its number and meaning`() {
    #expect(ExitCode.allCases.map(\.rawValue) == Array(0...6))
    #expect(ExitCode.notYet.meaning == "not yet")
  }
}
