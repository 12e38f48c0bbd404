import Authority
package import Format

extension Message {
  /// A digest that no log has, which is answered by what the peer holds.
  package static func whatIsHeld(of group: GroupID) -> Message {
    .digests([GroupDigest(group: group, digest: FrontierDigest(Bytes32()))])
  }
}

/// What is asked of a peer and taken from it of a group to which it has no right as far as is known
/// here.
///
/// It may have been added since, and whoever added it may have met nobody else and be gone for good, or be
/// this device, whose disk lost it. So what others and this device wrote is taken from it: entries prove by
/// themselves whose they are. It is told nothing.
extension Replica {
  /// Has a peer say what it holds of a group that it speaks of; once for each state of its log.
  mutating func askOutsider(
    _ group: GroupState, _ digest: FrontierDigest, on link: LinkID
  ) {
    guard isAskedOutside(link), group.authority != nil,
      links[link]?.outsiderDigests.updateValue(digest, forKey: group.id) != digest
    else { return }
    askWhatIsHeld(group, on: link)
  }

  /// Has a peer say what it holds of a group.
  mutating func askWhatIsHeld(_ group: GroupState, on link: LinkID) {
    wish(.send(link, .whatIsHeld(of: group.id)))
  }

  /// Asks a peer for what it says it holds of others' and own feeds and is not here, and may be taken
  /// from it.
  mutating func askOutsider(
    for items: [FrontierItem], of group: GroupState, on link: LinkID
  ) {
    links[link]?.forgetAnnounced(group.id)
    for item in items { links[link]?.state(group.id, item.place, item.seq) }
    askForDropped(of: group, on: link)
    ask(group, on: link)
  }

  /// Whether a peer says of a feed or branch that it holds more than is here.
  func isBeyond(_ item: FrontierItem, _ group: GroupState) -> Bool {
    guard let branch = group.branch(item.place) else { return true }
    return item.seq >= branch.end ?? UInt32(branch.feed.count)
  }

  /// Of what a peer without right to a group says that it holds beyond what is here: what may be taken
  /// from it; and the feeds of which nothing is, with their authors where these are known, each once.
  mutating func sift(
    _ items: [FrontierItem], of group: GroupState, on link: LinkID
  ) -> (taken: [FrontierItem], leftOut: [(feed: FeedID, author: MemberID)]) {
    var taken: [FrontierItem] = []
    var leftOut: [(feed: FeedID, author: MemberID)] = []
    var seen: Set<FeedID> = []
    var trust = OutsideTrust(isRemoved: wasRemoved(link, group))
    for item in items where isBeyond(item, group) {
      if mayTakeFromOutsider(item.place, group, &trust) {
        taken.append(item)
      } else if seen.insert(item.feed).inserted {
        let device =
          group.feeds[FeedPlace(feed: item.feed)]?.device ?? group.outsideAuthors[item.feed]
        if let author = device.flatMap({ rosterNow().device($0)?.member }) {
          leftOut.append((item.feed, author))
        }
      }
    }
    return (taken, leftOut)
  }

  private mutating func isAskedOutside(_ link: LinkID) -> Bool {
    guard let key = links[link]?.device, let device = rosterNow().device(key) else { return false }
    return device.isLive && !device.isKeeper
  }

  /// Of whom entries may be taken from one peer without right to a group. Each author is asked about
  /// once: a message may name thousands of branches of one feed.
  struct OutsideTrust {
    /// Whether the peer's member was removed from the group.
    let isRemoved: Bool
    /// Whether they may write in the group, by the author's device.
    fileprivate var writers: [DeviceKey: Bool] = [:]

    init(isRemoved: Bool) { self.isRemoved = isRemoved }
  }

  /// Whether entries of this place may be taken from whoever has no right to the group. Of a feed that is
  /// not here its first batch says whose it is.
  mutating func mayTakeFromOutsider(
    _ place: FeedPlace, _ group: GroupState, _ trust: inout OutsideTrust
  ) -> Bool {
    let feed = group.feeds[FeedPlace(feed: place.feed)]
    // What of an own feed is not here, this device wrote, and may have added there who brings it; or another
    // copy of it did, and nobody else may know that.
    if let feed, feed.isOwn { return true }
    if feed == nil, !place.branch.isZero { return false }
    guard let author = feed?.device ?? group.outsideAuthors[place.feed] else { return true }
    let mayWrite = trust.writers[author] ?? mayAdd(author, group)
    trust.writers[author] = mayWrite
    return mayWrite || (feed != nil && !trust.isRemoved && mayHaveAdded(author, group))
  }

  /// Whether the first batch of a feed may be taken from whoever has no right to the group; if not, it
  /// is remembered whose the feed is, so that it is not asked for again.
  mutating func mayBeginOutside(_ batch: Batch, _ group: GroupState) -> Bool {
    guard let author = (try? batch.genesisFacts())?.device else { return false }
    if mayAdd(author, group) { return true }
    if group.outsideAuthors.count < Limits.feedsPerGroupMax {
      group.outsideAuthors[batch.feed] = author
    }
    return false
  }

  /// Whether a device is one of those who may write in a group as far as is known here: a member's, or
  /// an owner's of the office.
  private mutating func mayAdd(_ key: DeviceKey, _ group: GroupState) -> Bool {
    guard let device = rosterNow().device(key), device.isLive else { return false }
    return device.rank == .owner || membershipNow(group.id)?.grade(of: device.member) != nil
  }

  /// Whether the office alone ended that a device might change the list of a group: whom it added before
  /// may be in, and those who stay have to know.
  private mutating func mayHaveAdded(_ key: DeviceKey, _ group: GroupState) -> Bool {
    guard let member = rosterNow().device(key)?.member, let authority = group.authority,
      let membership = membershipNow(group.id)
    else { return false }
    return group.ends(in: membership).isEndedByOffice(member) {
      authority.isEndedByOffice(member, groupView: group.view, officeView: officeLog.view)
    }
  }
}
