import Daemon
import Platform

/// Stands in for the daemon's own function of this name; goes when that one is there.
func runDaemon(_ settings: Configuration, _ environment: Environment) -> Int32 {
  _ = StandardStream.error.write("zurufd: error: this build has no daemon in it yet\n")
  return 70
}
