/// Lists that fit into one line (C-1): of long ones less is named, and how much that is, is told.
extension GroupListCall.Answer {
  /// All groups; where that is too much, some members of each, then none of the purposes, then not how
  /// the newest messages begin; and where that is too much with no members, as many as there is room for.
  /// Anybody can found groups, and write long purposes.
  package init(fitting groups: [GroupInfo]) {
    let brief = groups.map { $0.without(purpose: true) }
    let briefest = brief.map { $0.without(last: true) }
    for form in [groups, brief, briefest] {
      let found = fitted(form, named: { $0.members.count }, { $0.naming($1) })
      if found.fits {
        self.init(groups: found.items)
        return
      }
    }
    let least = briefest.map { $0.naming(0) }
    self.init(groups: Array(least.prefix(fitting(least))), more: true)
  }
}

extension StoredCall.Answer {
  /// The same of those who read.
  package init(
    fitting groups: [StoredLine], keepers: [DeviceRef], formerKeepers: [DeviceRef]?, devices: Int
  ) {
    self.init(
      groups: fitted(groups, named: { $0.readers.count }, { $0.naming($1) }).items,
      keepers: keepers,
      formerKeepers: formerKeepers, devices: devices)
  }
}

extension TicketListCall.Answer {
  /// As many tickets as there is room for, the newest ones; they come the oldest first.
  package init(fitting tickets: [TicketInfo]) {
    let count = fitting(tickets.reversed())
    self.init(tickets: Array(tickets.suffix(count)), more: count < tickets.count ? true : nil)
  }
}

/// Room for what stands in a line beside the items of a list.
private let listRest = 65_536

/// How many of the first items there is room for.
private func fitting(_ items: some Sequence<some Encodable>) -> Int {
  var (room, count) = (LineGuard.bytesMax - listRest, 0)
  for item in items {
    // A comma stands behind each.
    room -= LineCoding.line(item).count + 1
    guard room >= 0 else { break }
    count += 1
  }
  return count
}

/// The items as they are, or with fewer and fewer names in each until all of them fit; whether they do,
/// which they may not without any.
private func fitted<Item: Encodable>(
  _ items: [Item], named: (Item) -> Int, _ naming: (Item, Int) -> Item
) -> (items: [Item], fits: Bool) {
  var (fitting, most) = (items, items.map(named).max() ?? 0)
  while LineCoding.line(fitting).count > LineGuard.bytesMax - listRest {
    guard most > 0 else { return (fitting, false) }
    most /= 2
    fitting = items.map { naming($0, most) }
  }
  return (fitting, true)
}

extension GroupInfo {
  /// The same with so many members named at most.
  fileprivate func naming(_ most: Int) -> GroupInfo {
    guard members.count > most else { return self }
    return GroupInfo(
      id: id, title: title, kind: kind, purpose: purpose, members: Array(members.prefix(most)),
      readable: readable, messages: messages, unread: unread, latest: latest, gone: gone,
      further: members.count - most, partner: partner, last: last, also: also)
  }

  fileprivate func without(purpose noPurpose: Bool = false, last noLast: Bool = false) -> GroupInfo
  {
    GroupInfo(
      id: id, title: title, kind: kind, purpose: noPurpose ? nil : purpose, members: members,
      readable: readable, messages: messages, unread: unread, latest: latest, gone: gone,
      further: further, partner: partner, last: noLast ? nil : last, also: also)
  }
}

extension StoredLine {
  /// The same with so many readers named at most, and as many former ones.
  fileprivate func naming(_ most: Int) -> StoredLine {
    StoredLine(
      group: group, messages: messages, oldest: oldest, devices: devices,
      readers: Array(readers.prefix(most)), former: former.map { Array($0.prefix(most)) },
      further: readers.count > most ? readers.count - most : nil)
  }
}
