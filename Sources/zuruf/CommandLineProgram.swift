import Control
import Terminal

/// The whole of `zuruf`: reads the command line, runs one command, says how it ended.
enum CommandLineProgram {
  /// Every command there is, described where it is carried out.
  static let description = Command("zuruf", "a call across the room: messages on your own network")
    .saying(
      "Without a command it says where this computer stands, and the next command to type."
    )
    .saying(
      "Once \"zuruf open\" has started it, your node runs whenever you are logged in; logged out, nobody "
        + "reaches you. \"systemctl --user stop zuruf\" stops it until the next login, \"systemctl --user "
        + "disable --now zuruf\" for good."
    )
    .options(
      .flag("version", nil, "print the version"),
      .flag("json", nil, "print JSON Lines for programs (Protocol/A-control.md)"),
      .file(
        "socket", nil, "PATH", "the node's socket; otherwise ZURUF_SOCKET, the user's, the system's"
      )
    )
    .verbs(
      [
        SendCommand.description, ReadCommand.description, ChatCommand.description,
        OpenCommand.description,
        JoinCommand.description, AdmitCommand.description, StatusCommand.description,
        DoctorCommand.description,
        OfficeCommand.description, TicketCommand.description, GroupCommand.description,
        MemberCommand.description, DeviceCommand.description, NameCommand.description,
        DeliveryCommand.description, ReactCommand.description, StoredCommand.description,
        InspectCommand.description, CompletionCommand.description,
        HelpCommand.description,
      ], otherwise: nil
    )
    .example("zuruf office new \"Müller GmbH\"", "found an office on this computer")
    .example("zuruf send Werkstatt Die Presse steht", "write to a group")
    .example("zuruf read -f", "show messages as they come")

  /// Carries out the command line of a world.
  static func run(_ world: World) -> ExitCode {
    // Options that cannot be read do not say how errors are wanted.
    let options = world.arguments.prefix { $0 != Array("--".utf8) }
    let wantsJSON = options.contains(Array("--json".utf8))
    var spelling = Spelling(socket: nil)
    do throws(Failure) {
      let outcome = try outcome(world)
      if case .run(let invocation) = outcome {
        spelling = Spelling(socket: invocation.text("socket"))
      }
      try run(outcome, world)
      return .done
    } catch {
      if case .outputClosed = error { return .done }
      return tell(error, world, spelling, json: wantsJSON)
    }
  }

  /// Says why something was not done, to a person or a program.
  @discardableResult
  static func tell(
    _ failure: Failure, _ world: World, _ spelling: Spelling, json: Bool
  ) -> ExitCode {
    let report = failure.report(world)
    if json {
      world.complain(String(decoding: TypedLine("error", report).encoded(), as: UTF8.self))
    } else {
      world.complain(world.wrapped(report.text(Voice(program: "zuruf"), spelling)))
    }
    return report.exit
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
    case .help(let path): try HelpCommand.printHelp(of: path, world)
    case .version:
      guard world.write(Array("zuruf \(ControlVersion.product)\n".utf8)) else {
        throw .outputClosed
      }
    case .run(let invocation):
      let session = Session(invocation: invocation, world: world)
      do throws(Failure) {
        try run(session)
      } catch {
        throw NearName.hinting(error, session)
      }
    }
  }

  private static func run(_ session: Session) throws(Failure) {
    switch session.invocation.path.first {
    case "send": try SendCommand.run(session)
    case "read": try ReadCommand.run(session)
    case "chat": try ChatCommand.run(session)
    case "open": try OpenCommand.run(session)
    case "join": try JoinCommand.run(session)
    case "admit": try AdmitCommand.run(session)
    case "status": try StatusCommand.run(session)
    case "doctor": try DoctorCommand.run(session)
    case "office": try OfficeCommand.run(session)
    case "ticket": try TicketCommand.run(session)
    case "group": try GroupCommand.run(session)
    case "member": try MemberCommand.run(session)
    case "device": try DeviceCommand.run(session)
    case "name": try NameCommand.run(session)
    case "delivery": try DeliveryCommand.run(session)
    case "react": try ReactCommand.run(session)
    case "stored": try StoredCommand.run(session)
    case "inspect": try InspectCommand.run(session)
    case "completion": try CompletionCommand.run(session)
    case "help": try HelpCommand.run(session)
    default: try HereCommand.run(session)
    }
  }
}
