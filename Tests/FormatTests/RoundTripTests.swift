import Format
import TestSupport
import Testing

/// Values drawn from seeds: what is encoded decodes to the same value.
@Suite struct RoundTripTests {
  static let cases = 1_000

  @Test func `headers come back from their bytes`() throws {
    var draw = Drawing(seed: 11)
    for index in 0..<Self.cases {
      let header = draw.header()
      let bytes = header.encode()
      #expect(bytes.count == header.size)
      #expect(try EntryHeader(decoding: bytes) == header, "case \(index)")
    }
  }

  @Test func `operations come back from their bytes`() throws {
    var draw = Drawing(seed: 12)
    for index in 0..<Self.cases {
      let operation = draw.operation()
      #expect(try Operation(decoding: operation.encode()) == operation, "case \(index)")
    }
  }

  @Test func `messages come back from their bytes`() throws {
    var draw = Drawing(seed: 13)
    for index in 0..<Self.cases {
      let message = draw.message()
      let bytes = message.encode()
      #expect(bytes.count >= Message.headSize)
      let content = Array(bytes[Message.headSize...])
      #expect(try Message.decode(kind: message.kind, content) == message, "case \(index)")
    }
  }

  @Test func `content comes back from its bytes, and from its padding`() throws {
    var draw = Drawing(seed: 14)
    for index in 0..<Self.cases {
      let content = draw.content()
      #expect(try Content(decoding: content.encode()) == content, "case \(index)")
      let padded = try #require(Padding.pad(content.encode()))
      #expect(Padding.isBodySize(padded.count + Padding.overhead))
      #expect(try Padding.unpad(padded) == content.encode())
    }
  }

  @Test func `every length is padded to the least size, up to the largest`() throws {
    for count in Array(0...1_100) + Array(2_040...2_060) + Array(65_480...65_494) {
      let padded = try #require(Padding.pad([UInt8](repeating: 1, count: count)))
      let least = Padding.sizes.first { $0 >= count + 2 }
      #expect(padded.count == least)
    }
    #expect(Padding.pad([UInt8](repeating: 1, count: 65_495)) == nil)
    #expect(Padding.sizes.last == Limits.paddedBytesMax)
  }

  @Test func `an ext of every length up to the largest is taken, one byte more is not`() throws {
    var draw = Drawing(seed: 15)
    for count in 0...Limits.extBytesMax + 1 where count != 1 {
      var header = draw.header(kind: .message)
      header.ext = Drawing.ext(filling: count)
      let bytes = header.encode()
      if count <= Limits.extBytesMax {
        #expect(try EntryHeader(decoding: bytes) == header)
      } else {
        #expect(throws: DecodeError.broken(.e7)) { try EntryHeader(decoding: bytes) }
      }
    }
  }

  @Test func `content keeps its limits to the byte`() throws {
    let request = RequestID(Bytes16())
    for (count, isTaken) in [(0, false), (1, true), (60_000, true), (60_001, false)] {
      let bytes = Content.text(request, [UInt8](repeating: 0x78, count: count)).encode()
      #expect(((try? Content(decoding: bytes)) != nil) == isTaken, "\(count)")
    }
    for (count, isTaken) in [(0, true), (1_024, true), (1_025, false)] {
      let purpose = [UInt8](repeating: 0x78, count: count)
      let bytes = Content.title(request, title: try Name("x"), purpose: purpose).encode()
      #expect(((try? Content(decoding: bytes)) != nil) == isTaken, "\(count)")
    }
  }
}
