// simulate: runs seeds of the simulated world.
//
// usage: simulate SEED          one run, with its trace
//        simulate --seeds A-B   runs without a trace; closes with "N passed, N failed"
//        simulate --hash SEED   prints the hash of the run's trace

import Glibc
import Platform
import Simulation

func print(line: String) { _ = StandardStream.output.write(line + "\n") }

func refuse(_ text: String) -> Never {
  _ = StandardStream.error.write("simulate: error: \(text)\n")
  exit(2)
}

/// Runs one seed and says what was wrong.
func passes(_ seed: UInt64, showing isShown: Bool) -> Bool {
  let run = OfficeRun(seed: seed, keepsTrace: isShown)
  run.run()
  if isShown {
    print(line: "seed \(seed): \(run.plan.description)")
    for line in run.world.trace.lines { print(line: line) }
  }
  for fault in run.world.faults { print(line: "seed \(seed) failed: \(fault)") }
  return run.world.faults.isEmpty
}

let words = Array(CommandLine.arguments.dropFirst())
switch (words.first, words.count) {
case ("--seeds"?, 2):
  let ends = words[1].split(separator: "-").compactMap { UInt64($0) }
  guard let first = ends.first, let last = ends.last, first <= last else {
    refuse("--seeds takes FROM-TO")
  }
  var (passed, failed) = (0, 0)
  for seed in first...last {
    if passes(seed, showing: false) { passed += 1 } else { failed += 1 }
  }
  print(line: "\(passed) passed, \(failed) failed")
  exit(failed == 0 ? 0 : 1)
case ("--hash"?, 2):
  guard let seed = UInt64(words[1]) else { refuse("--hash takes a seed") }
  let run = OfficeRun(seed: seed, keepsTrace: false)
  run.run()
  print(line: String(run.world.trace.hash, radix: 16))
case (let word?, 1):
  guard let seed = UInt64(word) else { refuse("\"\(word)\" is no seed") }
  exit(passes(seed, showing: true) ? 0 : 1)
default: refuse("a seed, or --seeds FROM-TO")
}
