package import Platform

/// Runs a node until it is told to stop; returns the exit status.
package func runDaemon(_ configuration: Configuration, _ environment: Environment) -> Int32 {
  ProcessLimits.ignoreBrokenPipes()
  _ = try? ProcessLimits.raiseOpenFiles()
  try? ProcessLimits.forbidCoreDumps()
  do throws(Fatal) {
    try NodeLoop(configuration, environment).run()
    return 0
  } catch {
    log(.error, error.text)
    if let hint = error.hint { log(.error, "hint: \(hint)") }
    return error.cause.rawValue
  }
}
