import Authority
import Format

/// Which feeds and groups are taken in. All of it only schedules: what is not taken yet is
/// asked for again, and what another feed here cites is always taken.
extension Replica {
  /// Whether a verified batch may begin a feed here.
  ///
  /// A feed without an admitted certificate could be anybody's: a key is made in no time, and what
  /// is stored once is carried by every node for good.
  mutating func mayBegin(_ batch: Batch, _ group: GroupState, on link: LinkID) -> Bool {
    guard let facts = try? batch.genesisFacts() else { return false }
    let isFounding = batch.entries[0].id == EntryID(group.id.bytes)
    if group.isOffice, isFounding { return true }
    guard authority.certifiedDevice(facts.certificate) == facts.device,
      isFounding || group.feeds[group.foundingPlace] != nil
    else {
      let place = FeedPlace(feed: batch.feed)
      // What shows a removal comes unasked: asked for, it is a wish that waits like others.
      if links[link]?.wanted[group.id]?[place] == nil { askSoon(group, on: link) }
      links[link]?.awaitCertificate(group.id, place)
      return false
    }
    if groups[group.id] == nil { return mayFound(group, facts.device) }
    if group.itemsMax < Limits.feedsPerGroupMax,
      waiters[batch.feed] != nil || hasRoom(for: facts.device, in: group)
    {
      return true
    }
    if group.refused.count < Limits.feedsPerGroupMax {
      group.refused.insert(FeedPlace(feed: batch.feed))
    }
    tellFull(group)
    return false
  }

  /// Whether another branch has room among the feeds and branches of its device in a group.
  func hasRoom(forStrandsOf device: DeviceKey, in group: GroupState) -> Bool {
    group.feedList.count { $0.device == device } < Limits.feedsPerDeviceMax
  }

  /// Whether another feed of a device has room in a group.
  func hasRoom(for device: DeviceKey, in group: GroupState) -> Bool {
    group.itemsMax < Limits.feedsPerGroupMax && hasRoom(forStrandsOf: device, in: group)
  }

  /// Whether another group that a device founded has room.
  func hasRoom(forGroupOf device: DeviceKey) -> Bool {
    groups.count < Limits.groupsMax
      && groups.values.count { $0.feeds[$0.foundingPlace]?.device == device }
        < Limits.groupsPerDeviceMax
  }

  private mutating func mayFound(_ group: GroupState, _ device: DeviceKey) -> Bool {
    if hasRoom(forGroupOf: device) { return true }
    if refusedGroups.count < Limits.groupsMax { refusedGroups.insert(group.id) }
    tellFull(group)
    return false
  }

  private mutating func tellFull(_ group: GroupState) {
    guard !group.isFull else { return }
    group.isFull = true
    tell(.full(group.id))
  }

  /// A certificate came: feeds that were not taken without it are asked for again.
  mutating func askAwaited() {
    for link in links.keys.sorted() {
      guard let awaited = links[link]?.awaited, !awaited.isEmpty else { continue }
      for (group, places) in awaited {
        for place in places { links[link]?.wantAnswered(group, place) }
        links[link]?.oweAsk(group, by: now + .milliseconds(Limits.askDelayMilliseconds))
      }
    }
  }

  /// An entry here cites a feed: it is taken even where its device has more than its share, or
  /// others' entries would wait for good.
  mutating func needs(_ feed: FeedID, in group: GroupState) {
    for log in [group, officeLog] where log.refused.remove(FeedPlace(feed: feed)) != nil {
      for link in links.keys.sorted() { askSoon(log, on: link) }
    }
  }

  /// A group's first genesis is durable: now the rest of it is asked for.
  mutating func askBehind(_ batch: Batch, _ group: GroupState) {
    guard batch.first == 0, FeedPlace(feed: batch.feed) == group.foundingPlace else { return }
    for link in links.keys.sorted() { ask(group, on: link) }
  }
}

extension GroupState {
  /// The feed of the group's first genesis, whose ID the group's begins with.
  var foundingPlace: FeedPlace { FeedPlace(feed: FeedID(id.bytes.prefix)) }

  var isFoundingStored: Bool { feeds[foundingPlace]?.storedCount ?? 0 > 0 }

  /// Whether to ask for a feed: for the founding one before all others, and for none that was
  /// refused.
  func isWanted(_ place: FeedPlace) -> Bool {
    if feeds[FeedPlace(feed: place.feed)] != nil { return true }
    guard isFoundingStored else {
      return place.feed == foundingPlace.feed
    }
    return !refused.contains(place)
  }
}
