import Format
import Platform
import Testing

@testable import Transport

@Suite struct FrameTests {
  @Test func `messages of all sizes arrive whole and in order`() throws {
    var pair = try LinkPair.linked()
    let sizes = [
      146, 147, 65_513, 65_514, 65_515, 65_519, 65_520, 131_033, 131_038, Limits.messageBytesMax,
    ]
    var sent: [Message] = []
    for (index, size) in sizes.enumerated() {
      sent.append(try Message.sample(size, UInt8(index)))
      sent.append(.admitAnswer(.tryLater, EntryID(Bytes32())))
    }
    for message in sent { #expect(pair.a.send(message)) }
    pair.settle()
    pair.takeEvents()
    #expect(pair.bEvents.messages == sent)
    #expect(pair.bEvents.ends.isEmpty && pair.aEvents.isEmpty)
  }

  @Test func `small messages of one turn share a frame and a large one fills its frames`() throws {
    let pair = try LinkPair.linked()
    for _ in 0..<10 { #expect(pair.a.send(.admitAnswer(.tryLater, EntryID(Bytes32())))) }
    #expect(pair.a.takeOutput().count == 2 + 10 * (5 + 33) + 16)
    #expect(pair.a.send(try Message.sample(200_000, 1)))
    let output = pair.a.takeOutput()
    #expect(output.count == 200_005 + 4 * 18)
    #expect(load16(output.raw, 0) == 65_535)
  }

  @Test func `a stream cut anywhere never shows more than what came whole`() throws {
    // One frame with two messages, a second frame with one: every prefix of the stream.
    for cut in 0...(2 + 2 * 38 + 16 + 2 + 38 + 16) {
      var pair = try LinkPair.linked()
      let message = Message.admitAnswer(.tryLater, EntryID(Bytes32()))
      #expect(pair.a.send(message) && pair.a.send(message))
      var stream = pair.a.takeOutput()
      let first = stream.count
      #expect(pair.a.send(message))
      stream += pair.a.takeOutput()
      pair.b.received(Array(stream[..<cut]), at: .at(0))
      pair.takeEvents()
      let expected = cut == stream.count ? 3 : cut >= first ? 2 : 0
      #expect(pair.bEvents.messages.count == expected && pair.bEvents.ends.isEmpty)
    }
  }

  @Test func `a stream in pieces of any size is the same stream`() throws {
    for piece in [1, 2, 3, 17, 18, 19, 4_096, 65_536, 65_537, 65_538, 262_144] {
      var pair = try LinkPair.linked()
      let sent = try [Message.sample(150_000, 3), .sample(146, 4), .sample(70_000, 5)]
      for message in sent { #expect(pair.a.send(message)) }
      let stream = pair.a.takeOutput()
      for start in stride(from: 0, to: stream.count, by: piece) {
        pair.b.received(Array(stream[start..<min(start + piece, stream.count)]), at: .at(0))
      }
      pair.takeEvents()
      #expect(pair.bEvents.messages == sent, "in pieces of \(piece)")
    }
  }

  @Test(arguments: 0...15)
  func `a frame too short for its tag breaks the rule before its bytes come`(length: UInt8) throws {
    var pair = try LinkPair.linked()
    pair.b.received([0, length], at: .at(0))
    pair.takeEvents()
    #expect(pair.bEvents.ends == [.violation(.h8)])
  }

  @Test func `a frame of the least length is an empty one`() throws {
    var pair = try LinkPair.linked()
    pair.b.received(try pair.a.sealed([]), at: .at(0))
    pair.takeEvents()
    #expect(pair.bEvents.isEmpty && pair.b.isUp)
  }

  @Test func `every flipped bit of a frame is noticed`() throws {
    let size = 2 + 38 + 16
    for bit in 0..<size * 8 {
      var pair = try LinkPair.linked()
      #expect(pair.a.send(.admitAnswer(.tryLater, EntryID(Bytes32()))))
      var frame = pair.a.takeOutput()
      frame[bit / 8] ^= 1 << UInt8(bit % 8)
      pair.b.received(frame, at: .at(0))
      pair.takeEvents()
      #expect(pair.bEvents.messages.isEmpty)
      // A larger length is not wrong yet: the rest may still come.
      let isLonger = load16(frame.raw, 0) > UInt16(size - 2)
      #expect(pair.bEvents.ends == (isLonger ? [] : [.violation(.h8)]), "bit \(bit)")
    }
  }

  @Test func `a replayed or reordered frame is refused`() throws {
    var pair = try LinkPair.linked()
    let message = Message.admitAnswer(.tryLater, EntryID(Bytes32()))
    #expect(pair.a.send(message))
    let first = pair.a.takeOutput()
    pair.b.received(first, at: .at(0))
    pair.b.received(first, at: .at(0))
    pair.takeEvents()
    #expect(pair.bEvents.messages.count == 1)
    #expect(pair.bEvents.ends == [.violation(.h8)])

    var other = try LinkPair.linked()
    #expect(other.a.send(message))
    _ = other.a.takeOutput()
    #expect(other.a.send(message))
    other.b.received(other.a.takeOutput(), at: .at(0))
    other.takeEvents()
    #expect(other.bEvents.messages.isEmpty && other.bEvents.ends == [.violation(.h8)])
  }

  @Test(arguments: [UInt32(Limits.messageBytesMax) + 1, 1 << 31, .max])
  func `a message longer than allowed is refused by its length alone`(length: UInt32) throws {
    for kind: UInt8 in [4, 77] {
      var pair = try LinkPair.linked()
      pair.b.received(try pair.a.sealed(head(kind, length)), at: .at(0))
      pair.takeEvents()
      #expect(pair.bEvents.ends == [.violation(.r1)])
      #expect(pair.b.hasOutput, "the peer is told")
      pair.settle()
      pair.takeEvents()
      #expect(pair.aEvents.ends == [.bye(.violation)])
    }
  }

  @Test(arguments: UInt8(1)...10)
  func `a message without content is refused where its kind has some`(kind: UInt8) throws {
    var pair = try LinkPair.linked()
    pair.b.received(try pair.a.sealed(head(kind, 0)), at: .at(0))
    pair.takeEvents()
    #expect(pair.bEvents.ends == [.violation(kind == 4 ? .f13 : .r1)])
  }

  @Test func `unknown kinds below 128 are skipped and others end the link`() throws {
    var pair = try LinkPair.linked()
    let known = Message.admitAnswer(.tryLater, EntryID(Bytes32()))
    let stream = head(17, 0) + head(127, 3) + [1, 2, 3] + known.encode()
    pair.b.received(try pair.a.sealed(stream), at: .at(0))
    pair.takeEvents()
    #expect(pair.bEvents.messages == [known] && pair.bEvents.ends.isEmpty)
    for kind: UInt8 in [0, 128, 255] {
      var other = try LinkPair.linked()
      other.b.received(try other.a.sealed(head(kind, 3)), at: .at(0))
      other.takeEvents()
      #expect(other.bEvents.ends == [.violation(.r1)])
    }
  }

  @Test func `a message's head may be parted by frames anywhere`() throws {
    let message = Message.admitAnswer(.expired, EntryID(Bytes32()))
    let stream = message.encode() + message.encode()
    for cut in 0...stream.count {
      var pair = try LinkPair.linked()
      pair.b.received(try pair.a.sealed(Array(stream[..<cut])), at: .at(0))
      pair.b.received(try pair.a.sealed(Array(stream[cut...])), at: .at(0))
      pair.takeEvents()
      #expect(pair.bEvents.messages == [message, message])
    }
  }

  @Test func `nothing counts after a violation`() throws {
    var pair = try LinkPair.linked()
    let message = Message.admitAnswer(.expired, EntryID(Bytes32()))
    let bad = try pair.a.sealed(message.encode() + head(0, 0) + message.encode())
    pair.b.received(bad, at: .at(0))
    pair.b.received(try pair.a.sealed(message.encode()), at: .at(0))
    pair.takeEvents()
    #expect(pair.bEvents.messages == [message])
    #expect(pair.bEvents.ends == [.violation(.r1)])
    #expect(!pair.b.send(message) && !pair.b.hasRoom)
  }

  private func head(_ kind: UInt8, _ length: UInt32) -> [UInt8] {
    [kind] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) }
  }
}
