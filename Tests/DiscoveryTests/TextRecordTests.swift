import Testing

@testable import Discovery

struct TextRecordTests {
  @Test func `what is announced is read back`() throws {
    let announced = announcement(7)
    let read = try TextRecord(decoding: record(announced.record.strings))
    #expect(Announcement(read) == announced)
  }

  @Test func `the record of a node is these bytes`() {
    let strings = announcement(0xab).record.strings.map { String(decoding: $0, as: UTF8.self) }
    #expect(strings == ["v=1", "h=0102030405060708abababababababab"])
  }

  @Test func `an empty record has no pairs`() throws {
    #expect(try TextRecord(decoding: []).pairs.isEmpty)
    #expect(try TextRecord(decoding: [0]).pairs.isEmpty)
  }

  @Test(arguments: [[1], [5, 0x61], [3, 0x61, 0x3d, 0x62, 255]] as [[UInt8]])
  func `a length that points past the end is refused`(bytes: [UInt8]) {
    #expect(throws: TextRecord.Refusal.cutShort) { try TextRecord(decoding: bytes) }
  }

  @Test func `too many bytes are refused`() throws {
    let limit = DiscoveryLimits.textBytesMax
    let most = record([[UInt8]](repeating: [UInt8](repeating: 0x61, count: 129), count: 10))
    #expect(most.count == limit)
    #expect(try TextRecord(decoding: most).pairs.count == 1)
    #expect(throws: TextRecord.Refusal.tooManyBytes(limit + 1)) {
      try TextRecord(decoding: most + [0])
    }
  }

  @Test func `too many strings are refused, empty ones too`() throws {
    let most = [UInt8](repeating: 0, count: DiscoveryLimits.textPairsMax)
    #expect(try TextRecord(decoding: most).pairs.isEmpty)
    #expect(throws: TextRecord.Refusal.tooManyStrings) { try TextRecord(decoding: most + [0]) }
  }

  @Test func `a string without a key is ignored`() throws {
    let bytes = record([[0x3d], Array("=v".utf8), Array("v=1".utf8), [0, 0x3d, 0x31], [0xff]])
    #expect(try TextRecord(decoding: bytes).pairs == [TextRecord.Pair("v", "1")])
  }

  @Test func `the first of equal keys counts, whatever their case`() throws {
    let bytes = record([Array("V=1".utf8), Array("v=2".utf8), Array("flag".utf8)])
    let read = try TextRecord(decoding: bytes)
    #expect(read.value(of: "v") == [0x31])
    #expect(read.pairs.count == 2)
    #expect(read.value(of: "flag") == nil)
  }

  @Test func `a value may hold any byte, NUL and equals signs too`() throws {
    let read = try TextRecord(decoding: record([[0x61, 0x3d, 0x00, 0x3d, 0xff]]))
    #expect(read.value(of: "a") == [0x00, 0x3d, 0xff])
  }

  @Test func `no bytes at all make it trap`() {
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15
    for _ in 0..<20_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      var bytes: [UInt8] = []
      for step in 0..<Int(state >> 58) {
        bytes.append(UInt8(truncatingIfNeeded: (state >> 20) &* UInt64(step + 3) >> 7))
      }
      guard let read = try? TextRecord(decoding: bytes) else { continue }
      _ = Announcement(read)
      #expect(read.pairs.count <= DiscoveryLimits.textPairsMax)
    }
  }

  @Test(
    arguments: [
      ["v=2", "h=0102030405060708abababababababab"], ["h=0102030405060708abababababababab"],
      ["v=1"], ["v=1", "h"], ["v=1", "h="], ["v=1", "h=0102030405060708ababababababab"],
      ["v=1", "h=0102030405060708abababababababab00"],
      ["v=1", "h=0102030405060708ABABABABABABABAB"],
      ["v=1", "h=0102030405060708ababababababab\u{0}b"],
      ["v=01", "h=0102030405060708abababababababab"],
    ])
  func `an announcement of another form or version is none`(strings: [String]) throws {
    let read = try TextRecord(decoding: record(strings.map { Array($0.utf8) }))
    #expect(Announcement(read) == nil)
  }

  @Test func `an announcement may say more than we understand`() throws {
    let strings = announcement(1).record.strings + [Array("x=later".utf8)]
    let read = try TextRecord(decoding: record(strings))
    #expect(Announcement(read) == announcement(1))
  }
}
