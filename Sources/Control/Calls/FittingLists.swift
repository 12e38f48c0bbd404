/// Lists that fit into one line (C-1): of long ones less is named, and how much that is, is told.
extension GroupListCall.Answer {
  /// All groups; where that is too much, some members of each, and how the newest messages begin as long
  /// as there is room for that without any.
  package init(fitting groups: [GroupInfo]) {
    func fitting(_ groups: [GroupInfo]) -> [GroupInfo]? {
      fitted(groups, named: { $0.members.count }, { $0.naming($1) })
    }
    self.init(groups: fitting(groups) ?? fitting(groups.map { $0.withoutLast }) ?? groups)
  }
}

extension StoredCall.Answer {
  /// The same of those who read.
  package init(
    fitting groups: [StoredLine], keepers: [DeviceRef], formerKeepers: [DeviceRef]?, devices: Int
  ) {
    self.init(
      groups: fitted(groups, named: { $0.readers.count }) { $0.naming($1) } ?? groups,
      keepers: keepers,
      formerKeepers: formerKeepers, devices: devices)
  }
}

extension TicketListCall.Answer {
  /// As many tickets as there is room for, the newest ones; they come the oldest first.
  package init(fitting tickets: [TicketInfo]) {
    var room = LineGuard.bytesMax - listRest
    var first = tickets.endIndex
    while first > tickets.startIndex {
      room -= LineCoding.line(tickets[first - 1]).count
      guard room >= 0 else { break }
      first -= 1
    }
    self.init(tickets: Array(tickets[first...]), more: first > tickets.startIndex ? true : nil)
  }
}

/// Room for what stands in a line beside the items of a list.
private let listRest = 65_536

/// The items as they are, or with fewer and fewer names in each until all of them fit; nil where they
/// do not without any.
private func fitted<Item: Encodable>(
  _ items: [Item], named: (Item) -> Int, _ naming: (Item, Int) -> Item
) -> [Item]? {
  var (fitting, most) = (items, items.map(named).max() ?? 0)
  while LineCoding.line(fitting).count > LineGuard.bytesMax - listRest {
    guard most > 0 else { return nil }
    most /= 2
    fitting = items.map { naming($0, most) }
  }
  return fitting
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

  fileprivate var withoutLast: GroupInfo {
    GroupInfo(
      id: id, title: title, kind: kind, purpose: purpose, members: members, readable: readable,
      messages: messages, unread: unread, latest: latest, gone: gone, further: further,
      partner: partner, also: also)
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
