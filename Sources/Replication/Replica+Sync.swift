package import Format

extension Replica {
  mutating func linkUp(
    _ link: LinkID, _ device: DeviceKey?, _ noise: NoiseIdentity, _ named: EntryID
  ) {
    links[link] = LinkState(id: link, device: device, noise: noise, named: named, now: now)
    // The office log comes first: it says who the other is and what it may hold. To a peer
    // whose certificate is not here nothing is said; it speaks first (H-5).
    if device != nil { sendDigests([officeLog], on: link) }
  }

  /// What a link had been asked for is asked elsewhere.
  mutating func linkDown(_ link: LinkID) {
    guard let gone = links.removeValue(forKey: link) else { return }
    forgetProbes(on: link)
    // Whoever comes next may bring what is lacking, and is waited for anew.
    if links.isEmpty { epochWaits = [:] }
    askAgain(gone.wanted, after: link)
  }

  /// What a link was asked for is asked of whoever else announced it, those behind it first, so
  /// that all get their turn, and of itself last.
  mutating func askAgain(_ wanted: [GroupID: [FeedPlace: UInt32]], after link: LinkID) {
    let all = links.keys.sorted()
    for id in wanted.keys.sorted() {
      let group = groupOrEmpty(id)
      for other in all where other > link { ask(group, on: other) }
      for other in all where other <= link { ask(group, on: other) }
    }
  }

  /// A peer that brings little of what it was asked for is not waited for.
  mutating func reviewWants(on link: LinkID) {
    guard let state = links[link] else { return }
    guard !state.isBringing else {
      state.beginWants(now)
      return
    }
    askAgain(state.takeWishes(), after: link)
  }

  mutating func received(_ message: Message, on link: LinkID) {
    guard let state = links[link] else { return }
    state.lastReceived = now
    state.times.digest = now + .seconds(Limits.idleDigestSeconds)
    switch message {
    case .digests(let list): receive(list, on: link)
    case .frontier(let group, let items): receive(frontier: items, of: group, on: link)
    case .want(let group, let wants): receive(wants, of: group, on: link)
    case .entries(let entries): receive(entries, on: link)
    case .have(let group, let items): receive(have: items, of: group, on: link)
    case .bye, .ping, .pong, .admitRequest, .admitAnswer: break
    case .door, .knock, .doorNonce, .opening, .doorAnswer: break
    }
  }

  /// Whether the peer of a link may hold a group's log, in this node's current view. On a
  /// provisional link it may hold nothing, not even the office log (H-5).
  mutating func mayHold(_ link: LinkID, _ group: GroupState) -> Bool {
    guard let device = links[link]?.device else { return false }
    return group.isOffice || mayHold(device, group)
  }

  /// Whether to hear what the peer says it holds of a group, and to ask for it. A provisional link
  /// may bring the certificate that proves it; and who may hold a group is not known before its
  /// first genesis is admitted.
  private mutating func mayTell(_ link: LinkID, _ group: GroupState) -> Bool {
    if group.isOffice || mayHold(link, group) { return true }
    return group.authority == nil && links[link]?.device != nil
  }

  mutating func sendDigests(_ list: [GroupState], on link: LinkID) {
    let digests = list.map { Message.GroupDigest(group: $0.id, digest: $0.digest) }
      .sorted { $0.group < $1.group }
    for start in stride(from: 0, to: digests.count, by: Limits.digestsMax) {
      let end = min(start + Limits.digestsMax, digests.count)
      wish(.send(link, .digests(Array(digests[start..<end]))))
    }
  }

  /// Digests of every group the other may hold, once the office log is the same on both sides.
  mutating func officeSynced(on link: LinkID) {
    guard links[link]?.isOfficeSynced == false, links[link]?.device != nil else { return }
    links[link]?.isOfficeSynced = true
    oweEpochs()
    sendGroupDigests(on: link)
  }

  mutating func sendGroupDigests(on link: LinkID) {
    var list: [GroupState] = []
    for id in groups.keys.sorted() where id != office {
      if let group = groups[id], !group.items.isEmpty, mayHold(link, group) { list.append(group) }
    }
    sendDigests(list, on: link)
    showRemovals(on: link)
    askOwnForks(on: link)
  }

  /// Answers a digest that differs from the own one with the frontier.
  private mutating func receive(_ list: [Message.GroupDigest], on link: LinkID) {
    for one in list where !refusedGroups.contains(one.group) {
      let known = groups[one.group]
      guard one.group == office || links[link]?.device != nil else { continue }
      if let known, known.digest == one.digest {
        // Equal: the peer holds exactly what this node holds.
        for item in known.items { compare(item, known, on: link) }
        links[link]?.noteCompared(known.id, isHere: true)
        if known.isOffice {
          links[link]?.isOfficeEqual = true
          officeSynced(on: link)
        }
        continue
      }
      guard known.map({ mayTell(link, $0) }) ?? (groups.count < Limits.groupsMax) else {
        if let known { askOutsider(known, one.digest, on: link) }
        continue
      }
      sendFrontier(one.group, on: link)
    }
  }

  /// Says what this node holds of a group, once per state of it in a while: nothing to whom
  /// it may not say it, such as a provisional link (H-5), but then the peer says what it holds.
  private mutating func sendFrontier(_ id: GroupID, on link: LinkID) {
    var items: [FrontierItem] = []
    if let group = groups[id], mayHold(link, group) { items = group.items }
    let digest = EntryHashes.digest(id, items)
    let said = links[link]?.frontierSaid
    // Two nodes that differ answer each other's frontiers: said at once again it would bring nothing.
    if let said = said?[id], said.digest == digest,
      now < said.at + .seconds(Limits.frontierAgainSeconds)
    {
      return
    }
    guard let said, said[id] != nil || said.count < Limits.groupsMax else { return }
    links[link]?.frontierSaid[id] = (digest, now)
    wish(.send(link, .frontier(id, items)))
  }

  private mutating func receive(
    frontier items: [FrontierItem], of id: GroupID, on link: LinkID
  ) {
    guard id == office || links[link]?.device != nil else { return }
    guard groups[id] != nil || groups.count < Limits.groupsMax else { return }
    guard !refusedGroups.contains(id) else { return }
    let group = groupOrEmpty(id)
    guard mayTell(link, group) else { return receive(foreign: items, of: group, on: link) }
    // What was sent on this link and did not arrive is not taken as sent any more.
    links[link]?.sent[id] = nil
    links[link]?.forgetAnnounced(id)
    for item in items { compare(item, group, on: link) }
    askForDropped(of: group, on: link)
    links[link]?.noteCompared(id, isHere: groups[id] != nil)
    ask(group, on: link)
    let theirs = Dictionary(items.map { ($0.place, $0.seq) }, uniquingKeysWith: max)
    // Two nodes may keep other branches of a feed that has more than eight; nothing waits for that.
    let lacks = group.items.contains { item in
      theirs[item.place].map { $0 < item.seq } ?? true
        && group.strands(of: item.feed).count < Limits.branchesMax
    }
    if lacks {
      // Until the other has the office log it cannot know which groups are meant for it.
      return sendFrontier(id, on: link)
    }
    if group.isOffice, links[link]?.wanted[office]?.isEmpty ?? true { officeSynced(on: link) }
  }

  /// After a frontier: what its sender does not say any more that it holds is asked for elsewhere.
  mutating func askForDropped(of group: GroupState, on link: LinkID) {
    let dropped = links[link]?.dropWishes(of: group.id) ?? [:]
    if !dropped.isEmpty { askAgain([group.id: dropped], after: link) }
  }

  private mutating func receive(have items: [FrontierItem], of id: GroupID, on link: LinkID) {
    guard let group = groups[id] else {
      // A group this node has never seen: its frontier is asked for, once in a while.
      if links[link]?.device != nil, groups.count < Limits.groupsMax, !refusedGroups.contains(id) {
        sendFrontier(id, on: link)
      }
      return
    }
    guard mayTell(link, group) else {
      _ = noteHeld(items, of: group, on: link)
      return showNext(of: group, on: link)
    }
    var lacks = false
    for item in items {
      compare(item, group, on: link)
      let branch = group.branch(item.place)
      if Int(item.seq) >= branch.map({ Int($0.end ?? UInt32($0.feed.count)) }) ?? 0 { lacks = true }
    }
    if lacks { links[link]?.oweAsk(id, by: now + .milliseconds(Limits.askDelayMilliseconds)) }
  }

  private mutating func receive(
    _ wants: [Message.Want], of id: GroupID, on link: LinkID
  ) {
    guard let group = groups[id] else { return }
    let isHolder = mayHold(link, group)
    for want in wants {
      // Who asks for a branch that is new to it does not know where it begins.
      guard let branch = group.branch(want.place) else { continue }
      let from = max(want.from, branch.from)
      guard from < branch.storedEnd else { continue }
      var proof: RemovalProof?
      var showsOwnFork = false
      if !isHolder {
        // Of what shows it a removal a device may ask for the rest.
        proof = links[link]?.proof(of: id, branch.feed.place, from: from)
        showsOwnFork =
          proof == nil && isOwnFork(branch, group, of: link)
          && links[link]?.beginShowing(want.place) ?? false
        guard proof != nil || showsOwnFork else { continue }
      }
      links[link]?.serve(
        Serving(
          group: id, place: want.place, from: showsOwnFork ? branch.from : from, proof: proof,
          showsOwnFork: showsOwnFork))
    }
  }

  /// Takes in one announced head: what it says of forks, of own feeds and of what the peer holds.
  private mutating func compare(_ item: FrontierItem, _ group: GroupState, on link: LinkID) {
    links[link]?.state(group.id, item.place, item.seq)
    branchEnds(item, group, on: link)
    guard links[link] != nil else { return }
    guard let branch = located(item.place, group, on: link) else {
      if !item.branch.isZero, group.feeds[FeedPlace(feed: item.feed)]?.isOwn ?? false {
        claimed(group, on: link)
      }
      return
    }
    let feed = branch.feed
    guard item.seq >= branch.from else { return }
    if item.seq < branch.end ?? UInt32(feed.count) {
      guard feed.prefix(item.seq) == item.prefix else {
        return suspectFork(
          branch, item.place, group, on: link, upTo: item.seq, otherwise: nil)
      }
    } else if branch.end != nil {
      // The peer does not know that the feed parts here. Its head may be one of this node's branches.
      let strand = group.strands(of: item.feed, holding: item.seq).first {
        $0.prefix(item.seq) == item.prefix
      }
      if let strand { noteDelivered(link, group, strand, item.seq) }
      return
    } else if feed.isOwn {
      claimed(group, on: link)
    }
    noteDelivered(link, group, feed, item.seq)
  }

  /// A peer says that it holds more or other of an own feed than was written here. Its first word is
  /// taken, for writing on could fork; whoever then shows nothing is not believed again, or one liar
  /// could have a new feed begun for every message. What is shown closes the feed all the same.
  mutating func claimed(_ group: GroupState, on link: LinkID) {
    guard let device = links[link]?.device, group.claimants.insert(device).inserted else { return }
    for feed in group.feedList where feed.isOwn { closeOwn(feed.place.feed, in: group) }
  }

  /// Notes that the peer of a link sent or holds entries of a branch up to `seq`.
  mutating func note(_ link: LinkID, _ group: GroupState, _ place: FeedPlace, _ seq: UInt32) {
    _ = links[link]?.announce(group.id, place, seq)
    guard let branch = group.branch(place) else { return }
    if branch.end.map({ seq < $0 }) ?? true { noteDelivered(link, group, branch.feed, seq) }
  }

  private mutating func noteDelivered(
    _ link: LinkID, _ group: GroupState, _ feed: FeedState, _ seq: UInt32
  ) {
    // More of an own feed than is here may follow something else, where this computer was copied: what of
    // it is here the peer is known to hold once the rest is, too.
    if feed.isOwn, Int(seq) >= feed.storedCount { return }
    guard let device = links[link]?.device, group.noteDelivered(feed, seq, to: device) else {
      return
    }
    tell(.delivered(group.id, device))
  }

  /// A feed begins here: who announced it before holds that much of it.
  mutating func noteAnnounced(_ feed: FeedState, _ group: GroupState) {
    for link in links.keys.sorted() {
      guard let seq = links[link]?.announced[group.id]?[feed.place] else { continue }
      noteDelivered(link, group, feed, seq)
    }
  }

  /// After office entries became durable: links that waited for nothing else go on to the groups.
  mutating func officeStored() {
    guard !storing.values.contains(where: { $0.group.isOffice }) else { return }
    for link in links.keys.sorted() where links[link]?.wanted[office]?.isEmpty ?? true {
      guard links[link]?.announced[office] != nil, links[link]?.device != nil else { continue }
      // The other sees by this digest that the log has arrived, and goes on to the groups too.
      if links[link]?.isOfficeEqual == false { sendDigests([officeLog], on: link) }
      officeSynced(on: link)
    }
  }
}

extension Replica {
  /// Whether the office log was compared with at least one peer since the start.
  package var hasComparedWithPeer: Bool { links.values.contains(where: \.isOfficeSynced) }

  /// Whether a linked device has said what it holds of a group, and so of the own feeds in it.
  package func hasCompared(_ id: GroupID) -> Bool {
    links.values.contains { $0.device != nil && $0.compared.contains(id) }
  }
}
