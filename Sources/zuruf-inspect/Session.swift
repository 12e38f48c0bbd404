import Platform
import Terminal

/// One command being carried out: what was asked, and how to print.
final class Session {
  let invocation: Invocation
  let world: World
  private var waiting: [UInt8] = []
  private(set) var isClosed = false
  private static let blockSize = 1 << 16

  init(_ invocation: Invocation, _ world: World) {
    self.invocation = invocation
    self.world = world
  }

  var json: Bool { invocation.has("json") }

  /// The data directory that is looked into when none is named: the one the node uses.
  func home() throws(Failure) -> String {
    if let path = invocation.text("home") {
      guard !path.isEmpty else {
        throw .usage(UsageMistake("option \"--home\" is empty", hints: []))
      }
      return data(in: path)
    }
    // Root's node is the service's, or where there is none one that was started by hand.
    let service = "/var/lib/zuruf"
    if world.user == 0, world.isDirectory(service) || world.environment.dataHome == nil {
      return service
    }
    guard let data = world.environment.dataHome else {
      throw .usage(
        UsageMistake("this user has no home directory", hints: ["say where with --home DIR"]))
    }
    return data + "/zuruf"
  }

  /// The data directory that was named, itself or by the folder that Tools/start made, of which it is
  /// a part.
  func data(in path: String) -> String {
    let isData = world.isDirectory(path + "/logs")
    return !isData && world.isDirectory(path + "/data/logs") ? path + "/data" : path
  }

  /// Where the head lock of the node of that data directory may lie, likeliest first: where it was
  /// said, where the node of this user keeps it, or in or beside a data directory that was named.
  func stateDirectories() throws(Failure) -> [String] {
    if let path = invocation.text("state") {
      guard !path.isEmpty else {
        throw .usage(UsageMistake("option \"--state\" is empty", hints: []))
      }
      return [path]
    }
    let home = try home()
    let near = [home + "/state", home + "/../state"]
    // The data directory of this user's node may have been named too, as "zuruf inspect" does.
    let own = world.environment.stateHome.map { [$0 + "/zuruf"] } ?? []
    return invocation.text("home") == nil ? own + near : near + own
  }

  /// Prints text of this program; strangers' words in it were escaped before.
  func print(_ text: String) { add(Array(text.utf8)) }

  /// Prints one line for a program.
  func print(_ value: JSON) { add(value.line()) }

  private func add(_ bytes: [UInt8]) {
    guard !isClosed else { return }
    waiting += bytes
    if waiting.count >= Self.blockSize { flush() }
  }

  /// Lets everything printed so far go out.
  func flush() {
    guard !isClosed, !waiting.isEmpty else { return }
    isClosed = !world.write(waiting)
    waiting.removeAll(keepingCapacity: true)
  }

  /// Says something beside the result.
  func note(_ sentence: String) {
    world.complain(Voice(program: InspectProgram.name).warning(sentence))
  }
}
