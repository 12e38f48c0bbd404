/// Writes the script that lets zsh complete a program's commands and options.
package enum ZshCompletion {
  /// The script; it can be sourced, and be a file of that name in a folder of `fpath`.
  package static func script(for program: Command) -> String {
    let function = "_" + program.name.map { $0 == "-" ? "_" : String($0) }.joined()
    let places = CompletionPlace.all(of: program)
    return """
      #compdef \(program.name)
      # zsh completion for \(program.name)
      \(function)() {
        local place="" before="${words[CURRENT-1]}"
        local -a verbs options
        integer i
        for ((i = 2; i < CURRENT; i++)); do
          case "$place ${words[i]}" in
      \(places.dropFirst().map { "      \"\($0.key)\") place=\"\($0.key)\" ;;\n" }.joined())\
          esac
        done
        case "$place" in
      \(places.map(arm).joined())\
        esac
        if ((${#verbs})); then
          _describe -t commands command verbs
        elif [[ "$PREFIX" != -* ]]; then
          _files
        fi
        _describe -o -t options option options
      }
      if [[ "${funcstack[1]}" == \(function) ]]; then
        \(function) "$@"
      else
        compdef \(function) \(program.name)
      fi

      """
  }

  private static func arm(_ place: CompletionPlace) -> String {
    var arm = "    \"\(place.key)\")\n"
    let asking = place.options.filter { $0.value != .none }
    if !asking.isEmpty {
      arm += "      case \"$before\" in\n"
      for option in asking {
        arm += "        \(option.typedNames.joined(separator: "|"))) \(completion(of: option)) ;;\n"
      }
      arm += "      esac\n"
    }
    let verbs = place.verbs.map { described($0.name, $0.abstract) }
    let options =
      place.options.flatMap { option in
        option.typedNames.map { described($0, option.abstract) }
      }
      + place.choices.map { quoted($0) }
    if !verbs.isEmpty { arm += "      verbs=(\(verbs.joined(separator: " ")))\n" }
    return arm + "      options=(\(options.joined(separator: " "))) ;;\n"
  }

  /// What follows an option; where that cannot be completed its name in the help is shown.
  private static func completion(of option: CommandOption) -> String {
    switch option.value {
    case .choice(let words): "compadd -- \(words.joined(separator: " ")); return"
    case .file: "_files; return"
    default: "_message \(quoted(option.placeholder ?? "")); return"
    }
  }

  /// A word with what it does, as `_describe` takes them: parted by a colon.
  private static func described(_ word: String, _ abstract: String) -> String {
    quoted(word.map { $0 == ":" ? "\\:" : String($0) }.joined() + ":" + abstract)
  }

  private static func quoted(_ text: String) -> String {
    "'" + text.map { $0 == "'" ? "'\\''" : String($0) }.joined() + "'"
  }
}
