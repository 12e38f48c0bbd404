/// Writes the script that lets bash complete a program's commands and options.
package enum BashCompletion {
  /// The script; it asks the program itself for nothing, so it works while no node runs.
  package static func script(for program: Command) -> String {
    let function = "_" + program.name.map { $0 == "-" ? "_" : String($0) }.joined()
    var arms: [String] = []
    collect(program, path: [], inherited: [], into: &arms)
    return """
      # bash completion for \(program.name)
      \(function)() {
        local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}"
        local path="" i
        for ((i = 1; i < COMP_CWORD; i++)); do
          case "$path ${COMP_WORDS[i]}" in
      \(paths(program, []).map { "      \"\($0)\") path=\"\($0)\" ;;\n" }.joined())\
          esac
        done
        local words=""
        case "$path" in
      \(arms.joined())\
        esac
        COMPREPLY=($(compgen -W "$words" -- "$word"))
      }
      complete -o default -F \(function) \(program.name)

      """
  }

  /// Every command below the program, spelled with a space before each name.
  private static func paths(_ command: Command, _ path: [String]) -> [String] {
    command.verbs.flatMap { verb in
      [key(path + [verb.name])] + paths(verb, path + [verb.name])
    }
  }

  private static func key(_ path: [String]) -> String { path.map { " \($0)" }.joined() }

  private static func collect(
    _ command: Command, path: [String], inherited: [CommandOption], into arms: inout [String]
  ) {
    let options = command.options + inherited
    let names = options.map { "--\($0.long)" } + ["--help"]
    let words = (command.verbs.map(\.name) + names).joined(separator: " ")
    var arm = "    \"\(key(path))\")\n"
    let asking = options.filter { $0.value != .none }
    if !asking.isEmpty {
      arm += "      case \"$before\" in\n"
      for option in asking {
        let names = (option.short.map { ["-\($0)"] } ?? []) + ["--\(option.long)"]
        arm += "        \(names.joined(separator: "|"))) \(completion(of: option)) ;;\n"
      }
      arm += "      esac\n"
    }
    arms.append(arm + "      words=\"\(words)\" ;;\n")
    for verb in command.verbs {
      collect(verb, path: path + [verb.name], inherited: options, into: &arms)
    }
  }

  private static func completion(of option: CommandOption) -> String {
    switch option.value {
    case .choice(let words):
      "COMPREPLY=($(compgen -W \"\(words.joined(separator: " "))\" -- \"$word\")); return"
    case .file: "COMPREPLY=($(compgen -f -- \"$word\")); return"
    default: "return"
    }
  }
}
