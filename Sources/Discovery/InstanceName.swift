package import Platform

/// The name a node is announced under until it restarts: 16 lower-case hexadecimal digits.
///
/// It is random, so it tells nothing about who or where; an instance with a name of any other form
/// is not a node and is ignored, which keeps strangers' text out of every log and screen.
package struct InstanceName: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The number whose digits the name is.
  private let number: UInt64

  /// A fresh name.
  package init(from entropy: any Entropy) {
    number = entropy.bytes(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// A name somebody announced, or nil if it has not the form of one.
  package init?(bytes: [UInt8]) {
    guard bytes.count == 16 else { return nil }
    var number: UInt64 = 0
    for byte in bytes {
      guard let digit = Hexadecimal.value(ofLowerCase: byte) else { return nil }
      number = number << 4 | UInt64(digit)
    }
    self.number = number
  }

  /// Orders by number, which is the order of the texts.
  package static func < (left: InstanceName, right: InstanceName) -> Bool {
    left.number < right.number
  }

  package var description: String {
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) }
    return Hexadecimal.text(of: bytes)
  }
}
