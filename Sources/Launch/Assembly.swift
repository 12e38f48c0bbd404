import Daemon
import Format
import Platform
import Terminal

/// Puts together what the configuration file, the command line and the surroundings say.
enum Assembly {
  /// No configuration is longer; a person who names a video by mistake hears it at once.
  private static let fileBytesMax = 1 << 20

  /// The settings the node starts with; every place is filled in.
  static func configuration(
    _ invocation: Invocation, environment: Environment, user: UInt32, hasPage: Bool
  ) throws(StartMistake) -> Configuration {
    let places = Places.standard(environment: environment, user: user)
    var settings = Configuration()
    let named = invocation.text("config")
    if let named { try read(named, mustExist: true, into: &settings) }
    if hasPage { try checkPerson(invocation, settings, environment, user) }
    if named == nil, let places {
      try read(places.configuration, mustExist: false, into: &settings)
    }
    try apply(invocation, hasPage: hasPage, to: &settings)
    settings.home = settings.home ?? places?.home
    settings.stateDirectory = settings.stateDirectory ?? places?.state
    settings.socket = settings.socket ?? places?.socket
    settings.ticketFile = settings.ticketFile ?? places?.ticket
    guard settings.home != nil, settings.stateDirectory != nil, settings.socket != nil else {
      throw StartMistake(
        "this user has no home directory to keep a node in",
        hints: ["say where with --home, --state and --socket"])
    }
    if settings.socketGroup == nil, settings.socket == Places.system.socket,
      Account.groupNumber(named: "zuruf") != nil
    {
      settings.socketGroup = "zuruf"
    }
    return settings
  }

  /// Who types sudo before a node with a page gets one of root, beside their own: its page is closed to
  /// their browser (W-2), and what they look for is not in it. Who says where it lies, on the command
  /// line or in a file named there, means it so.
  private static func checkPerson(
    _ invocation: Invocation, _ named: Configuration, _ environment: Environment, _ user: UInt32
  ) throws(StartMistake) {
    guard user == 0, let person = environment["SUDO_USER"], person != "root",
      (invocation.text("home") ?? named.home) == nil,
      (invocation.text("socket") ?? named.socket) == nil
    else { return }
    let name = escaped(person, .shown)
    let place =
      invocation.text("config").map { "as \"home\" and \"socket\" in \(quoted($0))" }
      ?? "with --home and --socket, or in a file with --config"
    throw StartMistake(
      "with sudo this is another node, of root, whose page no browser of \(name) may open",
      hints: ["leave out sudo: zuruf-desk", "to have one of root, say where it lies, \(place)"])
  }

  private static func read(
    _ path: String, mustExist: Bool, into settings: inout Configuration
  ) throws(StartMistake) {
    let bytes: [UInt8]?
    do throws(SystemError) {
      bytes = try SmallFile.read(path, limit: fileBytesMax)
    } catch {
      if !mustExist, error == .notFound { return }
      throw StartMistake("cannot read \(quoted(path)): \(error)", hints: [])
    }
    guard let bytes else {
      throw StartMistake("\(quoted(path)) is too long for a configuration", hints: [])
    }
    do throws(Configuration.Mistake) {
      try settings.read(bytes)
    } catch {
      throw StartMistake(
        "in \(quoted(path)), \(escaped(error.description, .shown))",
        hints: ["\"zurufd --print-config\" prints a file with every setting explained"])
    }
  }

  private static func apply(
    _ invocation: Invocation, hasPage: Bool, to settings: inout Configuration
  ) throws(StartMistake) {
    for name in ["home", "state", "socket", "ticket-file", "interface"] {
      if invocation.texts(name).contains("") {
        throw StartMistake("option \"--\(name)\" is empty", hints: [])
      }
    }
    settings.home = invocation.text("home") ?? settings.home
    settings.stateDirectory = invocation.text("state") ?? settings.stateDirectory
    settings.socket = invocation.text("socket") ?? settings.socket
    settings.ticketFile = invocation.text("ticket-file") ?? settings.ticketFile
    settings.port = invocation.number("port").flatMap { UInt16(exactly: $0) } ?? settings.port
    if hasPage {
      settings.pagePort =
        invocation.number("page-port").flatMap { UInt16(exactly: $0) } ?? settings.pagePort
      settings.pageSeconds = invocation.number("page-seconds") ?? settings.pageSeconds
    }
    if invocation.has("no-discovery") { settings.usesDiscovery = false }
    if invocation.has("interface") { settings.interfaces = invocation.texts("interface") }
    if invocation.has("seed") {
      settings.seeds = invocation.texts("seed")
      for seed in settings.seeds { try check(seed: seed) }
    }
  }

  private static func check(seed: String) throws(StartMistake) {
    do throws(AddressError) {
      _ = try Endpoint(parsing: seed, defaultPort: Limits.defaultPort)
    } catch {
      throw StartMistake(
        "option \"--seed\": \(error)",
        hints: ["write a host name or an address, with \":port\" where it is not 47474"])
    }
  }
}
