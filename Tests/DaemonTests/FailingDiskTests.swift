import Authority
import Control
import Cryptography
import Format
import Platform
import Replication
import TestSupport
import Testing

@testable import Daemon
@testable import Storage

/// A node on a disk that fails in parts: what it tells, and what it leaves alone.
@Suite struct FailingDiskTests {
  private let node = MemoryTurnedNode()

  private func everyone(_ office: OfficeNode) throws -> GroupID {
    try #require(office.replica.groupIDs.first { $0 != office.office })
  }

  private func ownHead(_ office: OfficeNode) throws -> (place: FeedPlace, seq: UInt32) {
    let group = try everyone(office)
    let head = try #require(office.replica.ownHeads.last { $0.group == group })
    return (FeedPlace(feed: head.feed), head.seq)
  }

  private func lockedHeads() throws -> [HeadLock.Head] {
    try HeadLockFiles(state: node.state, runtime: nil).read().lock?.heads ?? []
  }

  @Test func `a damage for which only the lock speaks is not let down by it`() throws {
    do {
      let loop = try node.start()
      try node.found(loop)
      #expect(try node.send(loop, "one") == nil)
      #expect(try node.send(loop, "two") == nil)
      loop.stop()
    }
    let heads = try lockedHeads()
    let group: GroupID
    do {
      let loop = try node.start()
      group = try everyone(try #require(loop.office))
      loop.stop()
    }
    let path = StorePaths.segment(group, 1)
    let whole = try #require(node.disk.files[path])
    node.disk.rot(path, byte: whole.lastIndex { $0 != 0 } ?? 0, bit: 2)
    let rotten = try #require(node.disk.files[path]).prefix(whole.lastIndex { $0 != 0 } ?? 0)
    // No room for what is to say that it was flushed.
    node.disk.limit(room: node.disk.files.values.reduce(0) { $0 + $1.count })
    let loop = try node.start()
    let old = try #require(loop.office)
    #expect(old.store.leansOnLock && old.continuity == nil && old.lockFault != nil)
    #expect(try lockedHeads() == heads)
    loop.remember(loop.clock.now())
    #expect(try lockedHeads() == heads)
    node.disk.limit(room: .max)
    loop.resumeStore()
    let office = try #require(loop.office)
    #expect(office !== old && office.lockFault == nil && !office.lostOwn.isEmpty)
    #expect(try node.send(loop, "three") == nil)
    loop.stop()
    let last = try node.start()
    #expect(last.office?.damages.contains { $0.group == group } ?? false)
    #expect(node.disk.files[path]?.starts(with: rotten) ?? false, "its bytes stay")
    last.stop()
  }

  @Test func `what could not be read anew stores nothing, whoever sends it`() throws {
    let loop = try node.start()
    try node.found(loop)
    let old = try #require(loop.office)
    let group = try everyone(old)
    let (place, seq) = try ownHead(old)
    // Another copy of this device goes on with its feed.
    let copy = node.copied()
    let other = try copy.start()
    #expect(try copy.send(other, "by the copy") == nil)
    let found = try other.office?.store.packed(group, place, from: seq + 1, bytesMax: .max)
    let content = try #require(found)
    other.stop()
    node.disk.exhaust(.tooManyFiles)
    old.readFault = "it is owed"
    loop.resumeStore()
    #expect(loop.office === old)
    node.disk.exhaust(nil)
    for _ in 0..<DiskPace.earnedMin { old.queue.pace.note(.zero) }
    let before = node.disk.files
    let link = Replication.LinkID(1)
    old.handle(
      .linkUp(
        link, old.replica.secrets.device, noise: old.replica.secrets.noiseIdentity,
        named: old.replica.certificate))
    old.handle(.received(link, .entries(try EntriesMessage(decoding: content))))
    let isStored = old.storeQuickly()
    #expect(!isStored && !old.queue.hasWaiting)
    #expect(node.disk.files == before)
    #expect(old.store.index(group)?[place]?.next == seq + 1)
    loop.stop()
  }

  @Test func `what does not continue what is stored here is not called stored`() throws {
    let loop = try node.start()
    try node.found(loop)
    let office = try #require(loop.office)
    let group = try everyone(office)
    let (place, seq) = try ownHead(office)
    let copy = node.copied()
    let other = try copy.start()
    for text in ["one", "two"] { #expect(try copy.send(other, text) == nil) }
    let found = try other.office?.store.read(group, place, from: seq + 2, bytesMax: 1)
    let batch = try #require(found?.first)
    other.stop()
    var jobs = [office.store.prepare(batch, isOwn: false, arrival: 5)]
    try office.store.writer.perform(&jobs)
    let token = StoreToken(.max)
    var told: [Result<Void, ControlError>] = []
    office.whenStored(token) { told.append($0) }
    office.committing[token] = group
    office.take(
      StoreQueue.Outcome(
        tokens: [], result: .success([.init(token: token, job: jobs[0])]), took: .zero))
    #expect(office.isOutOfStep && office.committing.isEmpty)
    #expect(office.store.damages.count == 1)
    // Whoever wrote it does not wait for ever, and nobody writes behind it.
    guard case .failure(let error) = told.first else {
      Issue.record("it was called stored")
      return
    }
    #expect(told.count == 1 && error.hint?.contains("may be once") ?? false)
    #expect(try node.send(loop, "behind it")?.name == .readOnly)
    loop.stop()
  }

  @Test func `of what may lie on the disk nobody is told that it was not sent`() throws {
    let loop = try node.start()
    try node.found(loop)
    // The write works, the flush does not.
    let write = node.disk.operations
    node.disk.fail(
      .init(at: write + 1, effect: .failedButPersisted, error: .inputOutput, isLasting: true))
    let error = try #require(try node.send(loop, "maybe"))
    #expect(error.hint?.contains("may be once the node was restarted") ?? false)
    #expect(error.hint?.contains("nothing was sent") == false)
    // After that nothing is tried.
    #expect(try node.send(loop, "not at all")?.hint?.contains("nothing was sent") ?? false)
    node.disk.fail(nil)
    loop.stop()
    let again = try node.start()
    let page = try #require(again.office).read(
      ReadCall(group: "everyone", limit: 9, sinceMs: nil, untilMs: nil, before: nil))
    #expect(page.messages.map(\.text).contains("maybe"))
    again.stop()
  }

  @Test func `the lock names nothing that may lie in the system's memory alone`() throws {
    do {
      let loop = try node.start()
      try node.found(loop)
      #expect(try node.send(loop, "one") == nil)
      // The write works, the flush does not.
      node.disk.fail(
        .init(
          at: node.disk.operations + 1, effect: .failed, error: .inputOutput, isLasting: true))
      #expect(try node.send(loop, "two") != nil)
      loop.stop()
    }
    let heads = try lockedHeads()
    let next = MemoryTurnedNode(disk: node.disk.killed(), state: node.state)
    next.disk.setReadOnly(true)
    let loop = try next.start()
    let office = try #require(loop.office)
    #expect(!office.store.unsettled.isEmpty && office.lockFault != nil)
    try loop.proveContinuity(office, isNew: false)
    #expect(try lockedHeads() == heads)
    next.disk.setReadOnly(false)
    loop.resumeStore()
    #expect(loop.office?.store.unsettled.isEmpty ?? false && loop.office?.lockFault == nil)
    #expect(try lockedHeads() != heads)
    loop.stop()
    // So after a power cut the log has all that the lock names.
    let last = try MemoryTurnedNode(disk: next.disk.crashed(.lost), state: node.state).start()
    #expect(last.office?.lostOwn.isEmpty ?? false && last.office?.isUnproven == false)
    last.stop()
  }

  @Test func `a disk that failed at the start is one state, which a restart ends`() throws {
    do {
      let loop = try node.start()
      try node.found(loop)
      // The write works, the flush does not.
      node.disk.fail(
        .init(
          at: node.disk.operations + 1, effect: .failed, error: .inputOutput, isLasting: true))
      #expect(try node.send(loop, "one") != nil)
      loop.stop()
    }
    // What the start finds beyond what was flushed cannot be flushed either.
    let next = MemoryTurnedNode(disk: node.disk.killed(), state: node.state)
    next.disk.fail(.init(at: 0, effect: .failed, error: .inputOutput, isLasting: true))
    let loop = try next.start()
    let office = try #require(loop.office)
    #expect(office.lockFault != nil && !office.storeState.isResumable)
    let told = loop.degraded().filter { $0.word == .readOnlyDisk }
    #expect(told.count == 1 && told.first?.hint?.contains("restart the node") ?? false)
    loop.stop()
  }

  @Test func `a lock of which one file cannot be read is used, and cuts nothing off`() throws {
    do {
      let loop = try node.start()
      try node.found(loop)
      #expect(try node.send(loop, "one") == nil)
      loop.stop()
    }
    let heads = try lockedHeads()
    let reader = MemoryTurnedNode(disk: node.disk, state: node.state.cloned())
    reader.state.failReads(of: .root.appending("heads-now"))
    let loop = try reader.start()
    #expect(loop.office?.lockFault == nil && loop.office?.continuity != nil)
    #expect(try HeadLockFiles(state: reader.state, runtime: nil).read().lock?.heads == heads)
    #expect(try reader.send(loop, "two") == nil)
    loop.stop()
  }

  @Test func `what stands at the end is not cut off while the lock cannot be read`() throws {
    let group: GroupID
    do {
      let loop = try node.start()
      try node.found(loop)
      #expect(try node.send(loop, "one") == nil)
      group = try everyone(try #require(loop.office))
      loop.stop()
    }
    let path = StorePaths.segment(group, 1)
    let whole = try #require(node.disk.files[path])
    node.disk.rot(path, byte: whole.lastIndex { $0 != 0 } ?? 0, bit: 2)
    let rotten = try #require(node.disk.files[path]).prefix(whole.lastIndex { $0 != 0 } ?? 0)
    node.state.exhaust(.tooManyFiles)
    let loop = try node.start()
    #expect(loop.office?.lockFault != nil)
    #expect(node.disk.files[path]?.starts(with: rotten) ?? false, "its bytes stay")
    node.state.exhaust(nil)
    loop.remember(loop.clock.now())
    #expect(loop.office?.lockFault == nil && loop.office?.lostOwn.isEmpty == false)
    loop.stop()
  }

  /// What somebody says who stands at the door with a ticket, and what that one is told.
  private func answer(
    _ loop: NodeLoop, to device: borrowing DeviceSecrets, with line: TicketLine
  ) throws -> Message.AdmitAnswer {
    let office = try #require(loop.office)
    let ticket = try SigningKey(ticketSeed: line.seed.array.span)
    let key = TicketKey(Bytes32(ticket.publicKey.bytes))
    let handshake = HandshakeHash(Bytes32())
    let certificate = device.certificate(
      member: MemberID(device.device.bytes.prefix), rank: .member, isKeeper: false, mayAdmit: true)
    let content = certificate.proofContent(
      office: office.office, ticket: key, handshake: handshake)
    let request = AdmitRequest(
      ticket: key, member: certificate.member, device: device.device, noise: device.noiseIdentity,
      sealing: device.sealingIdentity,
      deviceSignature: SignatureBytes(device.signing.sign(.certify, content.raw)),
      ticketSignature: SignatureBytes(ticket.sign(.certify, content.raw)),
      memberName: try Name("Ben").bytes, deviceName: try Name("b").bytes)
    var told: Message.AdmitAnswer?
    office.admit(request, handshake: handshake) { answer, _ in told = answer }
    var events: [PollEvent] = []
    while true {
      if let told { return told }
      try loop.turn(&events)
    }
  }

  /// A certificate may lie in the system's memory alone since a flush failed: whoever comes again and has it
  /// is let in once that is written again (S-16).
  @Test func `nobody is told to be in by what may not last`() throws {
    let newcomer = DeviceSecrets()
    let line: TicketLine
    do {
      let loop = try node.start()
      try node.found(loop)
      let call = TicketNewCall(
        kind: .member, keeper: nil, name: nil, member: nil, groups: [], uses: nil,
        validSeconds: nil)
      let office = try #require(loop.office)
      let sharedKey = try #require(loop.membership?.sharedKey)
      let made = try node.answer(loop) {
        office.ticketNew(call, addresses: [], sharedKey: sharedKey, $0)
      }
      guard case .success(.ticketNew(let made)) = made else {
        Issue.record("no ticket was made")
        return
      }
      line = try TicketLine(decoding: made.text, lineChecksum)
      loop.stop()
    }
    var count = 0
    for later in 0..<12 {
      let failing = node.copied()
      let loop = try failing.start()
      failing.disk.fail(
        .init(
          at: failing.disk.operations + later, effect: .failed, error: .inputOutput,
          isLasting: true))
      guard try answer(loop, to: newcomer, with: line) == .tryLater else { continue }
      let (kept, again) = (
        MemoryTurnedNode(disk: failing.disk.killed(), state: failing.state.cloned()),
        MemoryTurnedNode(disk: failing.disk.killed(), state: failing.state.cloned())
      )
      kept.disk.setReadOnly(true)
      let waiting = try kept.start()
      guard waiting.office?.replica.rosterNow().device(newcomer.device) != nil else { continue }
      count += 1
      #expect(try answer(waiting, to: newcomer, with: line) == .tryLater)
      // Nor is anybody refused for good: what this log says of the ticket may be taken back as well.
      #expect(try answer(waiting, to: DeviceSecrets(), with: line) == .tryLater)
      #expect(try answer(try again.start(), to: newcomer, with: line) == .admitted)
    }
    #expect(count > 0)
  }
}
