import Platform
import Testing

struct TimeTests {
  @Test func `moments compare, add and subtract`() {
    let start = Moment(nanoseconds: 1_000)
    #expect(start + .milliseconds(2) == Moment(nanoseconds: 2_001_000))
    #expect(start + .milliseconds(2) - start == .milliseconds(2))
    #expect(start - (start + .seconds(1)) == .seconds(-1))
    #expect(start < start + .nanoseconds(1))
  }

  @Test func `sums and differences stop at the ends instead of trapping`() {
    #expect(Moment(nanoseconds: 5) + .seconds(Int64.max) == .distantFuture)
    #expect(Moment.distantFuture + .nanoseconds(1) == .distantFuture)
    #expect(Moment(nanoseconds: -5) + .seconds(Int64.min) == Moment(nanoseconds: .min))
    let whole = Moment.distantFuture - Moment(nanoseconds: .min)
    #expect(whole == .nanoseconds(Int64.max))
    #expect(Moment(nanoseconds: .min) - .distantFuture == .nanoseconds(Int64.min))
  }

  @Test func `durations are counted in whole nanoseconds, and end at 64 bits`() {
    let nearly: Int64 = 999_999_999_999_999_999
    for (seconds, attoseconds, whole) in [
      (0, 0, 0), (0, 999_999_999, 0), (0, 1_000_000_000, 1), (0, nearly, 999_999_999),
      (0, -999_999_999, 0), (0, -1_000_000_000, -1), (-1, -nearly, -1_999_999_999),
      (1, 0, 1_000_000_000), (9_444, nearly, 9_444_999_999_999), (9_445, 0, 9_445_000_000_000),
      (86_400, 1, 86_400_000_000_000), (9_223_372_036, 854_775_807_999_999_999, .max),
      (9_223_372_037, 0, .max), (-9_223_372_037, 0, .min), (.max, nearly, .max),
      (.min, -nearly, .min),
    ] as [(Int64, Int64, Int64)] {
      let duration = Duration(secondsComponent: seconds, attosecondsComponent: attoseconds)
      #expect(duration.wholeNanoseconds == whole, "\(seconds) s and \(attoseconds) as")
    }
  }

  @Test func `the monotonic clock never runs backwards`() {
    let clock = LinuxClock()
    var last = clock.now()
    for _ in 0..<1_000 {
      let next = clock.now()
      #expect(next >= last)
      last = next
    }
    #expect(clock.now() - clock.awake() > .seconds(-1))
  }

  @Test func `the wall clock counts milliseconds since 1970`() {
    let clock: any Clock = LinuxClock()
    // 2020 to 2286; seconds or nanoseconds would lie far outside.
    #expect((1_577_836_800_000...9_999_999_999_999).contains(clock.wall().milliseconds))
  }
}

struct EntropyTests {
  @Test func `every byte of the buffer is overwritten`() {
    let entropy: any Entropy = LinuxEntropy()
    var seen = [UInt8](repeating: 0, count: 4_000)
    // The chance that a byte stays zero in 8 draws is 2^-64.
    for _ in 0..<8 {
      for (place, byte) in entropy.bytes(seen.count).enumerated() { seen[place] |= byte }
    }
    #expect(!seen.contains(0))
    #expect(entropy.bytes(32) != entropy.bytes(32))
    #expect(entropy.bytes(0).isEmpty)
  }
}
