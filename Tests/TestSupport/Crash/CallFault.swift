package import Platform

/// A call of a disk that fails.
package struct CallFault: Sendable, CustomStringConvertible {
  /// What a failing call has done all the same.
  package enum Effect: CaseIterable, Sendable {
    case nothing, all
    /// Of a write its first half; of anything else nothing.
    case half
  }

  package let operation: DiskError.Operation
  /// Which call of this kind it is, from 0, counted from when the fault was set.
  package let at: Int
  package let effect: Effect
  package let error: SystemError
  /// Whether all later calls of this kind fail, too.
  package let isLasting: Bool

  package init(
    _ operation: DiskError.Operation, at: Int, _ effect: Effect = .nothing,
    _ error: SystemError = .inputOutput, isLasting: Bool = false
  ) {
    (self.operation, self.at, self.effect) = (operation, at, effect)
    (self.error, self.isLasting) = (error, isLasting)
  }

  /// Every kind of call that a disk has.
  package static let operations: [DiskError.Operation] = [
    .open, .create, .read, .write, .flush, .truncate, .reserve, .rename, .remove, .list, .examine,
    .createDirectory, .flushDirectory, .measureSpace,
  ]

  /// What else than nothing a call of some kind can have done that failed.
  package static func effects(of operation: DiskError.Operation) -> [Effect] {
    switch operation {
    case .write: [.nothing, .half, .all]
    case .create, .truncate, .rename, .remove, .createDirectory: [.nothing, .all]
    // What a flush that failed has done is for the image to say.
    default: [.nothing]
    }
  }

  package var description: String {
    "\(operation.rawValue) \(at)\(isLasting ? " and all after it" : ""), \(effect) done: \(error)"
  }
}
