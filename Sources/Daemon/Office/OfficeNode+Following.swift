import Authority
import Control
import Format
import Replication
import Storage

/// What a follower follows.
enum Followed: Hashable {
  case all
  case group(GroupID)
  /// All that two people write to each other, from the first message on, whichever of them began.
  case pair(MemberPair)
}

/// An own message that was shown, until all devices have it.
struct ToldMessage {
  let group: GroupID
  let place: MessagePlace
  let entry: HexIdentifier
  /// Of an own message.
  let epoch: EpochID?
  var state: DeliveryInfo
}

extension OfficeNode {
  /// What a TO means to somebody who follows it.
  func followed(_ text: String) throws(ControlError) -> Followed {
    switch try directory().resolve(text, toRead: true) {
    case .group(let group):
      return replica.pair(of: group).map { .pair($0) } ?? .group(group)
    case .member(let member): return .pair(MemberPair(a: replica.member, b: member))
    }
  }

  func follows(_ followed: Followed, _ group: GroupID) -> Bool {
    switch followed {
    case .all: true
    case .group(let only): only == group
    case .pair(let pair): replica.pair(of: group) == pair
    }
  }

  /// The group that is written to; nil for all, and for two who have not written yet.
  func group(of followed: Followed) -> GroupID? {
    switch followed {
    case .all: nil
    case .group(let group): group
    case .pair(let pair): replica.directGroup(pair)
    }
  }

  /// The groups whose messages are shown for what a TO means: all groups of two are one conversation.
  func groups(of followed: Followed) -> [GroupID] {
    replica.groupIDs.filter { isShownGroup($0) && follows(followed, $0) }
  }

  /// The groups whose messages stand beside those of a group: of two people all that they have.
  func conversation(of id: GroupID) -> [GroupID] {
    replica.pair(of: id).map { groups(of: .pair($0)) } ?? [id]
  }

  /// Notes what a follower or whoever read was told, and followers may have to be told again (C-12).
  func told(_ message: MessageInfo, _ group: GroupID, _ place: MessagePlace) {
    let isOwn = message.own && message.state.devices < message.state.of
    let at = EntryPlace(place: place.place, seq: place.seq)
    func one(_ epoch: EpochID?) -> ToldMessage {
      ToldMessage(
        group: group, place: place, entry: message.entry, epoch: epoch, state: message.state)
    }
    if message.absence == .waitingForKey, Self.makeRoom(for: one(nil), in: &toldUnopened) {
      toldUnopened.append(one(nil))
    }
    if isOwn, Self.makeRoom(for: one(nil), in: &toldOwn) {
      toldOwn.append(one(epoch(of: at, in: group)))
    }
  }

  /// Whether a message is to be told again. Of more than these only the newest are, by where they
  /// stand: who reads old ones takes no place from those that come.
  private static func makeRoom(for told: ToldMessage, in list: inout [ToldMessage]) -> Bool {
    guard !list.contains(where: { $0.entry == told.entry }) else { return false }
    guard list.count >= Limits.followedMessagesMax else { return true }
    func moment(_ told: ToldMessage) -> UInt64 { told.place.effectiveMilliseconds }
    guard let oldest = list.indices.min(by: { moment(list[$0]) < moment(list[$1]) }),
      moment(list[oldest]) <= moment(told)
    else { return false }
    list.remove(at: oldest)
    return true
  }

  /// Own messages of a group of which followers were told something else: they are on more devices,
  /// or a removal came and nobody gets them.
  func furtherDelivered(in group: GroupID) -> [ControlEvent] {
    var events: [ControlEvent] = []
    for index in toldOwn.indices where toldOwn[index].group == group {
      let place = placeNow(of: toldOwn[index])
      let at = EntryPlace(place: place.place, seq: place.seq)
      let isVoid =
        Bytes32(toldOwn[index].entry.bytes).map { replica.isVoid(EntryID($0), at, in: group) }
      let state =
        isVoid ?? false ? .nobody : delivery(group, at, under: toldOwn[index].epoch)
      guard state != toldOwn[index].state else { continue }
      toldOwn[index].state = state
      events.append(
        .delivery(
          DeliveryEvent(entry: toldOwn[index].entry, group: groupRef(group), state: state)))
    }
    toldOwn.removeAll { $0.state.devices >= $0.state.of }
    return events
  }

  /// Where a message stands now: its feed may part before it after it was told, and then it stands on
  /// a branch.
  private func placeNow(of told: ToldMessage) -> MessagePlace {
    guard let prefix = Bytes32(told.entry.bytes)?.prefix,
      let found = replica.find(prefix, at: told.place.seq, in: told.group)
    else { return told.place }
    return MessagePlace(
      place: found.place, seq: found.seq, device: told.place.device,
      effectiveMilliseconds: told.place.effectiveMilliseconds, isLate: told.place.isLate)
  }

  /// Messages of a group that were told without their text, which can be read now.
  func nowReadable(in group: GroupID) -> [MessageInfo] {
    var readable: [MessageInfo] = []
    var recent = StoreView.Recent()
    toldUnopened.removeAll { told in
      guard told.group == group, let message = message(group, placeNow(of: told), &recent),
        message.absence != .waitingForKey
      else { return false }
      readable.append(message)
      return true
    }
    return readable
  }
}
