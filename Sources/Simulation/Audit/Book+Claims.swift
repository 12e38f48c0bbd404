/// What one entry says is held against all others.
extension Book {
  /// The entry that a head names; nil where none of that name lies on any disk.
  func entry(of feed: Short, seq: Int, prefix: Short) -> Long? {
    ids(at: Place(feed: feed, seq: seq)).first { $0.first == prefix }
  }

  /// The device that a certificate is of.
  func device(certifiedBy entry: Long) -> Long? {
    certificates.first { $0.entry == entry }?.device
  }

  /// Whether somebody who lies certified a device as another kind of device perhaps, or gave its member the rank
  /// of a person, within rights.
  func isPersonInLie(_ device: Long) -> Bool {
    certificates.contains { $0.device == device && isOfLiar($0.entry) }
      || members(of: device).contains(where: personsInLie.contains)
  }

  /// Whether somebody who lies wrote an entry.
  func isOfLiar(_ entry: Long) -> Bool {
    entries[entry].map { liars.contains($0.device) } ?? false
  }

  /// Whether two entries of a device at one place are among some.
  func isSplit(_ device: Long, among held: Set<Long>) -> Bool {
    let feeds = doubled.filter { authors[$0] == device }
    if feeds.isEmpty { return false }
    var places: Set<Place> = []
    return held.contains { id in
      guard let entry = entries[id]?.entry, feeds.contains(entry.feed) else { return false }
      return !places.insert(Place(feed: entry.feed, seq: entry.seq)).inserted
    }
  }

  /// Whoever says that a feed is forked holds two entries of it at one place, both of them signed (study
  /// 3: 12).
  func framing(by known: Known) -> String? {
    let entry = known.entry
    guard entry.kind == PlainEntry.Kind.control, !entry.isOpaque, let body = entry.body,
      case .suspend(let feed) = PlainOperation(body), !doubled.contains(feed)
    else { return nil }
    return "\(entry.feed.text):\(entry.seq) says that \(feed.text) is forked, which it is not"
  }

  /// Whether a founder who never lost a right removed a device, and nobody let it in again who knew of that
  /// (study 3: 20).
  ///
  /// Whether what others decided counts is worked out by the rules alone, which are not written down here
  /// a second time.
  func isGone(_ device: Long, by held: Set<Long>) -> Bool {
    guard let founder = certificates.first?.member, !hasLost(founder) else { return false }
    let lists = ownerLists.among(held)
    return removals.indices.contains { number in
      let removal = removals[number]
      return removal.isHonest && removal.group == nil && held.contains(removal.entry)
        && removals(ofDevice: removal.author).isEmpty
        && members(of: removal.author) == [founder] && targets(removal).contains(device)
        && !isAbove(device, number, by: lists) && !isBack(device, after: number, removal)
    }
  }

  /// Whether a removal from the office takes nothing from a device: its member is an owner by these lists
  /// whom it is beside. What somebody takes from themselves, and from a group, no list keeps them.
  func isAbove(_ device: Long, _ number: Int, by lists: OwnerLists) -> Bool {
    let removal = removals[number]
    if removal.group != nil { return false }
    let authors = members(of: removal.author)
    return members(of: device).contains { member in
      if case .removeDevice = removal.target, authors.contains(member) { return false }
      return lists.isAbove(member) { entries[$0]?.removals?.contains(number) ?? false }
    }
  }

  /// Whether a removal from the office by another member, whom these lists do not name, takes nothing from a
  /// device: beside it somebody made an admin of its member, and the message knows of that (5-authority, a
  /// pass).
  func isRaised(
    _ device: Long, beside number: Int, by lists: OwnerLists, before message: Known
  ) -> Bool {
    let removal = removals[number]
    let authors = members(of: removal.author)
    guard removal.group == nil, let owners = lists.inForce, owners.isDisjoint(with: authors) else {
      return false
    }
    return members(of: device).contains { member in
      !authors.contains(member)
        && raises.contains { raise in
          guard raise.member == member,
            entries[raise.entry]?.removals?.contains(number) == false
          else { return false }
          return isAware(message.entry.id, of: raise.entry)
            && !isAware(removal.entry, of: raise.entry)
        }
    }
  }
}
