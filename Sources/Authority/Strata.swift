/// Void entries by their index, with the reason; most often empty.
typealias Voids = [Int: VoidReason]

/// The outcome of the passes over one view, strictest rank first.
struct Strata {
  static let passCount = 5

  /// The void entries of each pass; the last pass decides.
  var passes: [Voids]
  /// Removals and lowerings whose cuts count, with the stratum in which they were gathered.
  var gathered: [Int: Int] = [:]

  /// No removal in the view: nothing is void.
  init() { passes = [Voids](repeating: [:], count: Self.passCount) }

  var voids: Voids { passes[Self.passCount - 1] }

  /// Whether a removal's cuts count in this pass.
  func isGathered(_ index: Int, before pass: Int) -> Bool {
    gathered[index].map { $0 < pass } ?? false
  }
}
