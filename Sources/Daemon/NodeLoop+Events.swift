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
    if let text = call.group {
      switch try office.directory().resolve(text) {
      case .group(let group): subscriber.followed = group
      case .member(let member):
        subscriber.followed = office.replica.directGroup(
          MemberPair(a: office.replica.member, b: member))
      // Before two have written there is nothing to follow: all is told until there is.
      }
    }
    var position = office.stream.count
    if let after = call.after { position = try office.streamPosition(after: after) }
    subscriber.position = position
    let cursor = office.stream.cursor(at: position)
    subscriber.events = EventQueue(from: cursor)
    return .init(cursor: cursor, group: subscriber.followed.map { office.groupRef($0) })
  }

  var hasSubscriberWork: Bool {
    guard let office else { return false }
    return control.subscribers.contains {
      $0.position < office.stream.count && $0.events?.isEmpty ?? false
    }
  }

  /// Gives each subscriber what arrived since it last got something, a page at a time.
  func pumpSubscribers() {
    guard let office else { return }
    for subscriber in control.subscribers where subscriber.position < office.stream.count {
      // A reader that is behind gets the next page when it has read the last one.
      guard subscriber.events?.isEmpty ?? false else { continue }
      let end = min(subscriber.position + 256, office.stream.count)
      for position in subscriber.position..<end {
        let (group, index) = office.stream[position]
        guard subscriber.followed == nil || subscriber.followed == group,
          let place = office.replica.arrival(group, index), office.isOwnGroup(group),
          let message = office.message(group, place)
        else { continue }
        subscriber.events?.push(.message(message))
      }
      subscriber.position = end
      if end == office.stream.count {
        subscriber.events?.push(.caughtUp(cursor: office.stream.cursor(at: end)))
      }
    }
  }

  /// Takes in what the replica says happened.
  func takeHappenings() {
    guard let office, !office.happenings.isEmpty else { return }
    let happenings = office.happenings
    office.happenings.removeAll(keepingCapacity: true)
    for happening in happenings {
      switch happening {
      case .messages, .epochOpened, .delivered: break
      case .roster:
        control.changed(.members)
        control.changed(.devices)
      case .group: control.changed(.groups)
      case .promoted(let link, let device):
        linked(Transport.LinkID(link.number), to: device, clock.now())
      case .forked(let group, let feed, let seq):
        log(.warning, "feed \(feed) of group \(group) is forked at \(seq)")
      case .ownFeedClosed(let group, let feed):
        log(.warning, "own feed \(feed) of group \(group) was written elsewhere; a new one begins")
      case .ended(let group, let feed, let end):
        log(
          .warning, "feed \(feed) of group \(group) ends at \(end.seq): \(end.text) (\(end.rule))")
      }
    }
    control.announceChanges()
  }
}
