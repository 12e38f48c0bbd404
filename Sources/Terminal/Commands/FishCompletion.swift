/// Writes the script that lets fish complete a program's commands and options.
package enum FishCompletion {
  /// The script; it can be sourced, and be a file in a folder of fish's completions.
  package static func script(for program: Command) -> String {
    let function = "__" + program.name.map { $0 == "-" ? "_" : String($0) }.joined()
    let places = CompletionPlace.all(of: program)
    let known = places.dropFirst().map { "'\($0.key)'" }.joined(separator: " ")
    return """
      # fish completion for \(program.name)
      function \(function)_at
        set -l place ''
        set -l words (commandline -opc)
        for word in $words[2..]
          if contains -- "$place $word" \(known)
            set place "$place $word"
          end
        end
        test "$place" = "$argv[1]"
      end
      \(places.map { lines($0, program.name, function) }.joined())
      """
  }

  private static func lines(
    _ place: CompletionPlace, _ name: String, _ function: String
  ) -> String {
    let start = "complete -c \(name) -n \(quoted("\(function)_at '\(place.key)'"))"
    var lines = ""
    for verb in place.verbs {
      lines += "\(start) -f -a \(verb.name) -d \(quoted(verb.abstract))\n"
    }
    if !place.choices.isEmpty {
      lines += "\(start) -f -a \(quoted(place.choices.joined(separator: " ")))\n"
    }
    for option in place.options {
      let short = option.short.map { " -s \($0)" } ?? ""
      lines += "\(start)\(short) -l \(option.long)\(completion(of: option))"
      lines += " -d \(quoted(option.abstract))\n"
    }
    return lines
  }

  /// What follows an option: nothing, the name of a file, one of some words, or what is typed.
  private static func completion(of option: CommandOption) -> String {
    switch option.value {
    case .none: ""
    case .file: " -r -F"
    case .choice(let words): " -x -a \(quoted(words.joined(separator: " ")))"
    case .text, .number: " -x"
    }
  }

  private static func quoted(_ text: String) -> String {
    "'" + text.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "'"
  }
}
