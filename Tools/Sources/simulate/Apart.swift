// Runs in processes of their own: one that ends its process has found something, and others go on.

import Foundation
import Simulation

/// Runs one seed in another process and gives what was wrong, which may be that the process ended.
func faultsApart(_ seed: UInt64, _ plan: Plan) -> [String] {
  let (process, pipe) = (Process(), Pipe())
  process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
  let changes = plan.words.split(separator: " ").map(String.init)
  process.arguments = ["--faults", "\(seed)"] + changes
  // Nobody reads where it ended, which takes as long as many a run.
  process.environment = ProcessInfo.processInfo.environment
    .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
  (process.standardOutput, process.standardError) = (pipe, pipe)
  do { try process.run() } catch { refuse("another process does not start: \(error)") }
  let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  let lines = said.split(separator: "\n").map(String.init)
  let before = "seed \(seed) failed: "
  let faults = lines.filter { $0.hasPrefix(before) }.map { String($0.dropFirst(before.count)) }
  if process.terminationReason == .exit, [0, 1].contains(process.terminationStatus) {
    return faults
  }
  let reason = lines.first { $0.contains("Fatal error") } ?? "with \(process.terminationStatus)"
  return [Shrinking.ending + reason]
}
