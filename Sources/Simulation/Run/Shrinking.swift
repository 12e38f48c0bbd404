/// Makes a plan that fails smaller, as long as it fails in the same way.
package struct Shrinking {
  package private(set) var plan: Plan
  /// Runs a plan, and says what was wrong.
  private let attempt: (Plan) -> [String]
  /// What of the first fault stays the same.
  private let shape: String
  /// How many more runs it may take.
  private var runs: Int

  /// What stands before the words of a process that a run ended.
  package static let ending = "the process ended: "

  /// `faults`: what is wrong with `plan`. `runs`: how many runs to try at most.
  package init(plan: Plan, faults: [String], runs: Int, attempt: @escaping (Plan) -> [String]) {
    (self.plan, self.runs, self.attempt) = (plan, runs, attempt)
    shape = Self.shape(faults.first ?? "")
  }

  /// Takes away what is not needed, the greatest parts first.
  package mutating func run() {
    var isSmaller = true
    while isSmaller, runs > 0 {
      isSmaller = false
      for step in Self.steps(from: plan) where runs > 0 {
        var smaller = plan
        step(&smaller)
        guard smaller.words != plan.words else { continue }
        runs -= 1
        guard let first = attempt(smaller).first, Self.shape(first) == shape else { continue }
        (plan, isSmaller) = (smaller, true)
      }
    }
  }

  /// What of a fault is the same for another message at another host.
  static func shape(_ fault: String) -> String {
    // Where a process ended tells more than that it did.
    if fault.hasPrefix(ending) { return fault }
    var isQuoted = false
    var shape = ""
    var rest = Substring(fault)
    while let character = rest.first {
      // Which of the entries, devices and groups it was does not matter: neither a number nor the name of one.
      let name = rest.prefix { $0.isHexDigit }
      if name.count >= 8 {
        rest = rest.dropFirst(name.count)
        continue
      }
      rest = rest.dropFirst()
      if character == "\"" { isQuoted.toggle() }
      if !isQuoted, !character.isNumber { shape.append(character) }
    }
    return String(shape.prefix(40))
  }

  private static func steps(from plan: Plan) -> [(inout Plan) -> Void] {
    var steps: [(inout Plan) -> Void] = [
      { $0.minutes = max(1, $0.minutes / 2) },
      { $0.slowNetwork = false },
      { $0.segments = 1 },
      { $0.bringsDevices = false },
    ]
    steps += Ruse.allCases.filter(plan.ruses.contains).map { ruse in { $0.ruses.remove(ruse) } }
    let kinds = Mishap.allCases.filter { plan.rates[$0] != nil }
    steps += kinds.map { kind in { $0.rates[kind] = nil } }
    // What is needed may be needed but seldom.
    steps += kinds.map { kind in { if $0.rates[kind] != nil { $0.rates[kind] = 1 } } }
    steps += [
      { $0.keepers = 0 },
      {
        $0.hosts = max(3, $0.hosts - 1)
        $0.keepers = min($0.keepers, $0.hosts - 2)
      },
      { $0.minutes = max(1, $0.minutes - 1) },
    ]
    return steps
  }
}
