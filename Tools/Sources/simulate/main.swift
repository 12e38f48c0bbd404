// simulate: runs seeds of the simulated world. Tools/simulate calls it, on each core once.
//
// usage: simulate SEED [NAME=NUMBER...]     one run, with its trace; the words change its plan
//        simulate --seeds A-B [--part K/N] [NAME=...]
//                                           runs without a trace; closes with "N passed, N failed"
//        simulate --shrink SEED [NAME=...]  makes the plan of a seed that fails smaller
//        simulate --hash A-B [NAME=...]     prints each seed with the sum of its trace
//        simulate --faults SEED [NAME=...]  says only what was wrong

import Glibc
import Platform
import Simulation

func print(line: String) { _ = StandardStream.output.write(line + "\n") }

func refuse(_ text: String) -> Never {
  _ = StandardStream.error.write("simulate: error: \(text)\n")
  exit(2)
}

func seed(_ word: String) -> UInt64 {
  guard let seed = UInt64(word) else { refuse("\"\(word)\" is no seed") }
  return seed
}

/// The plan of a seed, changed by words of the command line.
func plan(_ seed: UInt64, _ words: some Sequence<String>) -> Plan {
  var plan = Plan(seed: seed)
  for word in words where !plan.change(word) { refuse("\"\(word)\" changes no plan") }
  return plan
}

/// What runs add up.
struct Sums {
  var compared: [(what: String, count: Int)] = []
  /// Acknowledged messages that a removal may have cut off, and all.
  var (letGo, all) = (0, 0)
}

/// Runs one seed and says what was wrong; adds up what was compared.
func faults(_ seed: UInt64, _ plan: Plan, _ sums: inout Sums) -> [String] {
  let run = OfficeRun(seed: seed, plan: plan, keepsTrace: false)
  run.run()
  let before = sums.compared
  sums.compared = run.compared
  for (index, sum) in before.enumerated() { sums.compared[index].count += sum.count }
  sums.letGo += run.letGoOfAll.letGo
  sums.all += run.letGoOfAll.all
  for fault in run.world.faults { print(line: "seed \(seed) failed: \(fault)") }
  return run.world.faults
}

/// Runs one seed and tells all of it; whether nothing was wrong.
func show(_ seed: UInt64, _ plan: Plan) -> Bool {
  let run = OfficeRun(seed: seed, plan: plan, keepsTrace: false)
  let lines = ["seed \(seed): \(plan.description)"] + Trace.legend
  _ = StandardStream.output.write(lines.joined(separator: "\n"))
  // As it happens: what came before it is shown of a run that ends the process, too.
  run.world.tellTrace { _ = StandardStream.output.write($0) }
  run.run()
  print(line: "")
  for line in run.closing { print(line: "     =====  " + line) }
  for fault in run.world.faults { print(line: "seed \(seed) failed: \(fault)") }
  return run.world.faults.isEmpty
}

/// The part of a range of seeds that is this process's.
func seeds(_ range: String, _ part: String?) -> [UInt64] {
  let ends = range.split(separator: "-").compactMap { UInt64($0) }
  guard ends.count == 2, ends[0] <= ends[1] else { refuse("--seeds takes FROM-TO") }
  let share = (part ?? "0/1").split(separator: "/").compactMap { UInt64($0) }
  guard share.count == 2, share[0] < share[1] else { refuse("--part takes K/N") }
  return (ends[0]...ends[1]).filter { $0 % share[1] == share[0] }
}

let words = Array(CommandLine.arguments.dropFirst())
switch words.first {
case "--seeds"? where words.count > 1:
  let part = words.count > 3 && words[2] == "--part" ? words[3] : nil
  let changes = words.dropFirst(part == nil ? 2 : 4)
  var (passed, failed) = (0, 0)
  var sums = Sums()
  for seed in seeds(words[1], part) {
    // Where a run ends the process, the last of these lines names it.
    if part != nil { print(line: "begin \(seed)") }
    if faults(seed, plan(seed, changes), &sums).isEmpty { passed += 1 } else { failed += 1 }
  }
  print(line: "let go \(sums.letGo) of \(sums.all)")
  print(line: "compared " + sums.compared.map { "\($0.count) \($0.what)" }.joined(separator: ", "))
  print(line: "\(passed) passed, \(failed) failed")
  exit(failed == 0 ? 0 : 1)
case "--faults"? where words.count > 1:
  let number = seed(words[1])
  var sums = Sums()
  exit(faults(number, plan(number, words.dropFirst(2)), &sums).isEmpty ? 0 : 1)
case "--shrink"? where words.count > 1:
  let number = seed(words[1])
  let first = plan(number, words.dropFirst(2))
  let wrong = faultsApart(number, first)
  for fault in wrong { print(line: "seed \(number) failed: \(fault)") }
  if wrong.isEmpty { refuse("seed \(number) does not fail") }
  var shrinking = Shrinking(plan: first, faults: wrong, runs: 80) { faultsApart(number, $0) }
  shrinking.run()
  let changes = shrinking.plan.words(from: Plan(seed: number))
  print(line: changes.isEmpty ? "\(number)" : "\(number) \(changes)")
  exit(1)
case "--hash"? where words.count > 1:
  for seed in seeds(words[1], nil) {
    let run = OfficeRun(seed: seed, plan: plan(seed, words.dropFirst(2)), keepsTrace: false)
    run.run()
    print(line: "\(seed) " + String(run.world.trace.hash, radix: 16))
  }
case let word? where !word.hasPrefix("-"):
  let number = seed(word)
  exit(show(number, plan(number, words.dropFirst())) ? 0 : 1)
default: refuse("SEED [NAME=NUMBER...], --seeds FROM-TO, --shrink SEED or --hash FROM-TO")
}
