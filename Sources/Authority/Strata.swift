import Format

/// Void entries by their index, with the reason; most often empty.
typealias Voids = [Int: VoidReason]

/// The outcome of the passes over one view, strictest rank first.
struct Strata {
  /// Two for each rank, or of a group's log for each level, and the last one.
  static let passCount = 9

  /// The void entries of each pass; the last pass decides.
  var passes: [Voids]
  /// Removals and lowerings whose cuts count, with the stratum in which they were gathered.
  private(set) var gathered: [Int: Int] = [:]
  /// One bit for each stratum in which something was gathered.
  private var strata: UInt8 = 0

  /// No removal in the view: nothing is void.
  init() {
    passes = [Voids](repeating: [:], count: Self.passCount)
  }

  var voids: Voids { passes[passes.count - 1] }

  /// Whether no pass found anything void.
  var hasNoVoids: Bool { passes.allSatisfy(\.isEmpty) }

  mutating func gather(_ index: Int, in pass: Int) {
    gathered[index] = pass
    strata |= 1 << UInt8(pass)
  }

  /// Takes back that a removal was gathered: with what came since it has no right there any more.
  mutating func release(_ index: Int) {
    gathered[index] = nil
    strata = gathered.values.reduce(0) { $0 | 1 << UInt8($1) }
  }

  /// Whether a pass has other cuts than the one before it; without, it finds the same.
  func hasNewCuts(_ pass: Int) -> Bool { pass == 0 || strata & 1 << UInt8(pass - 1) != 0 }

  /// Whether a pass can find another thing than the one before it, which also says who was made an admin
  /// or a manager with effect: it has new cuts, or that one found another thing itself.
  func differs(_ pass: Int) -> Bool {
    pass <= 1 || hasNewCuts(pass) || passes[pass - 1] != passes[pass - 2]
  }

  /// Whether a removal's cuts count in this pass.
  func isGathered(_ index: Int, before pass: Int) -> Bool {
    gathered[index].map { $0 < pass } ?? false
  }
}
