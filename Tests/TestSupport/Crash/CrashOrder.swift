internal import Foundation

/// How many crash images are looked at and which, as the environment says.
package struct CrashOrder: Sendable {
  package let seed: UInt64
  /// Whether every call that a node makes is to fail once, and not a share of them.
  package let isEveryCall: Bool
  private let count: Int
  /// This one alone.
  private let only: Int?
  /// Images of this alone; nil for all there are.
  private let layer: String?

  /// So many images, unless the environment names another number.
  package init(images: Int) {
    let environment = ProcessInfo.processInfo.environment
    seed = environment["ZURUF_CRASH_SEED"].flatMap { UInt64($0) } ?? 1
    count = environment["ZURUF_CRASH_IMAGES"].flatMap { Int($0) } ?? images
    only = environment["ZURUF_CRASH_IMAGE"].flatMap { Int($0) }
    layer = environment["ZURUF_CRASH_LAYER"]
    isEveryCall = environment["ZURUF_CRASH_CALLS"] == "all"
  }

  /// The numbers of one of several shares of a layer's images, which are one in so many of all.
  package func numbers(
    _ layer: String, _ share: Int, of shares: Int, portion: Int = 1
  ) -> Range<Int> {
    if let wanted = self.layer, wanted != layer { return 0..<0 }
    if let only { return share == 0 ? only..<only + 1 : 0..<0 }
    let count = count / portion
    return count * share / shares..<count * (share + 1) / shares
  }

  /// The line that looks at an image once more.
  package func again(_ image: Int, of layer: String) -> String {
    "Tools/crash --layer \(layer) --seed \(seed) --image \(image)"
  }
}
