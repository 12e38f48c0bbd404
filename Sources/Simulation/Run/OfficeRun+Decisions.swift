import Control
import Format
import TestSupport

/// What people decide while the network is in pieces. Nobody waits for an answer; what is refused is
/// refused, and what two decide at once must come to the same everywhere.
extension OfficeRun {
  func decide(_ mishap: Mishap, _ chance: inout SeededGenerator) {
    switch mishap {
    case .invite: invite(&chance)
    case .dismiss: dismiss(&chance)
    case .readmit: readmit(&chance)
    case .promote: rank(.admin, &chance)
    case .demote: rank(.member, &chance)
    case .dropDevice: dropDevice(&chance)
    case .owners: changeOwners(&chance)
    case .recover: recover(&chance)
    default: decideOnGroup(mishap, &chance)
    }
  }

  /// Those whose node is up, of some.
  func one(
    _ chance: inout SeededGenerator, _ isMeant: (Person) -> Bool
  ) -> Person? {
    let some = people.filter { $0.isIn && !$0.isBox && $0.host.isRunning && isMeant($0) }
    return some.isEmpty ? nil : some[chance.number(0...some.count - 1)]
  }

  func leader(_ chance: inout SeededGenerator) -> Person? {
    one(&chance) { $0.rank != .member }
  }

  /// Asks without waiting, and notes what was asked and what came of it.
  func ask(
    _ person: Person, _ request: ControlRequest, _ what: String,
    _ done: @escaping (ControlResult) -> Void = { _ in }
  ) {
    ask(person, request, what, refused: {}, done)
  }

  /// The same, and does something else where it was refused.
  func ask(
    _ person: Person, _ request: ControlRequest, _ what: String,
    refused: @escaping () -> Void, _ done: @escaping (ControlResult) -> Void
  ) {
    world.note(person.host.number, "\(person.name): \(what)")
    person.host.ask(request) { [world] outcome in
      switch outcome {
      case .success(let result):
        world.note(person.host.number, "\(person.name): \(what): done")
        done(result)
      case .failure(let error):
        world.note(person.host.number, "\(person.name): \(what): \(error.name)")
        person.hear(error)
        refused()
      }
    }
  }

  private func invite(_ chance: inout SeededGenerator) {
    guard world.hosts.count < Self.hostsMax, let leader = leader(&chance) else { return }
    invite(asBox: chance.oneIn(4), by: leader)
  }

  /// A new computer is let in, by a ticket of `leader`.
  func invite(asBox isBox: Bool = false, by leader: Person) {
    let person = Person(name: "P\(people.count)", host: world.addHost(), isBox: isBox)
    people.append(person)
    place(person.host)
    person.host.start()
    let call = TicketNewCall(
      kind: isBox ? .box : .member, keeper: isBox ? true : nil, name: person.name, member: nil,
      groups: [], uses: nil, validSeconds: nil)
    ask(leader, .ticketNew(call), "a ticket for \(person.name)") { [self] result in
      guard case .ticketNew(let made) = result else { return }
      join(person, made.text, "pc-\(person.host.number)")
    }
  }

  private func join(_ person: Person, _ ticket: String, _ device: String) {
    let call = JoinCall(ticket: ticket, name: nil, account: nil, device: device)
    ask(person, .join(call), "joins") { [self] _ in
      noteLetIn(person)
      if !person.isBox { groups["everyone", default: []].insert(person.name) }
    }
  }

  private func dismiss(_ chance: inout SeededGenerator) {
    guard let leader = leader(&chance),
      let target = one(&chance, { !$0.isFounder && !$0.isCopy && $0.name != leader.name })
    else { return }
    let call = MemberRemoveCall(member: "@" + target.name, look: nil)
    ask(leader, .memberRemove(call), "removes \(target.name)") { [self] _ in
      for person in people where person.name == target.name { person.isIn = false }
    }
  }

  /// Somebody who was removed sets aside what is left and comes back.
  private func readmit(_ chance: inout SeededGenerator) {
    let gone = people.filter {
      !$0.isIn && !$0.isCopy && !$0.isBox && $0.host.isRunning
        && groups["everyone"]?.contains($0.name) ?? false
    }
    guard let person = gone.first, let leader = leader(&chance) else { return }
    person.host.isLetIn = false
    ask(person, .officeAside(OfficeAsideCall()), "sets the office aside") { [self] _ in
      world.audit.empty(person.host.number)
      let call = TicketNewCall(
        kind: .member, keeper: nil, name: nil, member: "@" + person.name, groups: [], uses: nil,
        validSeconds: nil, again: true)
      ask(leader, .ticketNew(call), "a ticket for \(person.name) again") { [self] result in
        guard case .ticketNew(let made) = result else { return }
        join(person, made.text, person.nextDevice())
      }
    }
  }

  private func rank(_ rank: RankWord, _ chance: inout SeededGenerator) {
    guard let leader = leader(&chance),
      let target = one(&chance, { $0.rank != .owner && $0.name != leader.name })
    else { return }
    let call = MemberRankCall(member: "@" + target.name, rank: rank)
    ask(leader, .memberRank(call), "makes \(target.name) \(rank)") { _ in target.rank = rank }
  }

  private func dropDevice(_ chance: inout SeededGenerator) {
    guard let leader = leader(&chance),
      let target = one(&chance, { !$0.isFounder && !$0.isCopy && $0 !== leader })
    else { return }
    guard let device = world.audit.device(of: target.host.number) else { return }
    let call = DeviceRemoveCall(device: Self.typed(device), look: nil)
    ask(leader, .deviceRemove(call), "removes the computer of \(target.name)")
  }

  /// A device as it may be typed.
  static func typed(_ device: Long) -> String {
    HexIdentifier(bytes: Array(device.bytes.prefix(16))).map { "id:\($0)" } ?? ""
  }

  private func decideOnGroup(_ mishap: Mishap, _ chance: inout SeededGenerator) {
    let listed = groups.keys.filter { $0 != "everyone" }.sorted()
    guard !listed.isEmpty else { return }
    let title = listed[chance.number(0...listed.count - 1)]
    let members = groups[title, default: []]
    switch mishap {
    case .newGroup:
      guard let founder = one(&chance, { _ in true }) else { return }
      let some = people.filter { $0.isIn && !$0.isBox && !$0.isCopy && $0 !== founder }
        .filter { _ in chance.oneIn(2) }
      let title = "Gruppe \(happened[.newGroup, default: 0] + 1)"
      let call = GroupNewCall(title: title, purpose: nil, members: some.map { "@" + $0.name })
      ask(founder, .groupNew(call), "founds \(title)") { [self] result in
        if case .groupNew(let made) = result {
          world.note(founder.host.number, "\(title) is group \(made.group.id)")
          founded[title] = made.group.id
        }
        groups[title] = Set(some.map(\.name)).union([founder.name])
      }
    case .groupAdd:
      guard let actor = one(&chance, { members.contains($0.name) }),
        let target = one(&chance, { !members.contains($0.name) })
      else { return }
      let call = GroupAddCall(group: title, members: ["@" + target.name])
      ask(actor, .groupAdd(call), "adds \(target.name) to \(title)") { [self] _ in
        groups[title, default: []].insert(target.name)
      }
    case .groupRemove:
      guard let actor = one(&chance, { members.contains($0.name) }),
        let target = one(&chance, { members.contains($0.name) && $0.name != actor.name })
      else { return }
      let call = GroupRemoveCall(group: title, members: ["@" + target.name])
      ask(actor, .groupRemove(call), "removes \(target.name) from \(title)") { [self] _ in
        groups[title]?.remove(target.name)
      }
    default:
      guard let actor = one(&chance, { members.contains($0.name) && !$0.isFounder }) else { return }
      ask(actor, .groupLeave(GroupLeaveCall(group: title, look: nil)), "leaves \(title)") {
        [self] _ in groups[title]?.remove(actor.name)
      }
    }
  }
}
