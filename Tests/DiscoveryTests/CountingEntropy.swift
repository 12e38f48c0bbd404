import Platform
import Synchronization

@testable import Discovery

/// Bytes that are never the same twice and the same in every run.
final class CountingEntropy: Entropy {
  private let next = Mutex<UInt64>(1)

  func fill(_ buffer: inout MutableSpan<UInt8>) {
    let number = next.withLock { value in
      defer { value += 1 }
      return value
    }
    for place in 0..<buffer.count {
      buffer[place] = UInt8(truncatingIfNeeded: number >> (8 * UInt64(place % 8)))
    }
  }
}

/// A place with the name of that number.
func place(_ number: UInt64, interface: Int32 = 2, overIPv6: Bool = false) -> SightingPlace {
  SightingPlace(instance: name(number), interface: interface, overIPv6: overIPv6)
}

/// The name of that number.
func name(_ number: UInt64) -> InstanceName {
  let digits = String(number, radix: 16)
  let text = String(repeating: "0", count: 16 - digits.utf8.count) + digits
  guard let name = InstanceName(bytes: Array(text.utf8)) else {
    preconditionFailure("sixteen digits are a name")
  }
  return name
}

/// An announcement of the office of that number.
func announcement(_ office: UInt8) -> Announcement {
  Announcement(salt: [1, 2, 3, 4, 5, 6, 7, 8], hint: [UInt8](repeating: office, count: 8))
}

/// The bytes of a text record: each string after its length.
func record(_ strings: [[UInt8]]) -> [UInt8] {
  strings.flatMap { [UInt8($0.count)] + $0 }
}
