/// What a person has to change before the node can start; the program exits with 2.
struct StartMistake: Error, Equatable {
  let message: String
  let hints: [String]

  init(_ message: String, hints: [String]) {
    self.message = message
    self.hints = hints
  }
}
