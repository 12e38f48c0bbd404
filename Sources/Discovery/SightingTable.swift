internal import Platform

/// The sightings that are remembered, of which a flood cannot take more than its share.
struct SightingTable {
  private struct Remembered {
    var sighting: Sighting
    /// When it was last sighted, as a count of sightings.
    var turn: UInt64
  }

  private let capacity: Int
  private var remembered: [SightingPlace: Remembered] = [:]
  private var turn: UInt64 = 0
  /// Places not seen again since the last `doubtAll`.
  private var doubted: Set<SightingPlace> = []

  init(capacity: Int) {
    precondition(capacity > 0, "a table for nothing")
    self.capacity = capacity
  }

  var count: Int { remembered.count }

  /// How many nodes they are of: each is seen by every interface and both families of addresses.
  var nodeCount: Int { Set(remembered.keys.map(\.instance)).count }

  func contains(_ place: SightingPlace) -> Bool { remembered[place] != nil }

  /// Whether it was of our office when it was last sighted.
  func isRecognised(_ place: SightingPlace) -> Bool {
    remembered[place]?.sighting.isRecognised ?? false
  }

  /// Every place, sorted.
  var places: [SightingPlace] { remembered.keys.sorted() }

  /// Remembers a sighting; gives the place that was forgotten for it.
  ///
  /// The one to go is, in this order, not recognised as of our office, of the address with the
  /// most sightings, and the longest unseen: who floods displaces his own.
  mutating func insert(_ sighting: Sighting) -> SightingPlace? {
    turn += 1
    doubted.remove(sighting.place)
    remembered[sighting.place] = Remembered(sighting: sighting, turn: turn)
    guard remembered.count > capacity, let place = leastDeserving() else { return nil }
    remove(place)
    return place
  }

  /// Forgets a place; false if it was not known.
  @discardableResult
  mutating func remove(_ place: SightingPlace) -> Bool {
    doubted.remove(place)
    return remembered.removeValue(forKey: place) != nil
  }

  /// Marks every place as not seen since Avahi was reached again.
  mutating func doubtAll() { doubted = Set(remembered.keys) }

  /// Notes that a place is announced still.
  mutating func confirm(_ place: SightingPlace) { doubted.remove(place) }

  /// Forgets what is still doubted; gives the places, sorted.
  mutating func forgetDoubted() -> [SightingPlace] {
    let places = doubted.sorted()
    for place in places { remove(place) }
    return places
  }

  private func leastDeserving() -> SightingPlace? {
    var counts: [IPAddress: Int] = [:]
    for (_, one) in remembered { counts[one.sighting.address.ip, default: 0] += 1 }
    func rank(_ one: Remembered) -> (Int, Int, UInt64) {
      (one.sighting.isRecognised ? 1 : 0, -(counts[one.sighting.address.ip] ?? 0), one.turn)
    }
    // Turns differ, so the order of the dictionary decides nothing.
    return remembered.min { rank($0.value) < rank($1.value) }?.key
  }
}
