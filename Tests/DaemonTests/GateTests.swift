import Authority
import Control
import Cryptography
import Format
import Platform
import Replication
import Storage
import Synchronization
import Testing

@testable import Daemon

/// When own entries may be composed: the one door that all of them go through.
@Suite struct GateTests {
  /// A clock that only a test moves.
  private final class ManualClock: Clock {
    private let seconds = Mutex<Int64>(0)
    func now() -> Moment { Moment(nanoseconds: seconds.withLock { $0 } * 1_000_000_000) }
    func wall() -> Timestamp { Timestamp(milliseconds: 1_700_000_000_000) }
    func advance(_ count: Int64) { seconds.withLock { $0 += count } }
  }

  /// Stores each order as it comes.
  private final class AtOnce: StoreWorker {
    private let work: StoreQueue.Work

    init(_ work: @escaping StoreQueue.Work) { self.work = work }

    func submit(_ order: StoreQueue.Order) -> Bool {
      var orders = [order]
      work(&orders)
      return true
    }

    func stop() {}
  }

  /// What was stored, for the node to hear of.
  private final class Stored: Sendable {
    private let outcomes = Mutex<[StoreQueue.Outcome]>([])
    func add(_ outcome: StoreQueue.Outcome) { outcomes.withLock { $0.append(outcome) } }
    func take() -> StoreQueue.Outcome? {
      outcomes.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
  }

  private let clock = ManualClock()
  private let stored = Stored()
  private let office: SmallOffice
  private let node: OfficeNode
  private let link = Replication.LinkID(1)

  init() throws {
    office = try SmallOffice()
    let started = try office.started()
    node = try OfficeNode(
      number: 1, replica: started.replica, store: started.store,
      home: Home(disk: try LinuxDisk.creating(root: office.data)), clock: clock,
      origin: clock.now(), storing: AtOnce.init, answer: { [stored] in stored.add($0) })
  }

  private func count() -> UInt32? { node.replica.ownHeads.first?.seq }

  /// What the loop does at the end of a turn.
  private func release() {
    node.releaseHeld()
    node.commitWaiting()
  }

  private func name() throws -> Draft {
    .message(.name(node.request(), .device(node.replica.secrets.device), try Name("laptop")))
  }

  /// Links the office's own device to itself, as if another device of the office were there.
  private func linkUp() {
    node.handle(
      .linkUp(
        link, node.replica.secrets.device, noise: node.replica.secrets.noiseIdentity,
        named: node.replica.certificate))
  }

  @Test func `after a start of the computer own entries wait for what a peer holds`() throws {
    node.asksFirstUntil = clock.now() + .seconds(3)
    var answered = 0
    node.write(office.office, [try name()]) { _ in answered += 1 }
    release()
    #expect(count() == 0 && node.held.count == 1)
    linkUp()
    release()
    #expect(count() == 0)
    let found = node.replica.digest(of: office.office)
    let digest = try #require(found)
    node.handle(.received(link, .digests([.init(group: office.office, digest: digest)])))
    release()
    #expect(count() == 1 && node.held.isEmpty && answered == 0)
    node.stop()
  }

  @Test func `nobody waits longer than three seconds, and nothing is composed twice`() throws {
    node.asksFirstUntil = clock.now() + .seconds(Limits.askFirstSeconds)
    node.write(office.office, [try name()]) { _ in }
    clock.advance(2)
    release()
    #expect(count() == 0)
    clock.advance(1)
    release()
    #expect(count() == 1 && node.asksFirstUntil == nil)
    release()
    #expect(count() == 1)
    node.stop()
  }

  @Test func `what is written behind an entry that waits does not overtake it`() throws {
    node.asksFirstUntil = clock.now() + .seconds(3)
    node.write(office.office, [try name()]) { _ in }
    node.asksFirstUntil = nil
    node.write(office.office, [try name()]) { _ in }
    #expect(node.held.count == 2 && count() == 0)
    release()
    #expect(node.held.isEmpty && count() == 2)
    node.stop()
  }

  @Test func `more than can be held is refused at once`() throws {
    node.asksFirstUntil = clock.now() + .seconds(3)
    var refusals: [ErrorName] = []
    for _ in 0...Limits.heldWritesMax {
      node.write(office.office, [try name()]) { result in
        if case .failure(let error) = result { refusals.append(error.name) }
      }
    }
    #expect(refusals == [.busy] && node.held.count == Limits.heldWritesMax)
    node.refuseHeld(ControlError(.stopped, "over", hint: nil))
    #expect(refusals.count == Limits.heldWritesMax + 1 && node.held.isEmpty)
    node.stop()
  }

  @Test func `no way leads around a stop: entries, groups and epochs`() throws {
    node.isProvenCopied = true
    var refusals: [ErrorName] = []
    node.write(office.office, [try name()]) { result in
      if case .failure(let error) = result { refusals.append(error.name) }
    }
    node.foundGroup(.everyone, pair: nil, [], title: nil) { result in
      if case .failure(let error) = result { refusals.append(error.name) }
    }
    var isOver = false
    node.renewEpoch(office.office) { isOver = true }
    #expect(refusals == [.stopped, .stopped] && isOver && count() == 0)
    node.isProvenCopied = false
    node.lockFault = "the disk is read-only"
    node.write(office.office, [try name()]) { result in
      if case .failure(let error) = result { refusals.append(error.name) }
    }
    #expect(refusals.last == .readOnly && count() == 0)
    node.stop()
  }

  /// Writes something of this node's own, down to the disk.
  private func write(_ group: GroupID, _ operation: Format.Operation) throws {
    var outcome: Result<Composed, ControlError>?
    node.write(group, [.control(operation)]) { outcome = $0 }
    settle()
    _ = try #require(outcome).get()
  }

  /// Goes on until nothing is left to do by itself.
  private func settle() {
    repeat {
      release()
      while let outcome = stored.take() { node.take(outcome) }
    } while node.storeQuickly() || node.hasCommitsToMake
  }

  /// Lets somebody in, and gives its device.
  private func letIn() throws -> DeviceKey {
    let secrets = DeviceSecrets()
    let certificate = secrets.certificate(
      member: MemberID(secrets.device.bytes.prefix), rank: .member, isKeeper: false,
      mayAdmit: true)
    let (none, nowhere) = (TicketKey(Bytes32()), HandshakeHash(Bytes32()))
    let content = certificate.proofContent(
      office: office.office, ticket: none, handshake: nowhere)
    let certification = Format.Operation.Certification(
      certificate: certificate, ticket: none, handshake: nowhere,
      deviceSignature: SignatureBytes(secrets.signing.sign(.certify, content.raw)),
      ticketSignature: SignatureBytes())
    try write(office.office, .certify(certification))
    return secrets.device
  }

  private func remove(_ device: DeviceKey) throws {
    try write(
      office.office,
      .remove(.member(MemberID(device.bytes.prefix)), node.replica.cuts(of: [device])))
  }

  /// The last seq that this node wrote in a group.
  private func count(in group: GroupID) -> UInt32? {
    node.replica.ownHeads.first { $0.group == group }?.seq
  }

  @Test(arguments: [false, true], [false, true])
  func `each first word on who is gone waits for linked devices, be it an epoch or a message`(
    isEpoch: Bool, isCompared: Bool
  ) throws {
    let managers = try [letIn(), letIn()]
    var made: Result<GroupID, ControlError>?
    let members = managers.map { MemberID($0.bytes.prefix) }.sorted()
    node.foundGroup(.listed, pair: nil, [.groupAdd(members, .manager)], title: nil) { made = $0 }
    settle()
    let group = try #require(made).get()
    linkUp()
    var last = try #require(count(in: group))
    // What another one says in between is of no matter for the one that follows it.
    for device in managers {
      try remove(device)
      var answered = 0
      if isEpoch {
        node.renewEpoch(group) { answered += 1 }
      } else {
        let title = Content.title(node.request(), title: try Name("Werkstatt"), purpose: [])
        node.write(group, [.message(title)]) { _ in answered += 1 }
      }
      settle()
      clock.advance(Int64(Limits.askFirstSeconds) - 1)
      settle()
      #expect(node.held.count == 1 && count(in: group) == last && answered == 0)
      if isCompared, device == managers.last {
        let found = node.replica.digest(of: group)
        node.handle(
          .received(link, .digests([.init(group: group, digest: try #require(found))])))
      } else {
        clock.advance(1)
      }
      settle()
      let now = try #require(count(in: group))
      #expect(node.held.isEmpty && now > last && answered == 1)
      last = now
    }
    // Of nobody else is anything to be said.
    node.renewEpoch(group) {}
    settle()
    #expect(node.held.isEmpty)
    node.stop()
  }

  @Test func `who was just removed becomes no owner`() throws {
    let member = MemberID(try letIn().bytes.prefix)
    let owner = "id:\(member)"
    var answers: [Result<ControlResult, ControlError>] = []
    node.memberRemove(MemberRemoveCall(member: owner, look: nil)) { answers.append($0) }
    node.memberRank(MemberRankCall(member: owner, rank: .owner)) { answers.append($0) }
    settle()
    #expect(answers.map { (try? $0.get()) != nil } == [true, false])
    guard case .failure(let error)? = answers.last else { return }
    #expect(error.name == .noSuchMember)
    #expect(node.replica.rosterNow().owners == [office.member])
    node.stop()
  }

  /// For whom the last epoch is that this node made in a group.
  private func readers(of group: GroupID) throws -> [DeviceKey]? {
    let place = try #require(node.replica.ownPlaces(in: group).first)
    let batches = try node.store.read(group, place, from: 0, bytesMax: 1 << 20)
    let bodies = batches.flatMap { batch in
      batch.entries.filter { $0.kind == EntryKind.epoch.rawValue }.map { batch.body($0) }
    }
    return try bodies.last.map { try EpochBody(decoding: #require($0)).copies.map(\.device) }
  }

  @Test(arguments: [false, true])
  func `an epoch waits for what its maker wrote before on who is in the group`(isLeaving: Bool)
    throws
  {
    let devices = try [letIn(), letIn()]
    var made: Result<GroupID, ControlError>?
    let members = devices.map { MemberID($0.bytes.prefix) }
    node.foundGroup(.listed, pair: nil, [.groupAdd(members.sorted(), .member)], title: nil) {
      made = $0
    }
    settle()
    let group = try #require(made).get()
    let gone = isLeaving ? node.replica.member : members[0]
    var written: Result<Composed, ControlError>?
    node.write(group, [.control(.groupRemove(gone, node.replica.cuts(of: gone, in: group)))]) {
      written = $0
    }
    release()
    let last = count(in: group)
    // It was due since before, and the removal is not durable yet.
    var isOver = false
    node.renewEpoch(group) { isOver = true }
    release()
    #expect(written == nil && !isOver)
    #expect(count(in: group) == last)
    settle()
    _ = try #require(written).get()
    let rest = [node.replica.secrets.device, devices[1]].sorted()
    #expect(isOver)
    #expect(try readers(of: group) == (isLeaving ? nil : rest))
    node.stop()
  }

  @Test func `who has no link waits for nobody before its first word on who is gone`() throws {
    let device = try letIn()
    var made: Result<GroupID, ControlError>?
    let member = MemberID(device.bytes.prefix)
    node.foundGroup(.listed, pair: nil, [.groupAdd([member], .member)], title: nil) { made = $0 }
    settle()
    let group = try #require(made).get()
    let last = try #require(count(in: group))
    try remove(device)
    node.renewEpoch(group) {}
    settle()
    #expect(node.held.isEmpty && count(in: group) != last)
    node.stop()
  }

  @Test func `a met copy and a word of one are told apart, and hints say what to do`() throws {
    func refusal() -> ControlError? {
      do {
        try node.checkWritable()
        return nil
      } catch {
        return error
      }
    }
    #expect(refusal() == nil)
    _ = node.copyWords.hear(DeviceKey(Bytes32(Random.bytes32())))
    #expect(refusal()?.message.contains("is said to be a copy") ?? false)
    node.isProvenCopied = true
    // Nobody knows of messages that do not go together.
    #expect(refusal()?.message.hasPrefix("a copy of the data directory ") ?? false)
    #expect(refusal()?.hint?.hasPrefix("end the copy for good and restart this node") ?? false)
    node.stop()
  }

  @Test func `each suspended device is told of, and any other state once`() {
    func told(_ word: DegradedWord, _ detail: String) -> ToldState {
      ToldState(DegradedInfo(word: word, detail: detail, hint: nil, since: nil))
    }
    #expect(told(.suspended, "Ben's computer") != told(.suspended, "Cleo's computer"))
    #expect(told(.suspended, "Ben's computer") == told(.suspended, "Ben's computer"))
    #expect(told(.diskFull, "5 MiB are free") == told(.diskFull, "4 MiB are free"))
  }

  @Test func `an office that is read anew answers whoever waited for the old one`() throws {
    var refusals: [ErrorName] = []
    node.stop()
    node.write(office.office, [try name()]) { result in
      if case .failure(let error) = result { refusals.append(error.name) }
    }
    node.giveUp()
    #expect(refusals == [.readOnly])
  }

  @Test func `an office that is read anew is still stopped by who said that it was copied`() throws
  {
    let anna = DeviceKey(Bytes32(Random.bytes32()))
    let heard = node.copyWords.hear(anna)
    let written = try #require(heard)
    try node.home.writeText(Home.copyWords, written)
    let started = try office.started()
    let anew = try OfficeNode(
      number: 2, replica: started.replica, store: started.store, home: node.home, clock: clock,
      origin: clock.now(), storing: Surroundings.diskThread, answer: { _ in })
    anew.inherit(node)
    #expect(throws: ControlError.self) { try anew.checkWritable() }
    for one in [node, anew] { one.stop() }
  }

  @Test func `whose word stopped one start is only shown at the next`() {
    let (anna, ben) = (
      DeviceKey(Bytes32(Random.bytes32())), DeviceKey(Bytes32(Random.bytes32()))
    )
    var first = CopyWords([])
    #expect(first.areOverruled)
    let written = first.hear(anna)
    #expect(!first.areOverruled && first.tellers == [anna])
    #expect(first.hear(anna) == nil)
    var second = CopyWords(written ?? [])
    #expect(second.hear(anna) == nil)
    #expect(second.areOverruled && second.tellers == [anna])
    // Another device's word is another matter, and both are remembered.
    var third = CopyWords(second.hear(ben) ?? [])
    #expect(!second.areOverruled)
    #expect(third.hear(anna) == nil && third.hear(ben) == nil && third.areOverruled)
    #expect(CopyWords([1, 2, 3]).tellers.isEmpty)
  }
}
