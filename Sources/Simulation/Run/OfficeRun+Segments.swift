import Control
import Format
import Platform
import TestSupport

/// An office whose network has several segments.
extension OfficeRun {
  /// Once the office is founded, in one room, its computers are carried to their places.
  func spread() {
    guard plan.segments > 1 else { return }
    world.begin("computers are carried to their places")
    world.segments.count = plan.segments
    world.segments.isRouted = plan.ways == .router
    let bridge = people.first(where: \.isBox) ?? people[0]
    self.bridge = bridge
    // Nobody is to find whoever is written down by an address of the room they were in.
    if plan.ways == .router { people[0].host.changeAddress(in: 0, &placing) }
    for person in people { place(person.host) }
    if plan.ways == .bridge { standEverywhere(bridge) }
    if plan.ways == .carrier { carry(bridge.host) }
    if plan.ways == .router {
      // Whoever wants to be found from elsewhere is written down there (D-5).
      for person in people where !person.isFounder {
        person.host.stop()
        person.host.start()
      }
    }
    world.run(for: .seconds(10))
  }

  /// Gives a computer its place, and what is to be written down there.
  func place(_ host: Host) {
    guard plan.segments > 1, host.number > 0 else { return }
    if plan.ways == .router, let address = world.segments.places(of: 0).first?.address {
      host.seeds = [address.description]
    }
    if plan.ways == .carrier, host === bridge?.host { return }
    go(host, to: placing.number(0...plan.segments - 1))
  }

  func go(_ host: Host, to segment: Int) {
    for place in world.segments.places(of: host.number) where place.segment != segment {
      host.leave(place.segment)
    }
    if !world.segments.isIn(segment, host.number) { host.enter(segment, &placing) }
  }

  private func standEverywhere(_ person: Person) {
    for segment in 0..<plan.segments where !world.segments.isIn(segment, person.host.number) {
      person.host.enter(segment, &placing)
    }
  }

  /// Takes a computer from each segment to the next, again and again.
  private func carry(_ host: Host) {
    later(10...60, &placing) { [self] in
      guard !isSettled, let here = world.segments.places(of: host.number).first?.segment else {
        return
      }
      host.leave(here)
      later(1...10, &placing) { [self] in
        guard !isSettled else { return }
        host.enter((here + 1) % plan.segments, &placing)
        carry(host)
      }
    }
  }

  /// A computer gets another address, or is plugged in elsewhere after a while.
  func move(_ host: Host, _ chance: inout SeededGenerator) {
    let places = world.segments.places(of: host.number)
    let isWrittenDown = plan.ways == .router && host.number == 0 && plan.segments > 1
    let isCarried = plan.ways == .carrier && host === bridge?.host && plan.segments > 1
    guard !places.isEmpty, !isWrittenDown, !isCarried else { return }
    let here = places[chance.number(0...places.count - 1)].segment
    if chance.oneIn(3) { return host.changeAddress(in: here, &chance) }
    let next = places.count > 1 ? here : chance.number(0...plan.segments - 1)
    host.leave(here)
    later(0...40, &chance) { [self] in
      if !isSettled, !host.isOver { host.enter(next, &placing) }
    }
  }

  /// Nobody goes anywhere any more. Somebody stands in all segments who holds everything, or founded
  /// the office.
  func settle() {
    isSettled = true
    for host in world.hosts where !host.isOver && world.segments.places(of: host.number).isEmpty {
      host.enter(placing.number(0...plan.segments - 1), &placing)
    }
    guard plan.segments > 1, plan.ways != .router else { return }
    standEverywhere(bridge.map { isFit($0) ? $0 : people[0] } ?? people[0])
  }

  /// Whether a box still is what it was.
  private func isFit(_ person: Person) -> Bool {
    let (book, number) = (world.audit.book, person.host.number)
    guard person.isBox, person.isIn, !person.isLiar, person.host.isRunning,
      !world.audit.isRotten(number), let device = world.audit.device(of: number),
      !book.mayFork.contains(device),
      !people.contains(where: { $0.isCopy && $0.name == person.name })
    else { return false }
    return book.removals(ofDevice: device).isEmpty
      && !book.members(of: device).contains { book.lowered.contains($0) }
      && standing(of: person) == .ready
  }

  /// Whoever joins is where the one is who lets them in, or can reach it.
  func bringToHead(_ person: Person) {
    let other = head.host.number
    guard plan.ways != .router, world.segments.shared(person.host.number, other).isEmpty,
      let segment = world.segments.places(of: other).first?.segment
    else { return }
    go(person.host, to: segment)
  }

  /// Whether two can find each other and there is a way: both stand in a segment, or there is a router
  /// and one has the other's address written down.
  func canLink(_ one: Person, _ other: Person) -> Bool {
    if !world.segments.shared(one.host.number, other.host.number).isEmpty { return true }
    return plan.ways == .router && (one.isFounder || other.isFounder)
  }

  /// Whether a way leads from each of some to each of the others, over these alone.
  func isJoined(_ some: [Person]) -> Bool {
    guard var reached = some.first.map({ [$0] }) else { return true }
    var rest = Array(some.dropFirst())
    while let next = rest.firstIndex(where: { one in reached.contains { canLink($0, one) } }) {
      reached.append(rest.remove(at: next))
    }
    return rest.isEmpty
  }

  /// Where nobody stood between those who hold a group, all meet in one room, and then must agree.
  func comeTogether() {
    guard !apart.isEmpty, let segment = world.segments.places(of: 0).first?.segment else { return }
    world.begin("all come together in segment \(segment)")
    for person in people { go(person.host, to: segment) }
    world.run(for: .seconds(120))
    compare()
    if world.faults.isEmpty { checkHealth() }
  }
}
