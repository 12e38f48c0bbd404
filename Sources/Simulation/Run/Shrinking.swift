/// Makes a plan that fails smaller, as long as it fails in the same way.
package struct Shrinking {
  package private(set) var plan: Plan
  package private(set) var faults: [String]
  private let seed: UInt64
  /// How many more runs it may take.
  private var runs: Int

  /// `runs`: how many runs to try at most.
  package init(seed: UInt64, plan: Plan, faults: [String], runs: Int) {
    (self.seed, self.plan, self.faults, self.runs) = (seed, plan, faults, runs)
  }

  /// Takes away what is not needed, the greatest parts first.
  package mutating func run() {
    var isSmaller = true
    while isSmaller, runs > 0 {
      isSmaller = false
      for step in Self.steps(from: plan) where runs > 0 {
        guard let smaller = step(plan), smaller.words != plan.words else { continue }
        runs -= 1
        let run = OfficeRun(seed: seed, plan: smaller, keepsTrace: false)
        run.run()
        guard let first = run.world.faults.first, Self.shape(first) == shape else { continue }
        (plan, faults, isSmaller) = (smaller, run.world.faults, true)
      }
    }
  }

  private var shape: String { Self.shape(faults.first ?? "") }

  /// What of a fault is the same for another message at another host.
  static func shape(_ fault: String) -> String {
    var isQuoted = false
    var shape = ""
    for character in fault {
      if character == "\"" { isQuoted.toggle() }
      if !isQuoted, !character.isNumber { shape.append(character) }
    }
    // Which of the entries and groups it was does not matter.
    return String(shape.prefix(40))
  }

  private static func steps(from plan: Plan) -> [(Plan) -> Plan?] {
    func changing(_ change: @escaping (inout Plan) -> Void) -> (Plan) -> Plan? {
      { plan in
        var smaller = plan
        change(&smaller)
        return smaller
      }
    }
    var steps: [(Plan) -> Plan?] = [
      changing { $0.minutes = max(1, $0.minutes / 2) },
      changing { $0.slowNetwork = false },
      changing { $0.segments = 1 },
      changing { $0.bringsDevices = false },
    ]
    for mishap in Mishap.allCases where plan.rates[mishap] != nil {
      steps.append(changing { $0.rates[mishap] = nil })
    }
    steps += [
      changing { $0.keepers = 0 },
      changing {
        $0.hosts = max(3, $0.hosts - 1)
        $0.keepers = min($0.keepers, $0.hosts - 2)
      },
      changing { $0.minutes = max(1, $0.minutes - 1) },
    ]
    return steps
  }
}
