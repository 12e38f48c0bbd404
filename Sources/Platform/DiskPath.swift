/// A place under a disk's root directory, as the names on the way to it.
package struct DiskPath: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The names from the root down; empty for the root itself.
  package let names: [FileName]

  /// The root directory of the disk.
  package static let root = DiskPath(names: [])

  /// A place from the names that lead to it.
  package init(names: [FileName]) { self.names = names }

  /// A place directly under this one.
  package func appending(_ name: FileName) -> DiskPath { DiskPath(names: names + [name]) }

  /// The directory this place is in; the root is in itself.
  package var parent: DiskPath { DiskPath(names: Array(names.dropLast())) }

  /// Orders name by name: a directory before what is in it.
  package static func < (left: DiskPath, right: DiskPath) -> Bool {
    left.names.lexicographicallyPrecedes(right.names)
  }

  package var description: String {
    names.isEmpty ? "." : names.map(\.text).joined(separator: "/")
  }
}
