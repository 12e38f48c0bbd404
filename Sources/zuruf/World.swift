import Control
import Terminal

/// All that a command may touch beside the node: streams, clock, account, files.
///
/// Made of closures so that a test can be the world; nothing else in this program asks the system.
struct World {
  /// The words after the program's name.
  let arguments: [[UInt8]]
  let variable: (String) -> String?
  let user: UInt32
  /// The person's name as the operating system has it.
  let personName: String
  let computerName: String

  /// So many bytes that nobody can guess and that never come again.
  let random: (Int) -> [UInt8]
  /// Milliseconds since 1970.
  let now: () -> Int64
  /// The wall clock at some milliseconds; nil where no calendar has it.
  let wall: (Int64) -> LocalTime?
  let milliseconds: (LocalTime) -> Int64?

  let input: TextInput
  let inputIsTerminal: Bool
  /// Throws away what was typed and not read yet.
  let forgetTyped: () -> Void
  /// The number by which a poller knows standard input.
  let inputNumber: Int32
  /// Takes the terminal key by key, and gives it back when the object ends; nil where standard
  /// input and output are not both one.
  let holdTerminal: () -> AnyObject?
  /// Waits a second, or until that descriptor has something to read.
  let pause: (Int32?) -> Pause
  /// How wide the terminal is.
  let columns: () -> Int
  let outputIsTerminal: Bool
  let errorIsTerminal: Bool
  /// Writes to standard output; false where nobody reads any more.
  let write: ([UInt8]) -> Bool
  /// Writes to standard error.
  let complain: (String) -> Void

  /// Reads a whole file, or tells in one sentence why that failed.
  let readFile: (String) -> Result<[UInt8], WorldFault>
  /// Whether something lies at a path.
  let exists: (String) -> Bool
  /// Starts a program of the search path with these words, or tells why that failed.
  let launch: (String, [String]) -> WorldFault?
  /// Runs a program of the search path to its end, or tells why that came to nothing.
  let run: (String, [String]) -> WorldFault?
  /// Where the program of that name lies beside this one; nil where there is none.
  let beside: (String) -> String?
  /// Goes on as the program of that name beside this one; returns only where that failed.
  let become: (String, [String]) -> WorldFault
}

extension World {
  /// Whether this user has a node of their own, running or not: it has data, or is started at every
  /// login. The superuser's is the system's.
  var hasOwnNode: Bool {
    guard user != 0 else { return false }
    let data = folder("XDG_DATA_HOME", "/.local/share").map { $0 + "/zuruf" }
    let unit = folder("XDG_CONFIG_HOME", "/.config")
      .map { $0 + "/systemd/user/default.target.wants/zuruf.service" }
    return [data, unit].contains { $0.map(exists) ?? false }
  }

  /// Who runs a node and typed this with "sudo" before it; nil for anybody else.
  var personBehindRoot: String? {
    guard user == 0, let person = variable("SUDO_USER"), let number = variable("SUDO_UID"),
      let other = UInt32(number), other != 0
    else { return nil }
    let socket = ControlSocketPath.user(runtimeDirectory: nil, user: other)
    return exists(socket) ? person : nil
  }

  /// A folder that a variable names, or one in the user's home directory.
  private func folder(_ name: String, _ inHome: String) -> String? {
    func path(_ name: String) -> String? {
      variable(name).flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    return path(name) ?? path("HOME").map { $0 + inHome }
  }
}

/// How a moment of waiting ended.
enum Pause {
  case over
  case readable
  /// Nobody reads standard output any more.
  case closed
}

/// What the system said when it did not do something, in its own words.
struct WorldFault: Error, Equatable {
  let text: String
}
