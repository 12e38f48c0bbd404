import Cryptography
import Format
import Platform
import Testing

@testable import Transport

/// Peers that send anything at all: nothing may trap, and a link ends at most once.
@Suite struct HostilePeerTests {
  /// A generator whose whole run follows from its seed (SplitMix64).
  private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = state
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return z ^ (z >> 31)
    }

    mutating func bytes(_ limit: Int) -> [UInt8] {
      (0..<Int.random(in: 0...limit, using: &self)).map { _ in
        UInt8.random(in: 0...255, using: &self)
      }
    }
  }

  @Test func `random bytes to a responder end it or wait`() throws {
    let identities = [try Someone.identity(2)]
    for seed in 0..<2_000 {
      var random = Seeded(state: UInt64(seed))
      let box = MachineBox(
        LinkMachine(answeringFor: identities, hello: Someone.hello(2), at: .at(0)))
      // Half of them begin well, so that the later steps see the noise.
      if seed.isMultiple(of: 2) { box.received(Preface(mode: .member).bytes, at: .at(0)) }
      for _ in 0..<4 { box.received(random.bytes(100), at: .at(0)) }
      var ends = 0
      while let event = box.nextEvent() { if case .down = event { ends += 1 } }
      #expect(ends <= 1 && !box.hasOutput && !box.isUp, "seed \(seed)")
    }
  }

  @Test func `whoever answers before anything was said to it is ended`() throws {
    for body in [[UInt8](repeating: 7, count: 160), [UInt8](0..<160)] {
      let frame = [0, UInt8(body.count)] + body
      let dialling = MachineBox(
        LinkMachine(
          dialling: try Someone.identity(1), mode: .member, hello: Someone.hello(1), at: .at(0)))
      let door = DoorKey(NoiseKey())
      let knocking = MachineBox(LinkMachine(knockingWith: door, at: .at(0)))
      for machine in [dialling, knocking] {
        machine.received(frame, at: .at(0))
        guard case .down(let end)? = machine.nextEvent() else {
          Issue.record("it was taken")
          return
        }
        #expect(end == .violation(.h2) && machine.nextEvent() == nil)
      }
    }
  }

  @Test func `random messages of a member of the office end the link or are taken`() throws {
    for seed in 0..<400 {
      var random = Seeded(state: UInt64(seed))
      let pair = try LinkPair.linked()
      for _ in 0..<20 {
        // Heads that are nearly right lead deeper than noise does.
        var content = random.bytes(300)
        if content.count >= 5 {
          content[0] = UInt8.random(in: 1...12, using: &random)
          let length = Int.random(in: 0...(content.count * 2), using: &random)
          content.replaceSubrange(
            1..<5, with: [0, 0, UInt8(length >> 8), UInt8(truncatingIfNeeded: length)])
        }
        pair.b.received(try pair.a.sealed(content), at: .at(0))
      }
      var ends = 0
      while let event = pair.b.nextEvent() { if case .down = event { ends += 1 } }
      #expect(ends == (pair.b.isUp ? 0 : 1), "seed \(seed)")
    }
  }

  @Test func `a stream with one byte changed anywhere never shows a false message`() throws {
    let sent = try [Message.sample(400, 1), .sample(70_000, 2), .sample(300, 3)]
    for seed in 0..<300 {
      var random = Seeded(state: UInt64(seed))
      var pair = try LinkPair.linked()
      for message in sent { #expect(pair.a.send(message)) }
      var stream = pair.a.takeOutput()
      let place = Int.random(in: stream.indices, using: &random)
      stream[place] ^= UInt8.random(in: 1...255, using: &random)
      pair.b.received(stream, at: .at(0))
      pair.takeEvents()
      #expect(pair.bEvents.messages == Array(sent.prefix(pair.bEvents.messages.count)))
      #expect(pair.bEvents.messages.count < sent.count)
      #expect(pair.bEvents.ends.allSatisfy { $0 == .violation(.h8) })
    }
  }
}
