import Terminal

/// What a program that runs a node can be asked on its command line.
enum NodeCommand {
  /// The program with its options; it has no verbs.
  static func command(of program: NodeProgram) -> Command {
    var command = described(Command(program.name, program.abstract))
    for paragraph in program.paragraphs { command = command.saying(paragraph) }
    command = program.page == nil ? command.options(plain) : command.options(plain + page)
    return examples(of: program.name, in: command)
  }

  private static func described(_ command: Command) -> Command {
    command.saying(
      "It serves until SIGTERM or Ctrl-C and then exits 0. What it has to say goes to standard "
        + "error. People speak to it with \"zuruf\"."
    )
    .saying(
      "An option wins over the configuration file; one that may be repeated replaces all that the "
        + "file says under its name."
    )
    .saying(
      "A user's node keeps its things in $XDG_DATA_HOME/zuruf, $XDG_STATE_HOME/zuruf, "
        + "$XDG_RUNTIME_DIR/zuruf/control and $XDG_CONFIG_HOME/zuruf/zurufd.conf; run as root, or "
        + "as a system service with RuntimeDirectory=zuruf, in /var/lib/zuruf, "
        + "/var/lib/zuruf/state, /run/zuruf/control and /etc/zuruf/zurufd.conf; such a service also "
        + "joins with the ticket in /etc/zuruf/ticket."
    )
    .saying(
      "Exit codes: 0 stopped as asked, 2 usage or configuration, 3 data directory in use, 4 "
        + "data directory not private, or something in it not this user's, 5 data damaged or of "
        + "a newer version, 6 the computer turned out to be another one, and the next start says what "
        + "to do, 7 the socket cannot be opened, 8 no port is free, 9 disk fault at the start, 70 a bug, or "
        + "the system gave it too few descriptors or no thread; 128 and the number of a signal that ended it, as 137 where "
        + "the system or somebody killed it (signal 9), which memory that ran out does too."
    )
  }

  private static let plain: [CommandOption] = [
    .file("home", nil, "DIR", "this device's keys and logs; never run a copy"),
    .file("state", nil, "DIR", "where own messages ended; leave it out of backups"),
    .file("config", nil, "FILE", "this configuration file, which must be there"),
    .file("socket", nil, "PATH", "the socket that \"zuruf\" speaks to"),
    .number("port", nil, "N", 1...65535, "this TCP port and no other; else 47474 or a next one"),
    .text("seed", nil, "ADDRESS", "reach this node without discovery: host[:port]").repeated,
    .flag("no-discovery", nil, "neither find others by mDNS nor be found"),
    .text("interface", nil, "NAME", "look for others here too, although it looks virtual").repeated,
    .file("ticket-file", nil, "FILE", "join with the ticket in it, while in no office"),
    .flag("print-config", nil, "print a configuration file with comments, and exit"),
    .flag("version", nil, "print the version"),
  ]

  /// What only a node with a page can be asked.
  private static let page: [CommandOption] = [
    .number("page-port", nil, "N", 1...65535, "the page's TCP port; else 47480 or a next one"),
    .number(
      "page-seconds", nil, "N", 1...3600, "how long a browser may take over a request; else 10"),
  ]

  private static func examples(of name: String, in command: Command) -> Command {
    command
      .example(name, "run this user's node")
      .example("\(name) --seed 10.2.0.17", "also reach a node where mDNS does not go")
      .example("\(name) --print-config > zurufd.conf", "begin a configuration file")
  }
}
