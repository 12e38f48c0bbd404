internal import Platform

/// Decides which announced places are resolved next, and how long each may take.
///
/// Newest, oldest and those tried before take turns: somebody who arrives behind a flood is seen at
/// once, and nobody waits for ever. Who did not answer in time is tried again when all is quiet:
/// Avahi tells of a service once, and a packet or a moment of Avahi's may have been lost in a flood.
struct ResolveQueue {
  /// The number of one resolver; never used twice.
  struct ID: Hashable, Sendable { let number: UInt64 }

  /// A resolver that is running.
  struct Active {
    let id: ID
    let place: SightingPlace
    var began: Moment
    let attempt: Int
  }

  private struct Waiting {
    let place: SightingPlace
    let ticket: UInt64
    let attempt: Int
  }

  /// Places in the order in which they came, taken from either end.
  private struct Line {
    var entries: [Waiting] = []
    /// Where the line begins; what lies before is done with.
    var head = 0

    mutating func popNewest() -> Waiting? { head < entries.count ? entries.popLast() : nil }

    mutating func popOldest() -> Waiting? {
      guard head < entries.count else { return nil }
      defer { head += 1 }
      return entries[head]
    }

    /// Drops stale entries before they outnumber the living: coming and going must not fill memory.
    mutating func compact(_ tickets: [SightingPlace: UInt64]) {
      guard entries.count > 2 * tickets.count + 64 else { return }
      entries = entries[head...].filter { tickets[$0.place] == $0.ticket }
      head = 0
    }
  }

  /// Whose turn it is.
  private enum Turn { case newest, oldest, newestAgain, triedBefore }

  private(set) var active: [Active] = []
  private var untried = Line()
  private var tried = Line()
  /// The ticket that counts for a place; an entry in a line with another one is stale.
  private var tickets: [SightingPlace: UInt64] = [:]
  /// Places that did not answer, to be tried again when nobody waits.
  private var givenUp: Set<SightingPlace> = []
  private var retryPause = DiscoveryLimits.retryPauseMin
  private var retryAt: Moment
  private var numbers: UInt64 = 0
  private var turn = Turn.newest
  private var credit = Double(DiscoveryLimits.resolvesBurst)
  private var credited: Moment
  /// How many resolvers Avahi has room for, as far as is known.
  private var room = DiscoveryLimits.resolversMax
  /// Nothing is started before.
  private var pausedUntil: Moment
  /// When to ask for more room again.
  private var roomGrows: Moment

  /// How many entries are kept for those who wait; more than wait, but never many more.
  var linesCount: Int { untried.entries.count + tried.entries.count }

  init(at now: Moment) {
    credited = now
    pausedUntil = now
    roomGrows = now
    retryAt = now
  }

  /// How many places wait.
  var waitingCount: Int { tickets.count }

  /// Puts a place in line; false if the line is full. A place already known stays where it is.
  mutating func add(_ place: SightingPlace) -> Bool {
    givenUp.remove(place)
    return add(place, attempt: 0)
  }

  /// Takes a place out; gives its resolver if one was running.
  mutating func remove(_ place: SightingPlace) -> ID? {
    givenUp.remove(place)
    tickets.removeValue(forKey: place)
    guard let index = active.firstIndex(where: { $0.place == place }) else { return nil }
    return active.remove(at: index).id
  }

  /// Ends a resolver that has answered; nil if it is not running any more.
  mutating func finish(_ id: ID) -> SightingPlace? {
    guard let place = end(id) else { return nil }
    givenUp.remove(place)
    return place
  }

  /// Ends a resolver that found nothing; its place is tried again later.
  mutating func fail(_ id: ID, at now: Moment) -> SightingPlace? {
    guard let place = end(id) else { return nil }
    giveUp(place, at: now)
    return place
  }

  /// Discovery's thread was held for so long and could not listen: nobody is silent for that.
  mutating func excuse(_ duration: Duration) {
    for index in active.indices { active[index].began = active[index].began + duration }
  }

  /// Puts a place back for which Avahi had no room; goes on with as many as there is room for.
  /// False if that resolver was not running any more.
  mutating func noRoom(for id: ID, at now: Moment) -> Bool {
    guard let place = end(id) else { return false }
    if active.isEmpty { pausedUntil = now + DiscoveryLimits.noRoomPause }
    room = max(1, active.count)
    roomGrows = now + DiscoveryLimits.moreRoomPause
    _ = add(place, attempt: 0)
    return true
  }

  /// Forgets all: the client they belong to is gone.
  mutating func removeAll() {
    active = []
    untried = Line()
    tried = Line()
    tickets = [:]
    givenUp = []
  }

  /// Ends resolvers that were silent for too long while others wait; gives those to cancel.
  mutating func abandonSilent(at now: Moment) -> [ID] {
    guard waitingCount > 0 else { return [] }
    let silent = active.filter { now >= $0.began + DiscoveryLimits.patience }
    for one in silent {
      _ = end(one.id)
      let attempt = one.attempt + 1
      let isBack = attempt < DiscoveryLimits.attemptsMax && add(one.place, attempt: attempt)
      if !isBack { giveUp(one.place, at: now) }
    }
    return silent.map(\.id)
  }

  /// The next place to resolve, if there is one and it may be now.
  mutating func start(at now: Moment) -> Active? {
    refill(at: now)
    retryIfQuiet(at: now)
    if room < DiscoveryLimits.resolversMax, now >= roomGrows {
      room = min(DiscoveryLimits.resolversMax, 2 * room)
      roomGrows = now + DiscoveryLimits.moreRoomPause
    }
    guard now >= pausedUntil, active.count < room, credit >= 1,
      let next = popWaiting()
    else { return nil }
    credit -= 1
    numbers += 1
    let one = Active(
      id: ID(number: numbers), place: next.place, began: now, attempt: next.attempt)
    active.append(one)
    return one
  }

  /// When to look again, if nothing else happens before.
  func deadline(at now: Moment) -> Moment? {
    guard waitingCount > 0 else { return givenUp.isEmpty || !active.isEmpty ? nil : retryAt }
    if active.count >= room {
      return active.map { $0.began + DiscoveryLimits.patience }.min()
    }
    let missing = max(0, 1 - credit) / Double(DiscoveryLimits.resolvesPerSecond)
    let paid = credited + .nanoseconds(Int64(missing * 1e9) + 1)
    let start = max(paid, pausedUntil)
    guard let silent = active.map({ $0.began + DiscoveryLimits.patience }).min() else {
      return start
    }
    return min(start, silent)
  }

  private mutating func end(_ id: ID) -> SightingPlace? {
    guard let index = active.firstIndex(where: { $0.id == id }) else { return nil }
    return active.remove(at: index).place
  }

  private mutating func giveUp(_ place: SightingPlace, at now: Moment) {
    if givenUp.isEmpty {
      retryPause = DiscoveryLimits.retryPauseMin
      retryAt = now + retryPause
    }
    if givenUp.count < DiscoveryLimits.waitingMax { givenUp.insert(place) }
  }

  /// Puts those given up in line once more, each time after a longer pause.
  private mutating func retryIfQuiet(at now: Moment) {
    guard !givenUp.isEmpty, waitingCount == 0, active.isEmpty, now >= retryAt else { return }
    for place in givenUp.sorted() { _ = add(place, attempt: DiscoveryLimits.attemptsMax - 1) }
    // They stay on the list until one answers, vanishes or is announced anew.
    retryPause = min(retryPause * 2, DiscoveryLimits.retryPauseMax)
    retryAt = now + retryPause
  }

  private mutating func add(_ place: SightingPlace, attempt: Int) -> Bool {
    guard tickets[place] == nil, !active.contains(where: { $0.place == place }) else { return true }
    guard tickets.count < DiscoveryLimits.waitingMax else { return false }
    numbers += 1
    tickets[place] = numbers
    let entry = Waiting(place: place, ticket: numbers, attempt: attempt)
    if attempt == 0 {
      untried.entries.append(entry)
      untried.compact(tickets)
    } else {
      tried.entries.append(entry)
      tried.compact(tickets)
    }
    return true
  }

  private mutating func popWaiting() -> Waiting? {
    while let next = popEntry() {
      guard tickets[next.place] == next.ticket else { continue }
      tickets.removeValue(forKey: next.place)
      return next
    }
    return nil
  }

  private mutating func popEntry() -> Waiting? {
    switch turn {
    case .newest:
      turn = .oldest
      return untried.popNewest() ?? tried.popOldest()
    case .oldest:
      turn = .newestAgain
      return untried.popOldest() ?? tried.popOldest()
    case .newestAgain:
      turn = .triedBefore
      return untried.popNewest() ?? tried.popOldest()
    case .triedBefore:
      turn = .newest
      return tried.popOldest() ?? untried.popOldest()
    }
  }

  private mutating func refill(at now: Moment) {
    guard now > credited else { return }
    let seconds = Double((now - credited).wholeNanoseconds) / 1e9
    credit = min(
      Double(DiscoveryLimits.resolvesBurst),
      credit + seconds * Double(DiscoveryLimits.resolvesPerSecond))
    credited = now
  }
}
