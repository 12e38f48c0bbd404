/// Links that were asked for a sign of life because a newer one to the same device came up.
package struct DoubtedLinks {
  /// What the older link's answer would mean.
  package enum Doubt: Hashable, Sendable {
    /// The newer one greets with another boot nonce: the device was copied (H-9).
    case isCopied
    /// The newer one is not needed (H-7).
    case isNeeded
  }

  private var doubts: [LinkID: (newer: LinkID, doubt: Doubt)] = [:]

  package init() {}

  /// An older link is asked; a later question about it takes the place of an earlier one, unless
  /// that one was whether there are two computers.
  package mutating func ask(_ older: LinkID, _ newer: LinkID, _ doubt: Doubt) {
    if doubt == .isNeeded, doubts[older]?.doubt == .isCopied { return }
    doubts[older] = (newer, doubt)
  }

  /// A link answered: which newer one is to be judged by it, if any was waited for.
  package mutating func answered(_ older: LinkID) -> (newer: LinkID, doubt: Doubt)? {
    doubts.removeValue(forKey: older)
  }

  /// A link is down: nothing is waited for from it, and nothing was about it.
  package mutating func down(_ link: LinkID) {
    doubts[link] = nil
    doubts = doubts.filter { $0.value.newer != link }
  }
}
