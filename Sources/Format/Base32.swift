/// Lower-case base32 of RFC 4648 without padding: what a person can read out and type.
package enum Base32 {
  private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

  /// The digits as ASCII, eight for five bytes; unused bits of the last one are zero.
  package static func encode(_ bytes: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    var bits: UInt32 = 0
    var held: UInt32 = 0
    for byte in bytes {
      held = held << 8 | UInt32(byte)
      bits += 8
      while bits >= 5 {
        bits -= 5
        out.append(alphabet[Int(held >> bits & 31)])
      }
      held &= (1 << bits) - 1
    }
    if bits > 0 { out.append(alphabet[Int(held << (5 - bits) & 31)]) }
    return out
  }

  /// The bytes the digits stand for; nil where a character is foreign, the length is no whole number
  /// of bytes, or unused bits are not zero (N-1). Upper case is folded.
  package static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
    var out: [UInt8] = []
    var bits: UInt32 = 0
    var held: UInt32 = 0
    for unit in text {
      let value: UInt8
      switch unit {
      case 0x61...0x7a: value = unit - 0x61
      case 0x41...0x5a: value = unit - 0x41
      case 0x32...0x37: value = unit - 0x32 + 26
      default: return nil
      }
      held = held << 5 | UInt32(value)
      bits += 5
      if bits >= 8 {
        bits -= 8
        out.append(UInt8(truncatingIfNeeded: held >> bits))
        held &= (1 << bits) - 1
      }
    }
    return bits < 5 && held == 0 ? out : nil
  }
}
