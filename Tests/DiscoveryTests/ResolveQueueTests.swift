import Platform
import Testing

@testable import Discovery

struct ResolveQueueTests {
  private let start = Moment(nanoseconds: 0)

  @Test func `no more run at once than allowed`() {
    let queue = HeldQueue(at: start)
    for number in 0..<100 as Range<UInt64> { #expect(queue.add(place(number))) }
    #expect(queue.startAll(at: start).count == DiscoveryLimits.resolversMax)
    #expect(queue.waitingCount == 100 - DiscoveryLimits.resolversMax)
    #expect(queue.deadline(at: start) == start + DiscoveryLimits.patience)
  }

  @Test func `a place is in line once, however often it is announced`() {
    let queue = HeldQueue(at: start)
    for _ in 0..<1_000 { #expect(queue.add(place(1))) }
    #expect(queue.startAll(at: start).map(\.place) == [place(1)])
    #expect(queue.add(place(1)))
    #expect(queue.waitingCount == 0)
    #expect(queue.deadline(at: start) == nil)
  }

  @Test func `the line is bounded`() {
    let queue = HeldQueue(at: start)
    for number in 0..<UInt64(DiscoveryLimits.waitingMax) { #expect(queue.add(place(number))) }
    #expect(!queue.add(place(.max)))
    #expect(queue.remove(place(0)) == nil)
    #expect(queue.add(place(.max)))
  }

  @Test func `a newcomer behind a flood is served at once, and the oldest too`() {
    let queue = HeldQueue(at: start)
    for number in 0..<2_000 as Range<UInt64> { #expect(queue.add(place(number))) }
    #expect(queue.add(place(99_999)))
    let first = queue.startAll(at: start).map(\.place)
    #expect(first.prefix(2) == [place(99_999), place(0)])
  }

  @Test func `the silent give way and are tried once more, but not before newcomers`() {
    let queue = HeldQueue(at: start)
    for number in 0..<40 as Range<UInt64> { #expect(queue.add(place(number))) }
    let first = queue.startAll(at: start)
    let later = start + DiscoveryLimits.patience
    #expect(queue.abandonSilent(at: later) == first.map(\.id))
    #expect(queue.add(place(99)))
    let second = queue.startAll(at: later)
    #expect(second.count == DiscoveryLimits.resolversMax)
    #expect(second.first?.place == place(99))
    #expect(second.filter { $0.attempt == 1 }.count == second.count / 4)
    var now = later
    for _ in 0..<10 {
      now = now + DiscoveryLimits.patience
      _ = queue.abandonSilent(at: now)
      _ = queue.startAll(at: now)
    }
    #expect(queue.waitingCount == 0)
  }

  @Test func `a silent one may go on while nobody waits`() {
    let queue = HeldQueue(at: start)
    #expect(queue.add(place(1)))
    _ = queue.startAll(at: start)
    #expect(queue.abandonSilent(at: start + .seconds(60)).isEmpty)
  }

  @Test func `who did not answer is tried again when all is quiet, ever more rarely`() throws {
    let queue = HeldQueue(at: start)
    #expect(queue.add(place(1)))
    var now = start
    var pauses: [Duration] = []
    for _ in 0..<9 {
      let one = try #require(queue.start(at: now))
      #expect(queue.fail(one.id, at: now) == place(1))
      let next = try #require(queue.deadline(at: now))
      #expect(queue.start(at: now) == nil)
      pauses.append(next - now)
      now = next
    }
    #expect(pauses.prefix(3) == [.seconds(5), .seconds(10), .seconds(20)])
    #expect(pauses.last == DiscoveryLimits.retryPauseMax)
    let one = try #require(queue.start(at: now))
    #expect(queue.finish(one.id) == place(1))
    #expect(queue.deadline(at: now) == nil)
  }

  @Test func `who was given up is forgotten on vanishing and first when announced anew`() throws {
    let queue = HeldQueue(at: start)
    for number in 1...2 as ClosedRange<UInt64> {
      #expect(queue.add(place(number)))
      let one = try #require(queue.start(at: start))
      _ = queue.fail(one.id, at: start)
    }
    #expect(queue.remove(place(1)) == nil)
    #expect(queue.add(place(2)))
    let one = try #require(queue.start(at: start))
    #expect(one.place == place(2) && one.attempt == 0)
    #expect(queue.finish(one.id) == place(2))
    #expect(queue.deadline(at: start) == nil)
  }

  @Test func `nobody is silent while the thread could not listen`() {
    let queue = HeldQueue(at: start)
    for number in 0..<40 as Range<UInt64> { #expect(queue.add(place(number))) }
    let first = queue.startAll(at: start)
    queue.excuse(.seconds(3))
    let later = start + .seconds(3)
    #expect(queue.abandonSilent(at: later).isEmpty)
    #expect(queue.abandonSilent(at: later + DiscoveryLimits.patience) == first.map(\.id))
  }

  @Test func `over time no more are started than allowed`() {
    let queue = HeldQueue(at: start)
    for number in 0..<4_000 as Range<UInt64> { #expect(queue.add(place(number))) }
    var now = start
    var count = 0
    while now < start + .seconds(2) {
      for one in queue.startAll(at: now) {
        count += 1
        #expect(queue.finish(one.id) == one.place)
      }
      guard let deadline = queue.deadline(at: now) else { break }
      #expect(deadline > now)
      now = deadline
    }
    let allowed = DiscoveryLimits.resolvesBurst + 2 * DiscoveryLimits.resolvesPerSecond
    #expect((allowed - 2...allowed + 1).contains(count))
  }

  @Test func `where Avahi has little room it goes on with that, and asks for more later`() {
    let queue = HeldQueue(at: start)
    for number in 0..<20 as Range<UInt64> { #expect(queue.add(place(number))) }
    var running: [ResolveQueue.Active] = []
    // Avahi has room for three.
    while let one = queue.start(at: start) {
      guard running.count == 3 else {
        running.append(one)
        continue
      }
      #expect(queue.noRoom(for: one.id, at: start))
    }
    #expect(queue.active.count == 3)
    #expect(queue.finish(running[0].id) != nil)
    #expect(queue.startAll(at: start).count == 1)
    let later = start + DiscoveryLimits.moreRoomPause
    #expect(queue.startAll(at: later).count == 3)
  }

  @Test func `without room for a single one it waits`() {
    let queue = HeldQueue(at: start)
    #expect(queue.add(place(1)))
    let one = queue.startAll(at: start)
    #expect(queue.noRoom(for: one[0].id, at: start))
    #expect(queue.startAll(at: start).isEmpty)
    #expect(queue.deadline(at: start) == start + DiscoveryLimits.noRoomPause)
    #expect(queue.startAll(at: start + DiscoveryLimits.noRoomPause).count == 1)
  }

  @Test func `an answer that comes after the end is ignored`() {
    let queue = HeldQueue(at: start)
    #expect(queue.add(place(1)))
    let one = queue.startAll(at: start)[0]
    #expect(queue.remove(place(1)) == one.id)
    #expect(queue.finish(one.id) == nil)
    #expect(queue.add(place(1)))
    #expect(queue.startAll(at: start)[0].id != one.id)
  }

  @Test func `coming and going ten thousand times leaves nothing behind`() {
    let queue = HeldQueue(at: start)
    for number in 0..<10_000 as Range<UInt64> {
      _ = queue.add(place(number % 50))
      _ = queue.remove(place(number % 50))
    }
    #expect(queue.waitingCount == 0)
    #expect(queue.linesCount <= 128)
  }
}
