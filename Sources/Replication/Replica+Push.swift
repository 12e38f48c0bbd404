import Format

extension Replica {
  /// Live push: whoever stands exactly before the new entries gets them.
  mutating func push(_ group: GroupState, _ feed: FeedState, from first: UInt32) {
    let place = feed.place(of: first)
    for link in links.keys.sorted() {
      guard mayHold(link, group), links[link]?.isOfficeSynced ?? false || group.isOffice else {
        continue
      }
      let reached = links[link]?.reached(group.id, place)
      // Who lacks more asks after the `have`; who has it already said so.
      guard first == 0 ? reached == nil : reached == first - 1 else { continue }
      // In the place of what was asked for, the push would leave the question without an answer.
      guard !(links[link]?.isServing(group.id, place) ?? false) else { continue }
      links[link]?.serve(Serving(group: group.id, place: place, from: first))
    }
  }

  /// What to read from the store and send on this link next; feeds take turns.
  package mutating func nextServing(on link: LinkID) -> Serving? {
    while let next = links[link]?.serving.first {
      guard let group = groups[next.group], let branch = group.branch(next.place),
        next.from < branch.storedEnd, mayServe(next, group, on: link)
      else {
        links[link]?.serving.removeFirst()
        continue
      }
      return next
    }
    return nil
  }

  /// Whether the device has a right to the group, or is shown that it has none any more, or how
  /// its own feed was forked.
  private mutating func mayServe(
    _ serving: Serving, _ group: GroupState, on link: LinkID
  ) -> Bool {
    if serving.showsOwnFork { return true }
    guard let proof = serving.proof else { return mayHold(link, group) }
    return links[link]?.mayProve(proof, in: serving.group) ?? false
  }

  /// Says that a serving was sent up to `last`, or nil where the store could not read it.
  package mutating func served(_ serving: Serving, through last: UInt32?, on link: LinkID) {
    guard let index = links[link]?.serving.firstIndex(of: serving) else { return }
    links[link]?.serving.remove(at: index)
    guard let last, !serving.showsOwnFork else { return }
    // The next push follows what was sent, without waiting to hear that it arrived.
    links[link]?.sent[serving.group, default: [:]][serving.place] = last
    if let proof = serving.proof {
      links[link]?.proved(proof, in: serving.group)
      guard last < proof.through, proof.isAsked || serving.place.branch.isZero else { return }
    }
    guard let branch = groups[serving.group]?.branch(serving.place) else { return }
    var place = serving.place
    // A proof goes on where the feed parts; a branch is asked for by its own name.
    if last + 1 >= branch.storedEnd, serving.proof != nil {
      place = branch.feed.place(of: last + 1)
    }
    guard let next = groups[serving.group]?.branch(place), last + 1 < next.storedEnd else { return }
    links[link]?.serving.append(
      Serving(group: serving.group, place: place, from: last + 1, proof: serving.proof))
  }

  /// Links that wait for entries, in order.
  package var linksToServe: [LinkID] {
    var waiting: [LinkID] = []
    for (id, state) in links where !state.serving.isEmpty { waiting.append(id) }
    return waiting.sorted()
  }

  /// The group's stored heads changed: every link that may hold it hears of it soon.
  mutating func owesHave(_ group: GroupState) {
    for link in links.keys.sorted() where mayHold(link, group) { owesHave(group, on: link) }
  }

  mutating func owesHave(_ group: GroupState, on link: LinkID) {
    links[link]?.haveOwed.insert(group.id)
    links[link]?.oweHave(by: now + .milliseconds(Limits.haveDelayMilliseconds))
  }

  /// Carries out what time has made due and works out when the next thing is.
  mutating func runTimers() {
    tellDueSuspensions()
    reviewEpochs()
    tellDueEpochs()
    var next = reviewSearches()
    for at in [suspendAt.values.map(\.at).min(), epochReviewAt, epochAt.values.map(\.at).min()] {
      if let at { next = min(next ?? at, at) }
    }
    var first = firstDue
    if let at = first, at <= now {
      for link in links.keys.sorted() {
        if let state = links[link], state.dueAt <= now { doDue(state) }
      }
      first = firstDue
    }
    if let first { next = min(next ?? first, first) }
    deadline = next
  }

  /// When the first thing is due that is owed on a link.
  private var firstDue: Duration? {
    links.isEmpty ? nil : links.values.reduce(.never) { min($0, $1.dueAt) }
  }

  private mutating func doDue(_ state: LinkState) {
    let (link, times) = (state.id, state.times)
    if times.have <= now { sendHaves(on: link) }
    if times.ask <= now {
      let owed = state.askOwed.sorted()
      (state.askOwed, state.times.ask) = ([], .never)
      for id in owed { ask(groupOrEmpty(id), on: link) }
    }
    if times.groupDigests <= now {
      state.times.groupDigests = .never
      if state.isOfficeSynced { sendGroupDigests(on: link) }
    }
    if times.wants <= now { reviewWants(on: link) }
    if times.digest <= now { repeatDigests(on: link) }
    if let at = state.branches.forgetAt, at <= now { state.branches.forgetNames() }
  }

  private mutating func sendHaves(on link: LinkID) {
    let owed = links[link]?.haveOwed.sorted() ?? []
    links[link]?.haveOwed = []
    links[link]?.times.have = .never
    for id in owed {
      guard let group = groups[id], mayHold(link, group) else { continue }
      let said = links[link]?.said[id] ?? [:]
      let news = group.items.filter { said[$0.place] != $0.seq }
      guard !news.isEmpty else { continue }
      for item in news { links[link]?.said[id, default: [:]][item.place] = item.seq }
      wish(.send(link, .have(id, Array(news.prefix(Limits.frontierItemsMax)))))
    }
  }

  /// When a link was idle both sides compare again: nothing a lost wish left behind stays lost.
  private mutating func repeatDigests(on link: LinkID) {
    links[link]?.times.digest = now + .seconds(Limits.idleDigestSeconds)
    guard let state = links[link], state.device != nil else { return }
    // Two nodes need not hold the same of a device with more than its share, so they are not held
    // up by that: there is nothing that this side could ask for.
    if state.announced[office] != nil, state.wanted[office] == nil { officeSynced(on: link) }
    sendDigests([officeLog], on: link)
    if links[link]?.isOfficeSynced ?? false { sendGroupDigests(on: link) }
  }

  /// Somebody may hold a group now that could not before: compare soon, once for many changes.
  mutating func rightsChanged() {
    guard !isRestoring else { return }
    for link in links.keys {
      links[link]?.oweDigests(by: now + .milliseconds(Limits.haveDelayMilliseconds))
    }
  }
}
