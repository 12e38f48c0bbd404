/// Writes the script that lets bash complete a program's commands and options.
package enum BashCompletion {
  /// The script; it asks the program itself for nothing, so it works while no node runs.
  package static func script(for program: Command) -> String {
    let function = "_" + program.name.map { $0 == "-" ? "_" : String($0) }.joined()
    let places = CompletionPlace.all(of: program)
    return """
      # bash completion for \(program.name)
      \(function)() {
        local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}"
        local path="" i
        for ((i = 1; i < COMP_CWORD; i++)); do
          case "$path ${COMP_WORDS[i]}" in
      \(places.dropFirst().map { "      \"\($0.key)\") path=\"\($0.key)\" ;;\n" }.joined())\
          esac
        done
        local words=""
        case "$path" in
      \(places.map(arm).joined())\
        esac
        COMPREPLY=($(compgen -W "$words" -- "$word"))
      }
      complete -o default -F \(function) \(program.name)

      """
  }

  private static func arm(_ place: CompletionPlace) -> String {
    let names = place.options.map { "--\($0.long)" }
    let words = (place.verbs.map(\.name) + place.choices + names).joined(separator: " ")
    var arm = "    \"\(place.key)\")\n"
    let asking = place.options.filter { $0.value != .none }
    if !asking.isEmpty {
      arm += "      case \"$before\" in\n"
      for option in asking {
        arm += "        \(option.typedNames.joined(separator: "|"))) \(completion(of: option)) ;;\n"
      }
      arm += "      esac\n"
    }
    return arm + "      words=\"\(words)\" ;;\n"
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
