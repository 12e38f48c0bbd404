import Control

extension OfficeRun {
  /// By when all must hold the same once everything heals (P4): ways that come and go do so for 96 seconds
  /// more, and whoever sleeps wakes within 180.
  static let convergence = Duration.seconds(200)

  /// By when all must hold what anybody writes after that, while nobody is away.
  static let hearing = Duration.seconds(10)

  /// All who run on sound disks hold the same (P4). What somebody who lies still writes is on its way at any
  /// time.
  func checkConverged(_ moment: String) {
    guard world.audit.book.liars.isEmpty else { return }
    var views: [(person: Person, view: View)] = []
    for person in people where person.isIn && !person.isCopy {
      let host = person.host
      guard host.isRunning, !host.isAsleep, !host.isDiskDistrusted,
        !world.audit.isRotten(host.number),
        case .officeStatus(let office)? = host.peek(.officeStatus(OfficeStatusCall())),
        office.standing == .ready, case .status(let status)? = host.peek(.status(StatusCall())),
        !status.degraded.contains(where: { Self.keepingApart.contains($0.word) }),
        var view = view(asking: host.peek)
      else { continue }
      view.groups = view.groups.filter { !mayBeBeforeWitness(in: $0.key, at: host) }
      views.append((person, view))
    }
    // What joins two segments may itself wait for a start that trusts its disk again.
    for var part in joined(views) where part.count > 1 {
      leaveOutApart(&part, withBearers: false)
      compareLogs(part, moment)
      comparedSoon += part.count
    }
  }

  /// Whether whoever is at a host may be out of a group by what all others hold, who give it nothing any more, and
  /// cannot know that: it compares with them once somebody of the group has spoken.
  private func mayBeBeforeWitness(in group: HexIdentifier, at host: Host) -> Bool {
    let (audit, book) = (world.audit, world.audit.book)
    guard let device = audit.device(of: host.number), let group = Long(group.bytes) else {
      return false
    }
    let held = audit.held(at: host.number)
    return book.members(of: device).contains {
      book.mayBeBeforeWitness($0, in: group, knows: held.contains)
    }
  }

  /// Parts of these between whose computers a way leads, over these alone.
  private func joined(
    _ views: [(person: Person, view: View)]
  ) -> [[(person: Person, view: View)]] {
    var rest = views
    var parts: [[(person: Person, view: View)]] = []
    while let first = rest.popLast() {
      var part = [first]
      while let next = rest.firstIndex(where: { one in
        part.contains { canLink($0.person, one.person) }
      }) {
        part.append(rest.remove(at: next))
      }
      parts.append(part)
    }
    return parts
  }

  /// What a node says of itself that does not take in all that others have.
  private static let keepingApart: [DegradedWord] = [
    .copied, .saidRemoved, .removed, .suspended, .joining, .readOnlyDisk, .diskFull, .dataDamaged,
  ]
}
