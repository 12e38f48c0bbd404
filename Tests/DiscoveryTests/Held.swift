import Platform

@testable import Discovery

/// A queue held by reference: `#expect` can then call what changes it.
final class HeldQueue {
  private var queue: ResolveQueue

  init(at now: Moment) { queue = ResolveQueue(at: now) }

  var active: [ResolveQueue.Active] { queue.active }
  var waitingCount: Int { queue.waitingCount }
  var linesCount: Int { queue.linesCount }

  func add(_ place: SightingPlace) -> Bool { queue.add(place) }
  func remove(_ place: SightingPlace) -> ResolveQueue.ID? { queue.remove(place) }
  func finish(_ id: ResolveQueue.ID) -> SightingPlace? { queue.finish(id) }
  func fail(_ id: ResolveQueue.ID, at now: Moment) -> SightingPlace? { queue.fail(id, at: now) }
  func excuse(_ duration: Duration) { queue.excuse(duration) }
  func noRoom(for id: ResolveQueue.ID, at now: Moment) -> Bool { queue.noRoom(for: id, at: now) }
  func abandonSilent(at now: Moment) -> [ResolveQueue.ID] { queue.abandonSilent(at: now) }
  func start(at now: Moment) -> ResolveQueue.Active? { queue.start(at: now) }
  func deadline(at now: Moment) -> Moment? { queue.deadline(at: now) }

  /// Starts as many as may be started.
  func startAll(at now: Moment) -> [ResolveQueue.Active] {
    var started: [ResolveQueue.Active] = []
    while let one = queue.start(at: now) { started.append(one) }
    return started
  }
}

/// A table held by reference.
final class HeldTable {
  private var table: SightingTable

  init(capacity: Int) { table = SightingTable(capacity: capacity) }

  var count: Int { table.count }
  var places: [SightingPlace] { table.places }

  func contains(_ place: SightingPlace) -> Bool { table.contains(place) }
  func insert(_ sighting: Sighting) -> SightingPlace? { table.insert(sighting) }
  func remove(_ place: SightingPlace) { table.remove(place) }
  func doubtAll() { table.doubtAll() }
  func confirm(_ place: SightingPlace) { table.confirm(place) }
  func forgetDoubted() -> [SightingPlace] { table.forgetDoubted() }
}
