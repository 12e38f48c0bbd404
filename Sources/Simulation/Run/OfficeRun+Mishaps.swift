import Control
import Format
import Platform
import TestSupport

extension OfficeRun {
  /// People write while things happen.
  func misbehave() {
    world.begin("people write, and things happen, for \(plan.minutes) min")
    let begin = world.now
    var end = begin + .seconds(60 * plan.minutes)
    while world.now < end, world.faults.isEmpty {
      if plan.trap > 0, world.now >= begin + .seconds(plan.trap) {
        fatalError("the plan ends the process")
      }
      world.run(for: .milliseconds(talk.number(50...1_500)))
      if !talk.oneIn(3) { say() }
      for mishap in Mishap.allCases {
        guard let rate = plan.rates[mishap], var chance = chances[mishap] else { continue }
        if chance.number(0...9_999) < rate * 80, happened[mishap, default: 0] < mishap.limit {
          let (before, told) = (world.now, world.trace.events)
          happen(mishap, &chance)
          // What had no effect is not told, and did not happen.
          if world.trace.events > told { happened[mishap, default: 0] += 1 }
          if mishap == .night { end = end + (world.now - before) }
        }
        chances[mishap] = chance
      }
    }
  }

  private func happen(_ mishap: Mishap, _ chance: inout SeededGenerator) {
    let hosts = world.hosts.filter { $0.isHonest && mayHit(mishap, $0) }
    if hosts.isEmpty { return }
    let host = hosts[chance.number(0...hosts.count - 1)]
    switch mishap {
    case .powerCut, .kill:
      let isPower = mishap == .powerCut
      if chance.oneIn(2) {
        host.cutShort(
          .init(
            isPower: isPower, operation: chance.number(0...12), isDone: chance.oneIn(2),
            startsAfter: .milliseconds(1_000 * chance.number(0...90) + 1)))
      } else {
        begin(again: host, &chance) { isPower ? $0.losePower() : $0.kill() }
      }
    case .stop: begin(again: host, &chance) { $0.stop() }
    case .sleep: host.sleep(for: .seconds(chance.number(2...180)))
    case .clockJump:
      let skew = chance.number(-400_000_000...400_000_000)
      world.note(host.number, "has its clock set wrong by \(skew) ms")
      host.clock.setWrong(by: Int64(skew))
    case .wrongYear: setWrongYear(host, &chance)
    case .night: passNight(&chance)
    case .lostAnnouncements:
      world.note(nil, "announcements are lost and come twice")
      world.lostAnnouncements = chance.number(10...60)
      later(5...90, &chance) { [world] in world.lostAnnouncements = 0 }
    case .noDiscovery: endDiscovery(host, &chance)
    case .partition: part(&chance)
    case .flapping: flap(&chance)
    case .cut: cut(host, &chance)
    case .lyingFlush: lie(host, &chance)
    case .spoiltBytes:
      world.note(nil, "bytes are spoilt on their way")
      world.spoils = chance.number(1...100)
      later(5...60, &chance) { [world] in
        world.spoils = 0
        world.note(nil, "bytes arrive as they were sent again")
      }
    case .slowDisk, .fullDisk, .failedWrite: disturb(mishap, host, &chance)
    case .bitRot, .backup, .restoredData, .restoredDisk, .copiedData, .copiedDisk, .lostDisk:
      harm(mishap, host, &chance)
    case .liar: takeOver(&chance)
    case .spoof: spoof(&chance)
    case .move: move(host, &chance)
    case .door: openDoor(&chance)
    case .flood:
      let flood = Flood.drawn(by: &chance)
      takeOver(&chance, flood: flood)
    default: decide(mishap, &chance)
    }
  }

  /// Whether a mishap of one computer can have an effect on this one.
  private func mayHit(_ mishap: Mishap, _ host: Host) -> Bool {
    switch mishap {
    case .powerCut, .kill, .stop: host.isRunning
    case .sleep: host.isRunning && !host.isAsleep
    case .lyingFlush: host.isRunning && !host.isLying
    case .noDiscovery: host.hasDiscovery
    case .restoredData, .restoredDisk: host.hasBackup
    case .lostDisk, .copiedData, .copiedDisk:
      people.contains {
        $0.host === host && !$0.isFounder && !$0.isCopy
          && (mishap == .lostDisk || $0.isIn && $0.rank != .owner)
      }
    default: true
    }
  }

  /// A spoofer, who can hear and say in the segment what anybody can, repeats what nodes announce: under
  /// names of its own and theirs, with addresses of nobody, of others and of whoever hears it, and takes
  /// announcements back.
  private func spoof(_ chance: inout SeededGenerator) {
    let running = world.hosts.filter { $0.discovery != nil }
    guard running.count > 1 else { return }
    world.note(nil, "a spoofer repeats announcements")
    for _ in 0..<chance.number(1...40) {
      let (hearing, named) = (
        running[chance.number(0...running.count - 1)], running[chance.number(0...running.count - 1)]
      )
      if hearing !== named { hearing.discovery?.hearSpoofed(of: named, &chance) }
    }
  }

  private func disturb(_ mishap: Mishap, _ host: Host, _ chance: inout SeededGenerator) {
    switch mishap {
    case .slowDisk:
      world.note(host.number, "has a slow disk")
      host.diskDelay = 20_000...900_000
      later(5...60, &chance) {
        host.diskDelay = 100...400
        host.world.note(host.number, "has no slow disk any more")
      }
    case .fullDisk:
      world.note(host.number, "has a full disk")
      let disk = host.disk
      disk.limit(room: 0)
      fullDisks.insert(host.number)
      later(5...60, &chance) { [self] in
        disk.limit(room: .max)
        world.note(host.number, "has room on its disk again")
        fullDisks.remove(host.number)
        // Where it is flooded there is but a little room again.
        floodedRooms[host.number] = nil
      }
    default:
      world.note(host.number, "has a disk that fails")
      host.failDisk(
        .init(
          at: host.disk.operations + chance.number(0...30),
          effect: MemoryDisk.Effect.allCases[chance.number(0...2)], error: .inputOutput))
    }
  }

  /// Ends the node in some way; it comes back after a while.
  private func begin(
    again host: Host, _ chance: inout SeededGenerator, _ end: (Host) -> Void
  ) {
    end(host)
    later(0...90, &chance) { host.start() }
  }

  func later(
    _ seconds: ClosedRange<Int>, _ chance: inout SeededGenerator, _ action: @escaping () -> Void
  ) {
    world.after(.milliseconds(1_000 * chance.number(seconds) + 1), host: 0, action)
  }

  /// All connections between two hosts end in the midst of what they carry.
  func cut(_ host: Host, _ chance: inout SeededGenerator) {
    let other = world.hosts[chance.number(0...world.hosts.count - 1)]
    guard other !== host else { return }
    world.note(nil, "connections between \(host.number) and \(other.number) are cut")
    host.network?.cut(from: other.number)
  }

  /// A way, or what lies between two halves, comes and goes every few moments.
  func flap(_ chance: inout SeededGenerator) {
    let (paths, what) = ways(&chance)
    world.note(nil, "\(what), again and again")
    var pauses = (0..<2 * chance.number(2...8)).map { _ in chance.number(300...6_000) }
    func turn(_ isOpen: Bool) {
      if isOpen { world.blocked.formUnion(paths) } else { world.blocked.subtract(paths) }
      guard let pause = pauses.popLast() else {
        world.note(nil, "over: \(what), again and again")
        return world.blocked.subtract(paths)
      }
      world.after(.milliseconds(pause), host: 0) { turn(!isOpen) }
    }
    turn(true)
  }

  /// A disk says for a while that it keeps what it does not; then the power is lost. It is as if an older
  /// state of it were put back.
  func lie(_ host: Host, _ chance: inout SeededGenerator) {
    host.beginLying()
    later(1...40, &chance) { [self] in
      guard host.isLying, host.isHonest, world.faults.isEmpty else { return }
      world.look(at: host)
      let alone = alone(at: host)
      host.losePowerAndMore()
      world.audit.forgive(host.number)
      world.look(at: host)
      mayFork(host)
      excuse(alone, goneFrom: host)
      world.after(.seconds(5), host: 0) { host.start() }
    }
  }

  /// Splits the hosts in two, or takes away one direction between two.
  private func part(_ chance: inout SeededGenerator) {
    let (paths, what) = ways(&chance)
    world.note(nil, what)
    world.blocked.formUnion(paths)
    later(2...120, &chance) { [world] in
      world.blocked.subtract(paths)
      world.note(nil, "over: \(what)")
    }
  }

  /// The ways between two halves, or from one host to another.
  private func ways(_ chance: inout SeededGenerator) -> ([World.Path], String) {
    var paths: [World.Path] = []
    let count = world.hosts.count
    if chance.oneIn(2) {
      var side = (0..<count).map { _ in chance.oneIn(2) }
      if Set(side).count == 1 { side[0].toggle() }
      for from in 0..<count {
        for to in 0..<count where side[from] != side[to] { paths.append(.init(from: from, to: to)) }
      }
      let columns = side.map { $0 ? "A" : "B" }.joined(separator: " ")
      return (paths, "the network falls apart, by columns: \(columns)")
    } else {
      let from = chance.number(0...count - 1)
      let to = (from + chance.number(1...count - 1)) % count
      return ([.init(from: from, to: to)], "nothing gets from \(from) to \(to)")
    }
  }

  // MARK: Disks

  /// Something happens to the whole of a disk. What no other disk holds is excused: nobody can give
  /// it back.
  func harm(_ mishap: Mishap, _ host: Host, _ chance: inout SeededGenerator) {
    world.look(at: host)
    let alone = alone(at: host)
    switch mishap {
    case .backup: host.backUp()
    case .bitRot:
      let before = world.audit.written(at: host.number).intersection(
        world.audit.held(at: host.number))
      host.rot(&chance)
      world.audit.rotten(host.number)
      world.look(at: host)
      // What the power cut left of the lock may not vouch for it, and nobody who has it may be in reach.
      if host.isLockBehind, !before.isSubset(of: world.audit.held(at: host.number)) {
        mayFork(host)
      }
      world.audit.noteHidden(at: host.number)
      excuse(alone, goneFrom: host)
      world.audit.book.gone.formUnion(
        alone.only.subtracting(world.audit.held(at: host.number)))
    case .restoredData, .restoredDisk:
      // A whole disk that is put back cannot be told from the one that was: what was written since may
      // be written over where nobody who knows it is in reach (B 17). So may what a lock does not know that a
      // power cut took back. And what a backup of the data directory took along on its way to the disk may
      // never have come there.
      host.restore(isWhole: mishap == .restoredDisk)
      world.audit.forgive(host.number)
      let isAhead = !Audit.inLogs(of: host.disk).isSubset(of: world.audit.book.entries.keys)
      if isAhead { mayFork(host) }
      world.look(at: host)
      if mishap == .restoredDisk || host.isLockBehind || isAhead { mayFork(host) }
      excuse(alone, goneFrom: host)
      later(0...60, &chance) { host.start() }
    case .copiedData, .copiedDisk: copy(host, isWhole: mishap == .copiedDisk, &chance)
    default:
      host.loseDisk()
      world.audit.forgive(host.number)
      excuse(alone, goneFrom: host)
      later(0...60, &chance) { host.start() }
    }
  }

  /// What nobody could give back to a host: what it alone holds, and what beside it only computers hold
  /// that were removed, or are before it hears from them.
  private func alone(
    at host: Host
  ) -> (only: Set<Long>, besideRemoved: [Set<Audit.Unasked>: Set<Long>]) {
    let audit = world.audit
    return (audit.heldOnly(at: host.number), audit.heldBesideRemoved(at: host.number))
  }

  /// Excuses what is gone of that: at once what nobody holds, and in the end, as far as nobody in the
  /// office has it by then, what only removed computers held.
  private func excuse(
    _ alone: (only: Set<Long>, besideRemoved: [Set<Audit.Unasked>: Set<Long>]),
    goneFrom host: Host
  ) {
    let held = world.audit.held(at: host.number)
    world.audit.noteLost(at: host.number)
    ledger.excuse(alone.only.subtracting(held))
    world.audit.leaveOutside(alone.besideRemoved.mapValues { $0.subtracting(held) })
  }

  /// The device that is at a host now may write two things at one place. Where an older state of the disk is
  /// back, that may be another than before: one that was set aside since.
  private func mayFork(_ host: Host) {
    if let device = world.audit.device(of: host.number) { world.audit.book.mayFork.insert(device) }
  }

  private func copy(_ host: Host, isWhole: Bool, _ chance: inout SeededGenerator) {
    guard let person = people.first(where: { $0.host === host }),
      world.hosts.count < Self.hostsMax
    else { return }
    if isWhole { mayFork(host) }
    let copy = Person(
      name: person.name, host: world.addHost(), isBox: person.isBox, isCopy: true)
    copy.isIn = true
    people.append(copy)
    place(copy.host)
    copy.host.begin(asCopyOf: host, isWhole: isWhole)
    world.audit.copy(to: copy.host.number, from: host.number)
    if world.audit.isRotten(host.number) { world.audit.rotten(copy.host.number) }
    later(0...60, &chance) { copy.host.start() }
  }
}
