import Format
import Testing

@testable import Storage

/// CRC-32C against a table-free definition and the test cases of RFC 3720, B.4.
struct Crc32cTests {
  private func checksum(_ bytes: [UInt8]) -> UInt32 {
    Crc32c.finish(Crc32c.extend(Crc32c.begin, bytes.raw))
  }

  private func slow(_ bytes: [UInt8]) -> UInt32 {
    var register: UInt32 = ~0
    for byte in bytes {
      register ^= UInt32(byte)
      for _ in 0..<8 { register = register & 1 == 0 ? register >> 1 : register >> 1 ^ 0x82f6_3b78 }
    }
    return ~register
  }

  @Test func `no bytes at all change nothing`() {
    let both = (Crc32c.extend(7, RawSpan()), Crc32c.extendByTable(7, RawSpan()))
    #expect(both == (7, 7))
  }

  @Test func `the published cases come out`() {
    #expect(checksum(Array("123456789".utf8)) == 0xe306_9283)
    #expect(checksum([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
    #expect(checksum([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
    #expect(checksum(Array(0..<32)) == 0x46dd_794e)
  }

  @Test func `every length agrees with the definition, in one part and in two`() {
    let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
    for count in 0...100 {
      let part = Array(bytes[..<count])
      #expect(checksum(part) == slow(part))
      #expect(Crc32c.finish(Crc32c.extendByTable(Crc32c.begin, part.raw)) == slow(part))
      let middle = count / 3
      let first = Crc32c.extend(Crc32c.begin, Array(part[..<middle]).raw)
      #expect(Crc32c.finish(Crc32c.extend(first, Array(part[middle...]).raw)) == slow(part))
    }
    let word = Crc32c.extend(Crc32c.begin, word: 0x0102_0304_0506_0708)
    #expect(Crc32c.finish(word) == slow([1, 2, 3, 4, 5, 6, 7, 8]))
  }
}
