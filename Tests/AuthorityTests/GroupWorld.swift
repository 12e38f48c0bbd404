import Authority
import Format

/// A group of a world: each device has a feed and a view of its own in it.
final class TestGroup {
  let world: World
  let authority: GroupAuthority
  let id: GroupID
  private(set) var log: [ControlEntry] = []
  private(set) var refusals: [Refusal] = []
  /// By the place in the office log, for a device may have several feeds.
  private var places: [FeedPlace: FeedPlace] = [:]
  private var seqs: [FeedPlace: UInt32] = [:]
  private var views: [FeedPlace: ViewID] = [:]
  /// The views of the last entry of each feed.
  private var said: [FeedPlace: (office: ViewID, group: ViewID)] = [:]

  init(
    _ world: World, _ kind: GroupKind, by creator: TestDevice, pair: MemberPair? = nil,
    ownersDoNotOutrank: Bool = false, id: GroupID? = nil
  ) {
    self.world = world
    self.id = id ?? GroupID(world.newEntryID().bytes)
    authority = GroupAuthority(
      group: self.id,
      facts: GroupFacts(
        office: world.authority.office, kind: kind, pair: pair,
        ownersDoNotOutrank: ownersDoNotOutrank),
      certificate: creator.certificate, officeView: creator.view, office: world.authority)
  }

  func view(_ device: TestDevice) -> ViewID { views[device.place] ?? .empty }

  func place(_ device: TestDevice) -> FeedPlace {
    if let known = places[device.place] { return known }
    let new = FeedPlace(feed: FeedID(world.newEntryID().prefix))
    places[device.place] = new
    return new
  }

  /// The device receives all that the others have, of this group and of the office log.
  func sync(_ device: TestDevice, from others: TestDevice...) {
    for other in others {
      world.sync(device, from: other)
      views[device.place] = world.views.union(view(device), view(other))
    }
  }

  @discardableResult
  func write(_ operation: Operation, by device: TestDevice) -> ControlEntry? {
    let seq = seqs[device.place] ?? 1
    let entry = ControlEntry(
      id: world.newEntryID(), place: place(device), seq: seq, lamport: device.lamport + 1,
      author: device.key, certificate: device.certificate, content: .operation(operation),
      officeView: device.view, groupView: view(device))
    if let refusal = authority.refusal(of: entry) {
      refusals.append(refusal)
      return nil
    }
    authority.insert(entry)
    log.append(entry)
    seqs[device.place] = seq + 1
    device.lamport = entry.lamport
    views[device.place] = world.views.adding(entry.groupView, entry.place, seq)
    said[entry.place] = (device.view, view(device))
    return entry
  }

  /// The device writes a message; whether that is the one by which its feed first knows of something.
  @discardableResult
  func say(by device: TestDevice) -> Bool {
    let place = place(device)
    let before = said[place]
    let seq = seqs[device.place] ?? 1
    seqs[device.place] = seq + 1
    device.lamport += 1
    defer { said[place] = (device.view, view(device)) }
    guard silence(device) == nil,
      authority.hears(
        groupView: view(device), officeView: device.view, beforeGroup: before?.group ?? .empty,
        beforeOffice: before?.office ?? .empty)
    else { return false }
    let entry = ControlEntry(
      id: world.newEntryID(), place: place, seq: seq, lamport: device.lamport, author: device.key,
      certificate: device.certificate, content: .heard, officeView: device.view,
      groupView: view(device))
    authority.insert(entry)
    log.append(entry)
    views[device.place] = world.views.adding(entry.groupView, place, seq)
    return true
  }

  func refusal(_ operation: Operation, by device: TestDevice) -> Refusal? {
    write(operation, by: device) == nil ? refusals.last : nil
  }

  /// Why the device may not write a message now; nil if it may.
  func silence(_ device: TestDevice, opensFeed: Bool = false) -> Refusal? {
    authority.refusal(
      ofWriter: device.key, certificate: device.certificate, groupView: view(device),
      officeView: device.view, opensFeed: opensFeed)
  }

  /// Everything there is of the group.
  var everything: ViewID {
    log.reduce(ViewID.empty) { world.views.adding($0, $1.place, $1.seq) }
  }

  var membership: GroupMembership {
    authority.membership(groupView: everything, officeView: world.everything)
  }

  func membership(seenBy device: TestDevice) -> GroupMembership {
    authority.membership(groupView: view(device), officeView: device.view)
  }

  func grade(_ device: TestDevice) -> Operation.Grade? { membership.grade(of: device.member) }
}

/// An epoch entry: its recipients and its past.
struct TestEpoch {
  let recipients: [DeviceKey]
  let groupView: ViewID
  let officeView: ViewID
}

extension TestGroup {
  /// What a device makes of its view now.
  func epoch(by device: TestDevice) -> TestEpoch {
    TestEpoch(
      recipients: membership(seenBy: device).devices.map(\.key), groupView: view(device),
      officeView: device.view)
  }

  /// Why the epoch is not eligible for who has seen everything; nil if it is.
  func refusal(of epoch: TestEpoch) -> EpochRefusal? {
    authority.refusal(
      ofEpoch: epoch.recipients, groupView: epoch.groupView, officeView: epoch.officeView,
      for: membership)
  }
}
