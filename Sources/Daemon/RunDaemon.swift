package import Platform

/// What runs beside a node in the same process, on threads of its own.
package struct Companion {
  /// Ends it, and waits until it has.
  let stop: () -> Void

  /// Something that runs already.
  package init(stop: @escaping () -> Void) { self.stop = stop }
}

/// Runs a node until it is told to stop; returns the exit status.
///
/// What is to run beside it is told the path of the node's socket, which is open by then, and is
/// answered there as soon as the node serves.
package func runDaemon(
  _ configuration: Configuration, _ environment: Environment,
  beside start: ((String) throws(Fatal) -> Companion)?
) -> Int32 {
  ProcessLimits.ignoreBrokenPipes()
  _ = try? ProcessLimits.raiseOpenFiles()
  try? ProcessLimits.forbidCoreDumps()
  do throws(Fatal) {
    let node = try NodeLoop(configuration, environment)
    let companion = try start?(node.socketPath)
    defer { companion?.stop() }
    try node.run()
    return 0
  } catch {
    log(.error, error.text)
    if let hint = error.hint { log(.error, "hint: \(hint)") }
    return error.cause.rawValue
  }
}
