import Terminal

/// The whole of `zuruf-inspect`: reads the command line, runs one command, says how it ended.
enum InspectProgram {
  static let name = "zuruf-inspect"
  static let version = "0.1.0"

  /// Every command there is, described where it is carried out.
  static let description = Command(name, "look into logs and prove them whole")
    .saying(
      "It only reads, takes no lock, and may run beside a node and on broken files. Without a "
        + "command it gives an overview. Any unambiguous beginning of an identifier will do, and of a "
        + "group its title or its kind too, where only one is so."
    )
    .saying(
      "No command shows texts and names but \"entry\" and \"dump\" with --bodies, and then only those "
        + "that this device can read."
    )
    .saying("Exit codes: 0 all is well, 1 something is wrong or differs, 2 usage, 4 no such name.")
    .options(
      .file("home", nil, "DIR", "the data directory, or the folder it lies in; else the node's"),
      .flag("json", nil, "print JSON Lines (Protocol/A-control.md)"),
      .flag("version", nil, "print the version")
    )
    .verbs(
      [
        GroupCommand.description, FeedCommand.description, EntryCommand.description,
        WhyCommand.description, VerifyCommand.description, DiffCommand.description,
        DumpCommand.description,
      ], otherwise: nil
    )
    .example("zuruf-inspect verify", "prove every chain, hash, signature and right")
    .example("zuruf-inspect entry 3f2a91:12", "show entry 12 of a feed down to its bytes")
    .example("zuruf-inspect diff /srv/a /srv/b", "compare what two nodes hold")

  /// Carries out the command line of a world.
  static func run(_ world: World) -> ExitCode {
    do throws(Failure) {
      try run(try outcome(world), world)
      return .done
    } catch {
      world.complain(error.text(Voice(program: name)))
      return error.exit
    }
  }

  private static func outcome(_ world: World) throws(Failure) -> CommandOutcome {
    do throws(UsageMistake) {
      return try CommandParser.parse(bytes: world.arguments, for: description)
    } catch {
      throw .usage(error)
    }
  }

  private static func run(_ outcome: CommandOutcome, _ world: World) throws(Failure) {
    switch outcome {
    case .help(let path):
      _ = world.write(Array((HelpPage.text(of: path, in: description) ?? "").utf8))
    case .version: _ = world.write(Array("\(name) \(version)\n".utf8))
    case .run(let invocation):
      let session = Session(invocation, world)
      defer { session.flush() }
      try run(session)
      session.flush()
      if session.isClosed { throw .outputClosed }
    }
  }

  private static func run(_ session: Session) throws(Failure) {
    switch session.invocation.path.first {
    case "group": try GroupCommand.run(session)
    case "feed": try FeedCommand.run(session)
    case "entry": try EntryCommand.run(session)
    case "why": try WhyCommand.run(session)
    case "verify": try VerifyCommand.run(session)
    case "diff": try DiffCommand.run(session)
    case "dump": try DumpCommand.run(session)
    default: try OverviewCommand.run(session)
    }
  }
}
