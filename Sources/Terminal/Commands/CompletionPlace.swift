/// Where on a command line something can be completed: behind these names, and what fits there.
///
/// The scripts of all shells are written from these.
struct CompletionPlace {
  /// The names of commands typed so far, below the program.
  let path: [String]
  /// What may come next.
  let verbs: [Command]
  /// Words that the next argument can be.
  let choices: [String]
  /// The command's own options and those it shares with all above it, with the one for help.
  let options: [CommandOption]

  /// The names with a space before each, as the scripts compare them.
  var key: String { path.map { " \($0)" }.joined() }

  /// Every place of a program, the program's own first.
  static func all(of program: Command) -> [CompletionPlace] {
    below(program, path: [], inherited: [])
  }

  private static let help = CommandOption.flag("help", "h", "show this help")

  private static func below(
    _ command: Command, path: [String], inherited: [CommandOption]
  ) -> [CompletionPlace] {
    let options = command.options + inherited
    // The options of the verb that is meant when none is given are taken without it too.
    let meant = command.defaultVerb.flatMap { command.find([$0])?.options } ?? []
    let place = CompletionPlace(
      path: path, verbs: command.verbs, choices: command.operands.flatMap(\.choices),
      options: meant + options + [help])
    return [place]
      + command.verbs.flatMap { below($0, path: path + [$0.name], inherited: options) }
  }
}

extension CommandOption {
  /// The option as it is typed, its short name first where it has one.
  var typedNames: [String] { (short.map { ["-\($0)"] } ?? []) + ["--\(long)"] }
}
