import Testing

@testable import Control

/// Answers that one line holds, however long the lists are (C-1).
struct FittingListsTests {
  private static func members(_ count: Int) -> [MemberRef] {
    (0..<count).map { number in
      MemberRef(
        id: ValueTests.id(UInt8(truncatingIfNeeded: number), 16), name: "Somebody \(number)")
    }
  }

  private static func group(_ count: Int) -> GroupInfo {
    GroupInfo(
      id: ValueTests.id(3, 32), title: "Werkstatt", kind: .listed, purpose: nil,
      members: members(count), readable: true, messages: 1, latest: nil)
  }

  private static func size(_ result: ControlResult) -> Int {
    ResponseLine(id: .number(1), outcome: .success(result)).encoded().count
  }

  @Test func `of many large groups some members are named, and how many there are beyond`() {
    let all = (0..<200).map { _ in Self.group(500) }
    let answer = GroupListCall.Answer(fitting: all)
    #expect(Self.size(.groupList(answer)) <= LineGuard.bytesMax)
    #expect(answer.groups.count == 200)
    for group in answer.groups {
      #expect(!group.members.isEmpty && group.members.count + (group.further ?? 0) == 500)
    }
    let few = [Self.group(3)]
    #expect(GroupListCall.Answer(fitting: few).groups == few)
  }

  private static func withLast(_ members: Int, _ text: String) -> GroupInfo {
    let group = group(members)
    return GroupInfo(
      id: group.id, title: group.title, kind: group.kind, purpose: nil, members: group.members,
      readable: true, messages: 1, latest: nil,
      last: LastInfo(member: ValueTests.member, own: false, text: text))
  }

  @Test func `how the newest messages begin stays as long as there is room, before any name does`()
  {
    let text = String(repeating: "a", count: LastInfo.textBytesMax)
    let large = GroupListCall.Answer(fitting: (0..<500).map { _ in Self.withLast(60, text) })
    #expect(Self.size(.groupList(large)) <= LineGuard.bytesMax)
    for group in large.groups {
      #expect(group.last?.text == text && !group.members.isEmpty && group.further ?? 0 > 0)
    }
    // Where that is too much with nobody named, there is room for names again.
    let count = LineGuard.bytesMax / LineCoding.line(Self.withLast(0, text)).count + 1
    let many = GroupListCall.Answer(fitting: (0..<count).map { _ in Self.withLast(8, text) })
    #expect(Self.size(.groupList(many)) <= LineGuard.bytesMax)
    #expect(many.groups.count == count)
    #expect(many.groups.allSatisfy { $0.last == nil && !$0.members.isEmpty })
    #expect(many.more == nil)
    // Where all of it is too much, nothing is named that need not be, and as many come as there is room.
    let all = GroupListCall.Answer(fitting: (0..<4 * count).map { _ in Self.withLast(8, text) })
    #expect(all.groups.allSatisfy { $0.last == nil && $0.members.isEmpty && $0.further == 8 })
    #expect((count..<4 * count).contains(all.groups.count) && all.more == true)
    #expect(Self.size(.groupList(all)) <= LineGuard.bytesMax)
  }

  @Test func `no purpose takes the place of a group`() {
    // A control character takes six bytes in a line.
    let purpose = String(repeating: "\u{1}", count: 1_024)
    let all = (0..<400).map { _ in
      let group = Self.withLast(3, "hallo")
      return GroupInfo(
        id: group.id, title: group.title, kind: group.kind, purpose: purpose,
        members: group.members,
        readable: true, messages: 1, latest: nil, last: group.last)
    }
    let answer = GroupListCall.Answer(fitting: all)
    #expect(Self.size(.groupList(answer)) <= LineGuard.bytesMax)
    #expect(answer.groups.count == 400 && answer.more == nil)
    #expect(
      answer.groups.allSatisfy { $0.purpose == nil && $0.last != nil && $0.members.count == 3 })
  }

  @Test func `of many readers some are named`() {
    let lines = (0..<200).map { _ in
      StoredLine(
        group: ValueTests.group, messages: 1, oldest: nil, devices: 2, readers: Self.members(500))
    }
    let answer = StoredCall.Answer(
      fitting: lines, keepers: [], formerKeepers: nil, devices: 1)
    #expect(Self.size(.stored(answer)) <= LineGuard.bytesMax)
    #expect(answer.groups.allSatisfy { $0.readers.count + ($0.further ?? 0) == 500 })
  }

  @Test func `of many tickets the newest come, and the rest is asked for`() {
    let tickets = (0..<3_000).map { number in
      TicketInfo(
        id: ValueTests.id(5, 32), kind: .member, keeper: false, name: "Nr. \(number)", member: nil,
        groups: [ValueTests.group, ValueTests.group], issuer: ValueTests.member,
        created: ClaimedTime(ms: Int64(number)), expires: ClaimedTime(ms: 2), uses: 1, used: 0,
        state: .open)
    }
    let answer = TicketListCall.Answer(fitting: tickets)
    #expect(Self.size(.ticketList(answer)) <= LineGuard.bytesMax)
    #expect(answer.more == true && answer.tickets.count > 100)
    #expect(answer.tickets.last?.name == "Nr. 2999")
    #expect(TicketListCall.Answer(fitting: Array(tickets.prefix(3))).more == nil)
  }

  @Test func `an answer that no line holds is an error, and a line`() throws {
    let long = GroupListCall.Answer(groups: (0..<200).map { _ in Self.group(500) })
    let line = ResponseLine(id: .number(7), outcome: .success(.groupList(long))).encoded()
    #expect(line.count < 1_000)
    guard
      case .error(.number(7), let error) = IncomingLine<GroupListCall.Answer>(
        line: Array(line.dropLast()))
    else {
      Issue.record("no error")
      return
    }
    #expect(error.name == .answerTooLong)
  }
}
