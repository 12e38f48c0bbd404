/// The name of a link within one run of the node; never given twice.
package struct LinkID: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let number: UInt64

  /// Made by the link set, counting up; by tests as they like.
  package init(_ number: UInt64) { self.number = number }

  /// Whether the left link is the older one.
  package static func < (left: LinkID, right: LinkID) -> Bool { left.number < right.number }

  package var description: String { "link \(number)" }
}
