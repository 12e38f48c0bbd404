import Control
import Terminal

/// One command being carried out: what was asked, and how to ask and print.
struct Session {
  let invocation: Invocation
  let world: World

  var json: Bool { invocation.has("json") }

  /// How commands are told to whoever gave this one.
  var spelling: Spelling { Spelling(socket: invocation.text("socket")) }

  /// Where the node's socket may be, the first that exists first.
  var sockets: [String] { sockets(hasOwnNode: world.hasOwnNode) }

  /// Where the socket of a node may be whose page this user can open: no other user's.
  var ownSockets: [String] { sockets(hasOwnNode: true) }

  private func sockets(hasOwnNode: Bool) -> [String] {
    ControlSocketPath.candidates(
      option: invocation.text("socket"), variable: world.variable("ZURUF_SOCKET"),
      runtimeDirectory: world.variable("XDG_RUNTIME_DIR"), user: world.user,
      hasOwnNode: hasOwnNode)
  }

  /// Whether a socket was named; otherwise the node is looked for where nodes are.
  var namesSocket: Bool {
    invocation.text("socket") != nil || !(world.variable("ZURUF_SOCKET") ?? "").isEmpty
  }

  /// Connects to the node.
  func connect() throws(Failure) -> ControlClient {
    let paths = sockets
    do throws(ControlFault) {
      return try ControlClient.connect(paths: paths)
    } catch {
      throw .control(Installed.fault(error, paths, world))
    }
  }

  /// Prints a result for a person.
  func print(_ text: String) throws(Failure) {
    try printAsIs(shownLines(text))
  }

  /// Prints what is no sentence: what steers a terminal, and scripts.
  func printAsIs(_ text: String) throws(Failure) {
    guard world.write(Array(text.utf8)) else { throw .outputClosed }
  }

  /// A text whose lines break at words where a terminal would break them anywhere.
  private func shownLines(_ text: String) -> String {
    world.outputIsTerminal ? brokenAtWords(text, columns: world.columns()) : text
  }

  /// The same for what is said on standard error.
  func wrapped(_ text: String) -> String { world.wrapped(text) }

  /// Prints a result for a program.
  func printLine(_ type: String, _ value: some Encodable) throws(Failure) {
    guard world.write(TypedLine(type, value).encoded()) else { throw .outputClosed }
  }

  /// Prints the same result for a program or for a person.
  func show(
    _ type: String, _ value: some Encodable, _ text: @autoclosure () -> String
  ) throws(Failure) {
    if json {
      try printLine(type, value)
    } else {
      try print(text())
    }
  }

  /// Says something beside the result; nothing where a program reads.
  func note(_ sentence: String) { note(sentence, verbatim: "") }

  /// The same with words at its end that somebody wrote, in which nothing is a command to be typed.
  func note(_ sentence: String, verbatim: String) {
    if !json { world.complain(wrapped(spelling.spelled(sentence) + verbatim + "\n")) }
  }

  /// Says what stands between the messages, where they are printed, so that no pipe parts the two;
  /// nothing where a program reads.
  func between(_ sentence: String, verbatim: String = "") throws(Failure) {
    if !json { try print("-- " + spelling.spelled(sentence) + verbatim + "\n") }
  }

  /// A time as short as it stays clear.
  func time(_ time: ClaimedTime) -> String {
    guard let then = world.wall(time.ms), let now = world.wall(world.now()) else { return time.utc }
    return then.short(now: now)
  }

  /// How long ago a time was.
  func ago(_ time: ClaimedTime) -> String {
    age(seconds: (world.now() - time.ms) / 1000)
  }

  /// Asks a person; nil where nobody sits there. What was typed before the question was shown answers
  /// nothing, for whoever typed it did not know what would be asked.
  func ask(_ question: String) throws(Failure) -> String? {
    try ask(question, takesEarlier: false)
  }

  /// Throws away what was typed so far.
  func forgetTyped() {
    world.input.forget()
    world.forgetTyped()
  }

  private func ask(_ question: String, takesEarlier: Bool) throws(Failure) -> String? {
    guard world.inputIsTerminal else { return nil }
    if !takesEarlier { forgetTyped() }
    world.complain(wrapped(question))
    guard let line = try world.input.line(limit: LineGuard.bytesMax) else { return nil }
    return try text(line, "the answer")
  }

  /// A line that is asked for: from the file of an option, from the terminal, or from standard
  /// input where nobody sits there; nil where there is none. The blanks around it are dropped.
  func typedLine(file option: String, _ question: String, _ what: String) throws(Failure)
    -> String?
  {
    if let path = invocation.text(option) {
      switch world.readFile(path) {
      case .success(let bytes): return trimmed(try text(bytes, what))
      case .failure(let fault): throw .refused(.refused, fault.text, hints: [])
      }
    }
    // A line that is pasted is what it is, whenever it came.
    if let answer = try ask(question, takesEarlier: true) { return trimmed(answer) }
    guard let line = try world.input.line(limit: LineGuard.bytesMax) else { return nil }
    return trimmed(try text(line, what))
  }

  /// Bytes as text, refused where they are none.
  func text(_ bytes: [UInt8], _ what: String) throws(Failure) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .refused(.refused, "\(what) is not UTF-8", hints: [])
    }
    return text
  }

  /// Refuses what cannot be undone where nobody can confirm it, before the node is asked about it.
  func checkCanConfirm() throws(Failure) {
    guard invocation.has("yes") || world.inputIsTerminal else { throw .usage(Self.nobodyToAsk) }
  }

  private static let nobodyToAsk = UsageMistake(
    "this asks for a yes, and nobody is there to say it",
    hints: ["write \"--yes\" to do it without a question"])

  /// Lets a person confirm what cannot be undone; `--yes` does so beforehand.
  func confirm(_ question: String) throws(Failure) {
    if invocation.has("yes") { return }
    guard let answer = try ask("\(question) [y/N] ") else { throw .usage(Self.nobodyToAsk) }
    guard isYes(answer) else {
      throw .refused(.refused, "nothing was done", hints: [])
    }
  }
}

/// Whether an answer of a person is a yes; whatever else it is, it is none.
func isYes(_ answer: String) -> Bool {
  ["y", "yes", "j", "ja"].contains(trimmed(answer).lowercased())
}

extension World {
  /// A text for standard error whose lines break at words where a terminal would break them anywhere.
  func wrapped(_ text: String) -> String {
    errorIsTerminal ? brokenAtWords(text, columns: columns()) : text
  }
}

/// Without the white space that mail programs and files put around a line.
func trimmed(_ text: String) -> String {
  let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
  let bytes = Array(text.utf8)
  guard let first = bytes.firstIndex(where: { !isSpace($0) }),
    let last = bytes.lastIndex(where: { !isSpace($0) })
  else { return "" }
  return String(decoding: bytes[first...last], as: UTF8.self)
}

extension ControlClient {
  /// Asks the node; its error becomes the command's.
  mutating func ask<Call: ControlCall>(_ call: Call) throws(Failure) -> Call.Answer {
    do throws(ControlFault) {
      return try self.call(call)
    } catch {
      throw .control(error)
    }
  }
}
