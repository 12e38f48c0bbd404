import Authority
import Cryptography
import Format
import Testing

@testable import Replication

/// Epochs that a member makes so that a colleague cannot read them (K-5), or of another's name (K-2).
@Suite struct UnopenedEpochTests {
  /// Anna, Ben who lies, and Cleo who makes what is due, all linked and in step under an epoch of Anna's.
  private struct Bench {
    let office: GroupRemovalTests.Office
    let wires: [Wire]
    var anna: MemoryNode { office.anna }
    var ben: MemoryNode { office.ben }
    var cleo: MemoryNode { office.cleo }
    var group: GroupID { office.group }

    init() throws {
      office = try GroupRemovalTests.Office()
      try office.anna.say("hello", in: office.group)
      wires = [Wire(office.anna, office.ben), Wire(office.anna, office.cleo)]
      cleo.renewsEpochs = true
      run()
    }

    /// Lets 20 seconds pass, in which everything is carried.
    func run() { settle([anna, ben, cleo], wires) }

    /// The devices whose epochs Cleo's node named.
    var named: [DeviceKey] {
      cleo.happenings.compactMap { happening in
        if case .unopened(group, _, let device, _) = happening { return device }
        return nil
      }
    }

    var dueCount: Int { cleo.epochsDue.count { $0 == group } }
  }

  @Test func `whoever is shut out by an epoch makes another one, and it shows whose it was`() throws
  {
    let bench = try Bench()
    let (anna, ben, cleo, group) = (bench.anna, bench.ben, bench.cleo, bench.group)
    try ben.makeEpoch(in: group, without: cleo.replica.secrets.device)
    for wire in bench.wires { while wire.carry() {} }
    try anna.say("under Ben's", in: group)
    bench.run()
    #expect(cleo.texts(group) == ["hello", "(no key)"])
    #expect(bench.named == [ben.replica.secrets.device])
    try anna.say("under Cleo's", in: group)
    bench.run()
    #expect(cleo.texts(group) == ["hello", "(no key)", "under Cleo's"])
    #expect(ben.texts(group).last == "under Cleo's")
    // Nobody whose copy opens makes one.
    #expect(!anna.epochsDue.contains(group) && !ben.epochsDue.contains(group))
  }

  @Test func `its own next message brings the new epoch too`() throws {
    let bench = try Bench()
    let (anna, ben, cleo, group) = (bench.anna, bench.ben, bench.cleo, bench.group)
    cleo.renewsEpochs = false
    try ben.makeEpoch(in: group, without: cleo.replica.secrets.device)
    for wire in bench.wires { while wire.carry() {} }
    try cleo.say("me too", in: group)
    for wire in bench.wires { while wire.carry() {} }
    try anna.say("welcome", in: group)
    bench.run()
    #expect(cleo.texts(group) == ["hello", "me too", "welcome"])
  }

  @Test func `who makes such epochs again and again has one of them answered in a while`() throws {
    let bench = try Bench()
    let (ben, cleo, group) = (bench.ben, bench.cleo, bench.group)
    for _ in 0..<3 {
      try ben.makeEpoch(in: group, without: cleo.replica.secrets.device)
      bench.run()
    }
    #expect(bench.dueCount == 1)
    try cleo.say("not before its time", in: group)
    #expect(cleo.ownEpochs(in: group) == 1)
    for _ in 0..<Limits.epochAgainSeconds / 20 { bench.run() }
    #expect(bench.dueCount == 2)
    #expect(cleo.ownEpochs(in: group) == 2)
    // What opens again is left alone, however long.
    for _ in 0..<Limits.epochAgainSeconds / 10 { bench.run() }
    #expect(bench.dueCount == 2)
  }

  @Test func `an epoch that bears the name of another one is written under by nobody`() throws {
    let bench = try Bench()
    let (anna, ben, cleo, group) = (bench.anna, bench.ben, bench.cleo, bench.group)
    let first = try #require(anna.replica.groups[group]?.epochs.first)
    try bench.office.remove(cleo)
    for wire in bench.wires { while wire.carry() {} }
    // Cleo holds the secret of that name.
    try ben.makeEpoch(in: group, without: nil, named: first.id)
    for wire in bench.wires { while wire.carry() {} }
    try anna.say("without Cleo", in: group)
    #expect(anna.replica.groups[group]?.currentEpoch != first.id)
  }
}

extension MemoryNode {
  /// How many epochs of its own a node holds in a group.
  fileprivate func ownEpochs(in group: GroupID) -> Int {
    replica.groups[group]?.epochs.count { $0.feed.isOwn } ?? 0
  }

  /// Makes an epoch as it should be, but for the copy of one device, or for a name that is not its own.
  fileprivate func makeEpoch(
    in group: GroupID, without shut: DeviceKey?, named name: EpochID? = nil
  ) throws {
    wall += 1
    let state = try #require(replica.groups[group])
    let members = replica.membershipNow(group)
    let devices = try #require(members).devices
    let feed = replica.ownFeed(state)
    var builder = replica.builder(state, feed)
    var cited = replica.cite(state, feed)
    if feed == nil { replica.appendGenesis(&builder, &cited, founding: nil, wall) }
    let secret = EpochSecret()
    let (groupBytes, feedBytes) = (group.bytes.array, builder.feed.bytes.array)
    let ownName = EpochID(
      Bytes16(
        secret.id(group: groupBytes.span, feed: feedBytes.span, sequence: builder.nextSeq)))
    let id = name ?? ownName
    let idBytes = id.bytes.array
    let sealer = CopySealer(group: groupBytes.span, epochID: idBytes.span)
    let copies = try devices.map { device in
      let recipient = try SealingPublicKey(copying: device.sealing.bytes.array.span)
      let copy = try sealer.copy(of: secret, for: recipient)
      let sealed = device.key == shut ? Random.bytes(48) : (0..<48).map { copy[$0] }
      return EpochBody.SealedCopy(device: device.key, sealed: sealed)
    }
    let body = EpochBody(ephemeral: Bytes32(sealer.publicKey.bytes), copies: copies).encode()
    _ = builder.append(
      .epoch, body: body, epoch: id, deps: cited.deps, depLamport: cited.lamport, wall: wall)
    if name == nil { state.secrets[id] = EpochKey(secret) }
    _ = replica.finish(builder, state, feed, cited)
    drain()
  }
}
