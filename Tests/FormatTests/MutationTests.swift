import Format
import TestSupport
import Testing

/// Drawn bytes: a codec refuses them, or yields exactly them again; it never traps. Every truncation
/// and flipped bit of every vector is ConformanceTests' to try.
@Suite struct MutationTests {
  /// What a codec makes of bytes: the bytes it encodes again, or nil where it passes over some.
  typealias Codec = @Sendable ([UInt8]) throws(DecodeError) -> [UInt8]?

  static let codecs: [String: Codec] = [
    "header": { bytes throws(DecodeError) in try EntryHeader(decoding: bytes).encode() },
    "operation": { bytes throws(DecodeError) in
      let operation = try Operation(decoding: bytes)
      if case .unknown = operation { return nil }
      return operation.encode()
    },
    "founding": { bytes throws(DecodeError) in
      let device = bytes.count >= 48 ? Bytes32(Array(bytes[16..<48])) : nil
      return try OfficeGenesis(decoding: bytes, device: DeviceKey(device ?? Bytes32())).encode()
    },
    "epoch": { bytes throws(DecodeError) in try EpochBody(decoding: bytes).encode() },
    "greeting": { bytes throws(DecodeError) in try Greeting(decoding: bytes).encode() },
    "preface": { bytes throws(DecodeError) in try Preface(decoding: bytes).bytes },
    "padded": { bytes throws(DecodeError) in Padding.pad(try Padding.unpad(bytes)) ?? [] },
    "message": { bytes throws(DecodeError) in try Self.message(bytes) },
    "content": { bytes throws(DecodeError) in
      // Ignored tags are not kept, so what is asked is that the meaning comes again.
      let content = try Content(decoding: bytes)
      if case .unknown = content { return nil }
      #expect(try Content(decoding: content.encode()) == content)
      return nil
    },
  ]

  /// A whole message as a link reads it.
  static func message(_ bytes: [UInt8]) throws(DecodeError) -> [UInt8]? {
    var reader = Reader(bytes, .r1)
    let (kind, length) = (try reader.u8(), try reader.u32())
    guard length <= UInt32(Limits.messageBytesMax), Int(length) == reader.remaining else {
      throw .broken(.r1)
    }
    return try Message.decode(kind: kind, Array(bytes[Message.headSize...]))?.encode()
  }

  static func accepted(_ form: String) -> [Vector] {
    Vector.of(form).filter { $0.expect == .ok }
  }

  static func check(_ bytes: [UInt8], _ codec: Codec, _ vector: Vector) {
    do {
      guard let encoded = try codec(bytes) else { return }
      if encoded != bytes {
        Issue.record("\(vector.path): spoilt bytes were taken and encode to others: \(bytes.hex)")
      }
    } catch {
      // Refused, under whichever rule the flip happened to break.
    }
  }

  @Test(arguments: codecs.keys.sorted())
  func `seeded bytes of any length never trap`(form: String) throws {
    let codec = try #require(Self.codecs[form])
    var generator = SeededGenerator(seed: 3)
    let vectors = Self.accepted(form)
    for round in 0..<2_000 {
      var bytes = generator.bytes(generator.number(0...400))
      if let vector = vectors.randomElement(using: &generator), round.isMultiple(of: 2) {
        // Half begin well, so that what follows is reached.
        bytes = vector.bytes.prefix(generator.number(0...min(300, vector.bytes.count))) + bytes
      }
      if let vector = vectors.first { Self.check(bytes, codec, vector) }
    }
  }

  @Test func `a header of every length but its own is refused`() throws {
    for vector in Self.accepted("header") {
      for more in 1...40 {
        let longer = vector.bytes + [UInt8](repeating: 0, count: more)
        #expect(throws: DecodeError.broken(.e3)) { try EntryHeader(decoding: longer) }
      }
    }
  }
}
