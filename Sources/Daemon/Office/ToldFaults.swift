import Storage

/// Of which faults the log says already why nothing can be stored: of each once, and not with each thing
/// that others bring, until the disk is written again.
struct ToldFaults {
  /// A fault, whatever it was met by.
  private enum Kind: Hashable {
    /// What the store refused, which is written all the same.
    case refused
    /// Own entries may still be written.
    case fullForOthers
    case full, exhausted, unmeasured, readOnly, failed
  }

  private var told: Set<Kind> = []

  /// Whether the log says nothing yet of what a store's state is; it does from now on.
  mutating func isNew(_ state: StoreState) -> Bool { told.insert(Self.kind(of: state)).inserted }

  /// The disk is written again: what keeps it from that then is new.
  mutating func forget() { told = [] }

  private static func kind(of state: StoreState) -> Kind {
    switch state {
    case .writing: .refused
    case .full: state.takesOwn ? .fullForOthers : .full
    case .exhausted: .exhausted
    case .unmeasured: .unmeasured
    case .readOnly: .readOnly
    case .failed: .failed
    }
  }
}
