import Control
import Format

extension OfficeRun {
  /// All who are in the office agree about its members, its groups, and what was said.
  func compare() {
    world.begin("all must agree")
    let present = people.filter(\.isIn)
    var views: [(person: Person, view: View)] = []
    for person in present {
      guard let view = view(of: person) else { return }
      views.append((person, view))
    }
    leaveOutApart(&views, withBearers: true)
    guard let first = views.first else { return }
    excuseRot()
    excuseLeftOutside()
    excuseWaiting()
    checkListed(views)
    for (person, view) in views.dropFirst() {
      let who = "hosts \(first.person.host.number) and \(person.host.number) "
      if view.members != first.view.members { world.fail(who + "know other members") }
      for (group, members) in view.groups.sorted(by: { $0.key < $1.key }) {
        let holder = views.first { $0.view.groups[group] != nil } ?? first
        guard holder.view.groups[group] != members else { continue }
        let who = "hosts \(holder.person.host.number) and \(person.host.number) "
        world.fail(
          who + "know other members of a group: \(view.titles[group] ?? "?") "
            + "\(group.text.prefix(8)), \(holder.view.groups[group]?.count ?? 0) and \(members.count)"
        )
      }
    }
    for person in present {
      checkGone(at: person)
      if person.isBox { checkKeeper(person) }
    }
    compareOwners()
    compareLogs(views, "in the end")
    guard world.faults.isEmpty else { return }
    let groups = Set(views.flatMap { $0.view.groups.keys }).sorted()
    for group in groups where world.faults.isEmpty { compare(group, views) }
    comparedAt = world.now
    comparedNodes += views.count
  }

  /// The office as one node shows it.
  struct View {
    var members: Set<[String]> = []
    /// The members of each group that this node's member is in.
    var groups: [HexIdentifier: Set<HexIdentifier>] = [:]
    var titles: [HexIdentifier: String] = [:]
  }

  /// What is said in a group comes only where computers lead that hold it, be it to who does not have the group
  /// yet. `withBearers`: or from who is not in it, and alone has what must be shown there.
  func leaveOutApart(_ views: inout [(person: Person, view: View)], withBearers: Bool) {
    let groups = Set(views.flatMap { $0.view.groups.keys }).union(allGroups)
    apart = groups.filter { group in
      let listed = views.filter { $0.person.isBox || isIn(group, $0, views) }.map(\.person)
      let inside = listed.allSatisfy(\.isBox) ? concerned(by: group, views) : listed
      let outside = views.map(\.person).filter { one in !inside.contains { $0 === one } }
      let bearers = withBearers ? bearers(of: group, among: outside, beside: inside) : []
      return !isJoined(inside + bearers)
    }
    for index in views.indices {
      views[index].view.groups = views[index].view.groups.filter { !apart.contains($0.key) }
    }
  }

  /// Who of some holds words of a group that must be shown, and that nobody of those in it holds.
  private func bearers(
    of group: HexIdentifier, among some: [Person], beside inside: [Person]
  ) -> [Person] {
    if inside.isEmpty { return [] }
    let audit = world.audit
    func usable(_ people: [Person]) -> Set<Long> {
      people.reduce(into: []) { $0.formUnion(audit.usable(at: $1.host.number)) }
    }
    let devices = some.compactMap { audit.device(of: $0.host.number) }
    var missing = ledger.demanded.subtracting(usable(inside)).filter { entry in
      audit.book.entries[entry]?.entry.group == Long(group.bytes)
    }
    if missing.isEmpty { return [] }
    var cuts = Cuts(audit.book, without: givenUp)
    let held = usable(inside + some)
    missing = missing.filter { counts($0, without: devices, &cuts, among: held) }
    return missing.isEmpty ? [] : some.filter { !usable([$0]).isDisjoint(with: missing) }
  }

  private func view(of person: Person) -> View? {
    view { answer(of: person, to: $0, "what it knows") }
  }

  func view(asking ask: (ControlRequest) -> ControlResult?) -> View? {
    var view = View()
    guard case .memberList(let members)? = ask(.memberList(MemberListCall(removed: true))),
      case .groupList(let groups)? = ask(.groupList(.init()))
    else { return nil }
    for member in members.members {
      view.members.insert([member.name, member.rank.rawValue, member.removed ? "removed" : ""])
    }
    for group in groups.groups where group.gone == nil && !isLie(group.id) {
      view.groups[group.id] = Set(group.members.map(\.id))
      // Two people are reached by the other one's name.
      if group.kind != .direct { view.titles[group.id] = group.title }
    }
    return view
  }

  private func compare(_ group: HexIdentifier, _ views: [(person: Person, view: View)]) {
    let members = views.filter { $0.view.groups[group] != nil && !$0.person.isBox }
    guard let title = members.compactMap({ $0.view.titles[group] }).first else { return }
    let isForeign = members.contains { $0.view.titles[group] != title }
    if isForeign { return world.fail("a group is called \(title) and something else") }
    let outside = views.filter { $0.view.groups[group] == nil }
      .compactMap { world.audit.device(of: $0.person.host.number) }
    var first: (host: Int, shown: [Shown])?
    var cuts = Cuts(world.audit.book, without: givenUp)
    for (person, _) in members {
      guard let shown = shown(group, at: person) else { return }
      let number = person.host.number
      let book = world.audit.book
      let held = world.audit.usable(at: number)
      let honest = shown.filter { message in
        !(book.entries[message.entry].map { book.liars.contains($0.device) } ?? false)
      }
      let fault = ledger.fault(
        in: honest, of: title,
        counts: { [self] in
          let counts = counts($0, without: outside, &cuts, among: held)
          if !counts { letGo.insert($0) }
          return counts
        },
        // Whoever sends again what its disk hid writes it once more (C-7).
        mayDouble: { [audit = world.audit] in audit.wasHidden($0) })
      if let fault { world.fail("host \(number), \(title): \(fault)") }
      checkReadable(shown, at: number, title)
      checkCuts(shown, at: number, title, &cuts)
      if let first {
        compare(first, (number, shown), title)
        comparedMessages += shown.count
      }
      first = first ?? (number, shown)
    }
  }

  /// Whether a message must be shown where these entries are held: no removal of the computer that wrote it, or of
  /// its author from the office or the group, may cut it off, and its author, if that is one of these who are not
  /// in its group in the end, was not added to it in vain, and could know that it was removed.
  func counts(
    _ entry: Long, without outside: [Long], _ cuts: inout Cuts, among held: Set<Long>
  ) -> Bool {
    let book = world.audit.book
    guard let known = book.entries[entry] else { return true }
    // Whoever took over a computer may have written over what its owner said.
    if book.liars.contains(known.device) { return false }
    if cuts.mayCutOff(entry, among: held) { return false }
    guard outside.contains(known.device) else { return true }
    let group = known.entry.group
    return !book.members(of: known.device).contains { member in
      book.mayBeAddedInVain(member, to: group)
        || book.mayBeBeforeWitness(member, in: group) { book.isAware(entry, of: $0) }
    }
  }

  /// A device reads exactly what it was given the key of.
  func checkReadable(_ shown: [Shown], at host: Int, _ title: String) {
    let book = world.audit.book
    guard let device = world.audit.device(of: host) else { return }
    for message in shown {
      guard let known = book.entries[message.entry], let readers = book.readers(known.entry)
      else { continue }
      let may = readers.contains(device)
      if may != (message.text != nil), !may || book.isSound(known) {
        world.fail(
          "host \(host), \(title): a message "
            + (may ? "that it has the key of is not shown" : "is shown without its key"))
      }
    }
  }

  /// Two show the same messages; what came late to neither of them they show in the same order, where
  /// no clock was wrong: one that is far ahead counts as the moment at which its words came.
  private func compare(
    _ first: (host: Int, shown: [Shown]), _ second: (host: Int, shown: [Shown]), _ title: String
  ) {
    let (one, other) = (Set(first.shown.map(\.entry)), Set(second.shown.map(\.entry)))
    let who = "hosts \(first.host) and \(second.host), \(title): "
    let differing = one.symmetricDifference(other)
    let keptOut = differing.intersection(keptOut(at: first.host).union(keptOut(at: second.host)))
    if let missing = differing.subtracting(keptOut).min() {
      let holder = one.contains(missing) ? first : second
      let text = holder.shown.first { $0.entry == missing }?.text ?? missing.first.text
      world.fail(who + "\"\(text)\" is shown at host \(holder.host) alone")
    }
    let late = Set((first.shown + second.shown).filter(\.isLate).map(\.entry)).union(keptOut)
    let orders = [first.shown, second.shown].map { shown in
      shown.map(\.entry).filter { !late.contains($0) }
    }
    guard areClocksRight, one == other else { return }
    if let at = zip(orders[0], orders[1]).first(where: { $0 != $1 }) {
      let texts = [at.0, at.1].map { entry in
        first.shown.first { $0.entry == entry }?.text ?? entry.first.text
      }
      world.fail(who + "one shows \"\(texts[0])\" where the other shows \"\(texts[1])\"")
    }
  }

  /// Whether no clock was ever wrong; what somebody lies about its own does the same.
  var areClocksRight: Bool {
    world.audit.book.liars.isEmpty && !world.hosts.contains(where: \.clock.wasWrong)
  }

  private func shown(_ group: HexIdentifier, at person: Person) -> [Shown]? {
    var all: [Shown] = []
    var before: HexIdentifier?
    repeat {
      let call = ReadCall(
        group: "id:\(group)", limit: 1_000, sinceMs: nil, untilMs: nil, before: before)
      guard case .read(let page)? = answer(of: person, to: .read(call), "read") else { return nil }
      // What nobody gets its author alone is shown (A-15).
      let older = page.messages.filter { $0.state.word != .nobody }.compactMap {
        message -> Shown? in
        guard let entry = Long(message.entry.bytes) else { return nil }
        if let shown = Attribution(message) { check(shown, of: entry, at: person.host.number) }
        return Shown(entry: entry, text: message.text, isLate: message.late)
      }
      all = older + all
      before = page.next
    } while before != nil
    return all
  }

  // MARK: Logs

  /// Whoever is in a group holds the same entries of it as all others, and so does whoever keeps all groups; of
  /// the office everybody does.
  func compareLogs(_ views: [(person: Person, view: View)], _ moment: String) {
    let book = world.audit.book
    let kept = allGroups.filter { !apart.contains($0) }
    let leftOut = book.uncited(by: flooders).union(uncertified)
    var first: [Long: (host: Int, entries: Set<Long>)] = [:]
    for (person, view) in views {
      let number = person.host.number
      let compared = world.audit.usable(at: number).subtracting(leftOut)
        .subtracting(keptOut(at: number))
      let log = Dictionary(grouping: compared) { entry in
        book.entries[entry]?.entry.group ?? .zero
      }
      for group in [book.office].compactMap({ $0 })
        + (person.isBox ? kept : view.groups.keys.sorted()).compactMap({ Long($0.bytes) })
      {
        let entries = Set(log[group] ?? [])
        guard let known = first[group] else {
          first[group] = (number, entries)
          continue
        }
        guard let missing = known.entries.symmetricDifference(entries).min(),
          let entry = book.entries[missing]?.entry
        else { continue }
        let holder = entries.contains(missing) ? number : known.host
        world.fail(
          "hosts \(known.host) and \(number): \(entry.feed.text):\(entry.seq), kind "
            + "\(entry.kind), of group \(group.first.text) is held \(moment) at host \(holder) "
            + "alone")
      }
    }
  }

  /// What of the branches of forked feeds a hole kept out at a host, and nobody who is in the office can use: it
  /// stays out when others have filled the hole (S-15).
  private func keptOut(at host: Int) -> Set<Long> {
    let keptOut = world.audit.keptOut(at: host)
    return keptOut.isEmpty ? [] : keptOut.subtracting(usableInOffice)
  }

  /// Whoever went on writing behind a hole that had rotted, before a start saw it, wrote what nothing joins
  /// to the rest any more: where none of those who are in the office can use it, nobody can give it back.
  func excuseRot() {
    let (audit, usable) = (world.audit, usableInOffice)
    for host in world.hosts where audit.isRotten(host.number) {
      ledger.excuse(audit.held(at: host.number).subtracting(usable))
    }
  }

  /// What a disk lost that only computers held beside it which are removed, and could not be asked for it before
  /// that, is excused where nobody who is in the office has it: one whose removal lost its effect gives back what
  /// it holds.
  func excuseLeftOutside() {
    let usable = usableInOffice
    for (reasons, entries) in world.audit.leftOutside where reasons.allSatisfy(world.audit.isSo) {
      ledger.excuse(entries.subtracting(usable))
    }
  }

  /// What cites what is excused so far, or cites such a thing, waits for it wherever it lies (F-4) where
  /// nobody who is in the office can use what it cites.
  func excuseWaiting() {
    ledger.excuse(world.audit.book.waiting(for: givenUp))
  }

  /// The feeds whose certificate is gone where nobody can give it back, or waits for such a thing (F-4): who
  /// held them keeps them, and nobody else takes them in, for their certificate is admitted nowhere (R-15).
  var uncertified: Set<Long> {
    let book = world.audit.book
    let gone = givenUp
    return book.certified(by: gone.union(book.waiting(for: gone)))
  }

  /// What is excused so far, and nobody who is in the office can use.
  var givenUp: Set<Long> { ledger.excused.subtracting(usableInOffice) }

  /// What anybody who is in the office can use, also after a start.
  var usableInOffice: Set<Long> {
    let (audit, hosts) = (world.audit, people.filter(\.isIn).map(\.host.number))
    return hosts.reduce(into: []) {
      $0.formUnion(audit.usable(at: $1).subtracting(audit.keptOut(at: $1)))
    }
  }
}
