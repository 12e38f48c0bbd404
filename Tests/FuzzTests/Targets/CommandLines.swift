import Control
import Launch
import Terminal

@testable import zuruf
@testable import zuruf_inspect

/// Command lines of every program, and what `zuruf` does with one where no node answers.
enum CommandLines {
  static let target = FuzzTarget(
    name: "arguments", kind: .decoder,
    abstract: "whatever is typed is read or refused with a sentence that harms no terminal",
    reaches: ["Terminal", "zuruf", "zuruf_inspect", "Platform"], sizeMax: 512, seeds: { seeds() },
    run: { try run($0) })

  private static let programs = [CommandLineProgram.description, InspectProgram.description]

  /// Every command with each of its options, and the words that people type.
  private static func seeds() -> [[UInt8]] {
    var lines: [(Int, [String], String)] = []
    for (number, program) in programs.enumerated() { collect(program, [], number, &lines) }
    lines += [
      (0, ["send", "Werk", "Die", "Presse"], ""), (0, ["send", "@Ben"], "text\nmore"),
      (0, ["read", "-fn5", "--since=15m", "W"], ""),
      (0, ["read", "--until", "2026-11-23 14:20"], ""),
      (0, ["group", "add", "W", "@Anna", "Ben"], ""), (0, ["--json", "status"], ""),
      (0, ["join", "--name", "Ben"], "zr1-ticket-abc\n"),
      (0, ["office", "recovery", "use"], "zr1\ny\n"),
      (0, ["member", "remove", "@ben"], "y\n"), (0, ["help", "groupe"], ""), (0, ["--", "-x"], ""),
      (1, ["entry", "3f2a91:12", "--bodies"], ""), (1, ["diff", "/a", "/b", "-g", "3f"], ""),
    ]
    return lines.map { number, words, input in
      [UInt8(number)] + Array(words.joined(separator: "\0").utf8)
        + (input.isEmpty ? [] : [0, 0] + Array(input.utf8))
    }
  }

  private static func collect(
    _ command: Command, _ path: [String], _ number: Int, _ lines: inout [(Int, [String], String)]
  ) {
    let names = path + command.options.flatMap { ["--" + $0.long, "1"] }
    lines.append((number, names, ""))
    lines.append((number, path + ["--help"], ""))
    for verb in command.verbs { collect(verb, path + [verb.name], number, &lines) }
  }

  /// The first byte says which program; the words stand between zeros, and behind two of them what is
  /// typed.
  static func run(_ input: [UInt8]) throws {
    guard let first = input.first else { return }
    let number = Int(first) % programs.count
    var (words, typed): ([[UInt8]], [UInt8]) = ([], [])
    var rest = input.dropFirst()
    while let end = rest.firstIndex(of: 0) {
      words.append(Array(rest[..<end]))
      rest = rest[(end + 1)...]
      if rest.first == 0 {
        typed = Array(rest.dropFirst())
        rest = []
      }
    }
    if !rest.isEmpty { words.append(Array(rest)) }
    try parse(words, programs[number])
    // It takes far longer than to read it, so it is left to the input.
    if number == 0, first & 4 == 0 { try carryOut(words, typed) }
  }

  private static func parse(_ words: [[UInt8]], _ program: Command) throws {
    let outcome = Result { () throws(UsageMistake) in
      try CommandParser.parse(bytes: words, for: program)
    }
    switch outcome {
    case .failure(let mistake):
      try needHarmless(
        Voice(program: "zuruf").error(mistake.message, hints: mistake.hints), "a mistake")
    case .success(.help(let path)):
      try need(program.find(path) != nil, "help is asked for a command that is not there")
    case .success(.version): break
    case .success(.run(let invocation)):
      guard let command = program.find(invocation.path) else {
        throw Found("a command line leads to a command that is not there")
      }
      for operand in command.operands where operand.count == .one {
        try need(invocation.text(operand.name) != nil, "a command lacks what it needs")
      }
      for option in command.options { try check(option, invocation) }
    }
  }

  private static func check(_ option: CommandOption, _ invocation: Invocation) throws {
    switch option.value {
    case .number(_, let range):
      guard let number = invocation.number(option.long) else { return }
      try need(range.contains(number), "option \(option.long) has a number beyond its range")
    case .choice(let choices):
      guard let word = invocation.text(option.long) else { return }
      try need(choices.contains(word), "option \(option.long) has a word that it does not know")
    default: break
    }
  }

  /// Where no node answers every command ends, and what it says harms no terminal.
  private static func carryOut(_ words: [[UInt8]], _ typed: [UInt8]) throws {
    let said = Said()
    let world = zuruf.World(
      arguments: words, variable: { $0 == "ZURUF_SOCKET" ? "/nowhere/control" : nil }, user: 1_000,
      personName: "Anna", computerName: "pc", random: { [UInt8](repeating: 1, count: $0) },
      now: { 1_795_443_600_000 }, wall: { _ in noon }, milliseconds: { _ in 1_795_443_600_000 },
      input: TextInput { count in said.read(typed, count) }, inputIsTerminal: typed.first == 0x79,
      forgetTyped: {}, inputNumber: -1, holdTerminal: { nil }, pause: { _ in .closed },
      columns: { 60 }, outputIsTerminal: true, errorIsTerminal: true,
      write: { bytes in
        said.output += bytes
        return true
      },
      complain: { said.errors += $0 },
      readFile: { _ in .success(typed) }, exists: { _ in false },
      launch: { _, _ in WorldFault(text: "nothing is started") },
      run: { _, _ in WorldFault(text: "nothing is started") }, beside: { _ in nil },
      become: { _, _ in WorldFault(text: "nothing is started") })
    _ = CommandLineProgram.run(world)
    try needHarmless(said.errors, "what a command complains")
    guard let output = String(validating: said.output, as: UTF8.self) else {
      throw Found("what a command prints is no text")
    }
    try needHarmless(output, "what a command prints")
  }

  private static let noon = LocalTime(
    year: 2_026, month: 11, day: 23, hour: 12, minute: 0, second: 0)

  private final class Said {
    var output: [UInt8] = []
    var errors = ""
    private var at = 0

    func read(_ typed: [UInt8], _ count: Int) -> Result<[UInt8], WorldFault> {
      let more = Array(typed.dropFirst(at).prefix(count))
      at += more.count
      return .success(more)
    }
  }
}
