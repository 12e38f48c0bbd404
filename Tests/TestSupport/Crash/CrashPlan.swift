/// Which images of a tape are looked at: every other one of those that can be told one by one, in an
/// order of the seed's, and between them some that are drawn from it.
package struct CrashPlan: Sendable {
  package struct Item: Hashable, Sendable {
    /// With the seed it names the image.
    package let number: Int
    /// How much of the tape was done.
    package let place: Int
    package let leftover: Leftover
  }

  /// By their places on the tape.
  package let items: [Item]
  /// How many images can be told one by one.
  package let told: Int
  package let places: Int

  /// `numbers`: which images of the plan are wanted.
  package init(
    _ events: [DiskTape.Event], from images: [DiskImage], seed: UInt64, numbers: Range<Int>
  ) {
    var all: [(place: Int, leftover: Leftover)] = []
    var cut = PowerCut(events, from: images)
    for place in 0...events.count {
      cut.advance(to: place)
      for leftover in Leftover.all(at: cut) { all.append((place, leftover)) }
    }
    var chance = SeededGenerator(seed: seed)
    all.shuffle(using: &chance)
    (told, places) = (all.count, events.count + 1)
    items = numbers.map { number in
      if number % 2 == 0, number / 2 < all.count {
        let (place, leftover) = all[number / 2]
        return Item(number: number, place: place, leftover: leftover)
      }
      var chance = SeededGenerator(seed: seed &* 0x9e37_79b9_7f4a_7c15 &+ UInt64(number))
      return Item(
        number: number, place: chance.number(0...events.count), leftover: .drawn(chance.next()))
    }.sorted { ($0.place, $0.number) < ($1.place, $1.number) }
  }
}
