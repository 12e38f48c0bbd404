import Authority
import Control
import Cryptography
import Discovery
import Format
import Platform
import Replication
import Storage
import Transport

extension NodeLoop {
  // MARK: Subscribers

  func subscribe(
    _ call: SubscribeCall, _ connection: UInt64, _ office: OfficeNode
  ) throws(ControlError) -> SubscribeCall.Answer {
    guard let subscriber = control.connection(connection) else {
      throw ControlError(.stopped, "the connection is gone", hint: nil)
    }
    guard subscriber.events == nil else {
      throw ControlError(.alreadySubscribed, "this connection has subscribed already", hint: nil)
    }
    let followed = try call.group.map { text throws(ControlError) in try office.followed(text) }
    var position = office.stream.count
    if let after = call.after { position = try office.streamPosition(after: after) }
    // Only now: what is refused leaves nothing behind (C-6).
    subscriber.followed = followed ?? .all
    subscriber.position = position
    let cursor = office.stream.cursor(at: position)
    subscriber.seesMessages = call.seen ?? false
    subscriber.events = EventQueue(from: cursor)
    if office.toldNames == nil {
      _ = office.renames()
      for group in office.ownGroups() { _ = office.freshTitles(of: group) }
    }
    tellDegraded()
    return .init(
      cursor: cursor, group: office.group(of: subscriber.followed).map { office.groupRef($0) })
  }

  var hasSubscriberWork: Bool {
    guard let office else { return false }
    return control.subscribers.contains {
      $0.hasMore(than: office.stream.count) && $0.events?.isEmpty ?? false
    }
  }

  /// Gives each subscriber what arrived since it last got something, a page at a time.
  func pumpSubscribers() {
    guard let office else { return }
    for subscriber in control.subscribers where subscriber.hasMore(than: office.stream.count) {
      // A reader that is behind gets the next page when it has read the last one.
      if subscriber.events?.isEmpty ?? false { pump(subscriber, office) }
    }
  }

  /// Before another order of arrival begins: gives each subscriber all that is left of this one, or tells
  /// it that it was too slow.
  func pumpSubscribersOut() {
    guard let office else { return }
    for subscriber in control.subscribers {
      while subscriber.hasMore(than: office.stream.count),
        !(subscriber.events?.overflowed ?? true)
      { pump(subscriber, office) }
    }
  }

  /// Gives a subscriber the next page.
  private func pump(_ subscriber: ControlConnection, _ office: OfficeNode) {
    let end = min(subscriber.position + 256, office.stream.count)
    var recent = StoreView.Recent()
    for position in subscriber.position..<end {
      let (group, index) = office.stream[position]
      guard office.follows(subscriber.followed, group),
        let place = office.replica.arrival(group, index), office.isShownGroup(group),
        let message = office.message(group, place, &recent)
      else { continue }
      office.told(message, group, place)
      subscriber.events?.push(.message(message))
      let at = (group: group, entry: EntryPlace(place: place.place, seq: place.seq))
      if subscriber.seesMessages, office.see(group, from: at, to: at) {
        control.changed(.groups)
      }
    }
    subscriber.position = end
    if end == office.stream.count, !subscriber.isCaughtUp {
      subscriber.isCaughtUp = true
      subscriber.events?.push(.caughtUp(cursor: office.stream.cursor(at: end)))
    }
  }

  /// Takes in what the replica says happened.
  func takeHappenings() {
    guard let office, !office.happenings.isEmpty else { return }
    let happenings = office.happenings
    office.happenings.removeAll(keepingCapacity: true)
    var (delivered, opened): (Set<GroupID>, Set<GroupID>) = ([], [])
    var noticed: Set<GroupID> = []
    var (isForkNew, isOfficeNew) = (false, false)
    for happening in happenings {
      switch happening {
      case .messages: break
      case .epochOpened(let group):
        opened.insert(group)
        noticed.insert(group)
      case .delivered(let group, _): delivered.insert(group)
      case .roster:
        // Names, ranks, tickets: which of them it was is seen by asking.
        for list in [ChangedList.members, .devices, .tickets, .office] { control.changed(list) }
        isOfficeNew = true
        // A removal from the office says of messages in its groups that nobody gets them.
        delivered.formUnion(office.toldOwn.map(\.group))
      case .group(let group):
        control.changed(.groups)
        delivered.insert(group)
        noticed.insert(group)
      case .promoted(let link, let device):
        linked(Transport.LinkID(link.number), to: device, clock.now())
      case .forked(let group, let feed, _, let seq):
        log(
          .warning,
          "group \(group): a computer wrote two things at one place; zuruf-inspect entry "
            + "\(feed):\(seq)")
        control.changed(.devices)
        isForkNew = true
      case .suspensionDue(let due): office.suspend(due)
      case .epochDue(let group): office.renewEpoch(group) {}
      case .unopened(let group, let feed, _, let seq):
        log(
          .warning,
          "group \(group): a key that others write under was not given to this computer; another "
            + "one is made; zuruf-inspect entry \(feed):\(seq) shows whose it was")
      case .operation(let group, let operation, let author, let place):
        office.addNews(group, operation, by: author, at: place)
      case .full(let group):
        office.fullGroups.insert(group)
        log(.warning, "group \(group): one computer began more than is taken")
      case .ownFeedClosed(let group, _):
        let next = office.isCopied ? "nothing more is written here" : "a new series begins"
        log(
          .warning,
          "group \(group): this computer's own messages were written on elsewhere; \(next)")
      case .ended(let group, let feed, let end):
        log(
          .warning,
          "group \(group): of what one computer wrote nothing more is taken: \(end.text) "
            + "(\(end.rule)); zuruf-inspect feed \(feed) shows where")
      }
    }
    for group in delivered.sorted() {
      for event in office.furtherDelivered(in: group) { tell(event, of: group, office) }
    }
    var news = office.takeNews()
    let isTold = !control.subscribers.isEmpty
    for group in noticed.sorted() where office.isShownGroup(group) {
      for event in office.freshReactions(in: group, isTold: isTold) {
        tell(event, of: group, office)
      }
      // A title that was said otherwise may have to be said again, for those who cannot read it; who
      // follows is told who did so.
      news += office.freshTitles(of: group).map { (group: group, info: $0) }
    }
    for group in opened.sorted() {
      for message in office.nowReadable(in: group) { tell(.message(message), of: group, office) }
    }
    if isOfficeNew { linkReadmitted(clock.now()) }
    if isForkNew { tellDegraded() }
    if !isTold {
      office.toldNames = nil
    } else if isOfficeNew {
      news += office.renames().map { (group: GroupID?.none, info: $0) }
    }
    for (group, news) in news {
      for subscriber in control.subscribers
      where group.map({ office.follows(subscriber.followed, $0) }) ?? true {
        subscriber.events?.push(.news(news))
      }
    }
  }

  /// Gives an event of a group to those who follow it.
  private func tell(_ event: ControlEvent, of group: GroupID, _ office: OfficeNode) {
    for subscriber in control.subscribers where office.follows(subscriber.followed, group) {
      subscriber.events?.push(event)
    }
  }

  // MARK: The state of this node

  /// Tells subscribers that a link to a device came up or went down.
  func tellPeer(_ device: DeviceKey) {
    guard let office, let known = office.replica.rosterNow().device(device), known.isLive else {
      return
    }
    let subscribers = control.subscribers
    guard !subscribers.isEmpty else { return }
    let info = peer(known, office)
    for subscriber in subscribers { subscriber.events?.push(.peer(info)) }
    tellDegraded()
  }

  /// Tells each subscriber which degraded states there are that it was not told of, and which of
  /// those that it was told of are over.
  func tellDegraded() {
    let subscribers = control.subscribers
    guard !subscribers.isEmpty else { return }
    let now = degraded()
    let told = Set(now.map(ToldState.init))
    for subscriber in subscribers {
      let before = subscriber.toldDegraded
      for state in now where !before.contains(ToldState(state)) {
        subscriber.events?.push(.degraded(state))
      }
      let over = Set(before.map(\.word)).subtracting(now.map(\.word))
      for word in over.sorted(by: { $0.rawValue < $1.rawValue }) {
        subscriber.events?.push(.recovered(word))
      }
      subscriber.toldDegraded = told
    }
  }
}

/// What a degraded state is told once by: some words stand for each device, group or change.
struct ToldState: Hashable {
  let word: DegradedWord
  private let detail: String?

  init(_ state: DegradedInfo) {
    word = state.word
    switch state.word {
    case .suspended, .removedFromGroup, .rankChanged, .ownersPending: detail = state.detail
    default: detail = nil
    }
  }
}
