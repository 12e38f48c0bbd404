/// One name in a directory: never empty, never `.` or `..`, without `/` and NUL.
///
/// A name is made of literals, numbers and hexadecimal, or comes from listing a directory. There
/// is deliberately no initialiser from a `String`: no name on disk is built from peers' text.
package struct FileName: Hashable, Comparable, Sendable, ExpressibleByStringLiteral {
  /// The bytes as the kernel sees them, without a terminator.
  package let bytes: [UInt8]

  package init(stringLiteral literal: StaticString) {
    self.init(owned: Array(literal.description.utf8))
  }

  /// A name the kernel itself gave, or one whose parts are known to be harmless.
  init(owned bytes: [UInt8]) {
    precondition(FileName.isUsable(bytes), "a file name has a forbidden form")
    self.bytes = bytes
  }

  /// A lower-case hexadecimal name.
  package static func hex(_ bytes: some Sequence<UInt8>) -> FileName {
    var digits: [UInt8] = []
    for byte in bytes {
      digits.append(hexDigits[Int(byte >> 4)])
      digits.append(hexDigits[Int(byte & 15)])
    }
    return FileName(owned: digits)
  }

  /// A decimal name with leading zeros, so that the order of names is the order of numbers.
  package static func number(_ number: UInt64, digits: Int) -> FileName {
    let text = Array(String(number).utf8)
    let zeros = [UInt8](repeating: 0x30, count: max(0, digits - text.count))
    return FileName(owned: zeros + text)
  }

  /// Puts two parts together; what comes out must be a name again.
  package static func + (left: FileName, right: FileName) -> FileName {
    FileName(owned: left.bytes + right.bytes)
  }

  /// Orders by bytes, not by any alphabet.
  package static func < (left: FileName, right: FileName) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }

  /// The name as text, for messages; bytes that are no UTF-8 are replaced.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// What stands between a prefix and a suffix, or nil where the name has another form.
  package func middle(after prefix: StaticString, before suffix: StaticString) -> ArraySlice<UInt8>?
  {
    let first = Array(prefix.description.utf8)
    let last = Array(suffix.description.utf8)
    guard bytes.count >= first.count + last.count, bytes.starts(with: first),
      bytes.suffix(last.count).elementsEqual(last)
    else { return nil }
    return bytes[first.count..<(bytes.count - last.count)]
  }

  /// The number in a name like `segment-00000007.log`, or nil where the name has another form.
  package func number(after prefix: StaticString, before suffix: StaticString) -> UInt64? {
    guard let digits = middle(after: prefix, before: suffix), !digits.isEmpty,
      digits.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return UInt64(String(decoding: digits, as: UTF8.self))
  }

  /// The bytes a lower-case hexadecimal part of the name stands for, or nil in another form.
  package func hexBytes(after prefix: StaticString, before suffix: StaticString) -> [UInt8]? {
    guard let digits = middle(after: prefix, before: suffix), digits.count % 2 == 0 else {
      return nil
    }
    var result: [UInt8] = []
    var high: UInt8?
    for digit in digits {
      guard let value = hexDigits.firstIndex(of: digit) else { return nil }
      if let half = high {
        result.append(half << 4 | UInt8(value))
        high = nil
      } else {
        high = UInt8(value)
      }
    }
    return result
  }

  /// The form every name has.
  static func isUsable(_ bytes: [UInt8]) -> Bool {
    !bytes.isEmpty && bytes.count <= 255 && bytes != [0x2e] && bytes != [0x2e, 0x2e]
      && !bytes.contains(0) && !bytes.contains(0x2f)
  }
}

private let hexDigits = Array("0123456789abcdef".utf8)
