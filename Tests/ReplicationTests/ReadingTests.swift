import Cryptography
import Format
import Testing

@testable import Authority
@testable import Replication

/// What is read of a group and of the past, where some of it is not what it seems.
@Suite struct ReadingTests {
  private let stranger = FeedPlace(feed: FeedID(Bytes16(1, 2)))

  /// Anna and Ben in step, with a message of hers between two of his, which arrived in this order.
  private func office() throws -> (anna: MemoryNode, ben: MemoryNode, group: GroupID) {
    let anna = MemoryNode.founder()
    let group = try everyone(anna)
    let ben = try admit(by: anna, name: "Ben")
    let wire = Wire(anna, ben)
    settle([anna, ben], [wire])
    for (node, text) in [(ben, "one"), (anna, "own"), (ben, "two"), (ben, "three")] {
      try node.say(text, in: group)
      settle([anna, ben], [wire], rounds: 4)
    }
    wire.cut()
    return (anna, ben, group)
  }

  private func entry(_ node: MemoryNode, _ group: GroupID, _ index: Int) throws -> EntryPlace {
    let message = node.replica.arrival(group, index)
    return try #require(message.map { EntryPlace(place: $0.place, seq: $0.seq) })
  }

  private func place(_ node: MemoryNode, _ group: GroupID, _ index: Int) throws -> ReadingPlace {
    let place = node.replica.readingPlace(try entry(node, group, index), in: group)
    return try #require(place)
  }

  @Test func `messages are found by how their IDs begin`() throws {
    let (anna, _, group) = try office()
    for index in 0..<4 {
      let known = anna.replica.prefix(of: try entry(anna, group, index), in: group)
      let prefix = try #require(known).array
      for count in [8, 16] {
        let begin = Array(prefix[..<count])
        #expect(anna.replica.arrivals(of: group, beginning: begin, half: nil) == [index])
      }
      let half = prefix[8] >> 4
      let begin = Array(prefix[..<8])
      #expect(anna.replica.arrivals(of: group, beginning: begin, half: half) == [index])
      #expect(anna.replica.arrivals(of: group, beginning: begin, half: half ^ 1).isEmpty)
      #expect(anna.replica.arrivals(of: group, beginning: prefix + [1], half: 3) == [index])
    }
  }

  @Test func `what stands before a message that is not here is what is older`() throws {
    let (anna, _, group) = try office()
    let known = try place(anna, group, 2)
    let gone = ReadingPlace(
      effective: known.effective, group: group, entry: EntryPlace(place: stranger, seq: 0))
    let (before, _) = anna.replica.newest(group, limit: 9, before: gone, since: nil, until: nil)
    let (same, _) = anna.replica.newest(group, limit: 9, before: known, since: nil, until: nil)
    #expect(before == same && before.count == 2)
    // Of what is gone nobody was shown anything.
    let unseen = anna.replica.firstUnseen(
      group, from: 1, by: anna.replica.member, shown: nil, upTo: gone)
    #expect(unseen == 1)
  }

  @Test func `the first unseen message is behind what was shown, and nobody's own`() throws {
    let (anna, ben, group) = try office()
    for (last, first) in [(0, 2), (2, 3), (3, 4)] {
      let unseen = anna.replica.firstUnseen(
        group, from: 0, by: anna.replica.member, shown: nil, upTo: try place(anna, group, last))
      #expect(unseen == first, "shown up to \(last)")
    }
    let between = anna.replica.firstUnseen(
      group, from: 0, by: anna.replica.member, shown: try place(anna, group, 2),
      upTo: try place(anna, group, 3))
    #expect(between == 0)
    let bens = ben.replica.firstUnseen(
      group, from: 0, by: ben.replica.member, shown: nil, upTo: try place(ben, group, 0))
    #expect(bens == 1)
  }

  @Test func `a body is read as what its log says that it is`() throws {
    let (anna, _, group) = try office()
    let office = anna.replica.office
    let header = try #require(
      try anna.log.first { $0.group == group && $0.first > 0 }.map { try $0.header($0.last) })
    let text = Content.text(RequestID(Bytes16(3, 3)), Array("plain".utf8))
    #expect(anna.replica.read(office, header, text.encode()) == .content(text))
    for (id, body, reading) in [
      (office, [], .unreadable), (group, [9, 9], .unreadable), (group, nil, .erased),
      (GroupID(Bytes32()), [9, 9], .unreadable),
    ] as [(GroupID, [UInt8]?, Reading)] {
      #expect(anna.replica.read(id, header, body) == reading)
    }
    // The office log has no cuts of a group.
    #expect(anna.replica.voidCount(in: office, of: nil) == 0)
  }

  @Test func `the past of names is that of members or of devices, and of those who are known`()
    throws
  {
    let (anna, ben, _) = try office()
    let nobody = MemberID(Bytes16(9, 9))
    for name in ["First", "Second"] {
      for subject in [
        .office, .member(ben.replica.member), .device(ben.replica.secrets.device), .member(nobody),
      ] as [Content.Subject] {
        let content = Content.name(
          RequestID(Bytes16(Random.bytes16())), subject, try Name(name + "\(anna.wall)"))
        _ = try anna.replica.compose(
          anna.replica.office, [.message(content)], wall: anna.wall)
        anna.drain()
      }
      anna.advance(.seconds(1))
    }
    let (members, devices) = (anna.replica.pastNames(), anna.replica.pastDeviceNames())
    #expect(members.map(\.member) == [ben.replica.member, ben.replica.member])
    #expect(members.first?.was.text == "Ben")
    #expect(devices.map(\.device) == [ben.replica.secrets.device])
  }
}
