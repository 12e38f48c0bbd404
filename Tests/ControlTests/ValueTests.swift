import Testing

@testable import Control

/// Identifiers, times, pages, queues and lines of the node's side.
struct ValueTests {
  static func id(_ byte: UInt8, _ count: Int) -> HexIdentifier {
    guard let id = HexIdentifier(bytes: [UInt8](repeating: byte, count: count)) else {
      preconditionFailure("an identifier has 1 to 32 bytes")
    }
    return id
  }

  static let member = MemberRef(id: id(1, 16), name: "Anna")
  static let device = DeviceRef(id: id(2, 32), name: "pc")
  static let group = GroupRef(id: id(3, 32), title: "Werk", kind: .listed)

  static func message(_ text: String, cursor: UInt8) -> MessageInfo {
    MessageInfo(
      entry: id(4, 32), group: group, member: member, device: device, time: ClaimedTime(ms: 0),
      text: text, absence: nil, state: DeliveryInfo(word: .here, devices: 1, of: 2), late: false,
      own: true, cursor: id(cursor, 8))
  }

  @Test func `an identifier is whole bytes in lower case`() throws {
    let id = try #require(HexIdentifier(text: "00ff10"))
    #expect(id.bytes == [0x00, 0xFF, 0x10])
    #expect(HexIdentifier(bytes: [0x00, 0xFF, 0x10]) == id)
    for text in ["", "0", "0g", "AB", "0x", " 00", "00 ", "００", String(repeating: "0", count: 66)] {
      #expect(HexIdentifier(text: text) == nil)
    }
    #expect(HexIdentifier(bytes: []) == nil)
    #expect(HexIdentifier(bytes: [UInt8](repeating: 0, count: 33)) == nil)
  }

  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
      (1_795_443_611_042, "2026-11-23T14:20:11.042Z"),
      (951_782_400_000, "2000-02-29T00:00:00.000Z"),
      (4_107_542_399_999, "2100-02-28T23:59:59.999Z"), (Int64.max, "9999-12-31T23:59:59.999Z"),
      (Int64.min, "0001-01-01T00:00:00.000Z"),
    ] as [(Int64, String)])
  func `a time is written as ISO 8601 text`(ms: Int64, utc: String) {
    #expect(ClaimedTime(ms: ms).utc == utc)
  }

  @Test func `a page of the longest texts fits into a line and says that more is left`() throws {
    // Every byte of this text takes six in JSON.
    let text = String(repeating: "\u{1}", count: 65_000)
    let messages = (0..<20).map { Self.message(text, cursor: UInt8($0)) }
    let page = ReadCall.Answer(
      fitting: messages, more: false, cursor: Self.id(9, 8), group: Self.group)
    #expect(page.more)
    #expect(page.messages == Array(messages.suffix(page.messages.count)))
    #expect(page.messages.count >= 2)
    let line = ResponseLine(id: .number(.max), outcome: .success(.read(page))).encoded()
    #expect(line.count - 1 <= LineGuard.bytesMax)
    let short = ReadCall.Answer(
      fitting: [Self.message("a", cursor: 1)], more: false, cursor: Self.id(9, 8), group: nil)
    #expect(short.messages.count == 1)
    #expect(!short.more)
  }

  @Test func `a slow subscriber is told where to go on, and nothing after that`() {
    var queue = EventQueue(from: Self.id(0, 8))
    queue.push(.message(Self.message("a", cursor: 5)))
    #expect(queue.next() == .message(Self.message("a", cursor: 5)))
    for _ in 0..<EventQueue.capacity { queue.push(.changed(.groups)) }
    #expect(!queue.overflowed)
    queue.push(.changed(.members))
    #expect(queue.overflowed)
    queue.push(.changed(.devices))
    #expect(!queue.isFinished)
    #expect(queue.next() == .lagged(cursor: Self.id(5, 8)))
    #expect(queue.isFinished)
    #expect(queue.next() == nil)
  }

  @Test func `a queue that is read keeps its order over many times its length`() {
    var queue = EventQueue(from: Self.id(0, 8))
    for round in 0..<(3 * EventQueue.capacity) {
      let list: ChangedList = round % 2 == 0 ? .groups : .members
      queue.push(.changed(list))
      #expect(queue.next() == .changed(list))
    }
    #expect(queue.isEmpty)
    #expect(!queue.overflowed)
  }

  static let events: [ControlEvent] = [
    .message(message("a\n👩‍🔧", cursor: 1)), .caughtUp(cursor: id(1, 8)),
    .delivery(
      DeliveryEvent(
        entry: id(4, 32), group: group, state: DeliveryInfo(word: .onDevices, devices: 2, of: 2))),
    .reaction(
      ReactionEvent(
        entry: id(4, 32), group: group,
        reactions: [ReactionInfo(text: "\u{1F44D}", members: [member], further: 2, own: true)])),
    .peer(
      PeerInfo(
        device: device, member: member, keeper: true, linked: false, since: nil,
        addresses: [AddressInfo(address: "[fe80::1%eth0]:1", source: .seed, used: false)],
        trouble: "nobody answers")),
    .changed(.tickets),
    .news(
      NewsInfo(
        word: .rank, group: nil, by: member, members: [member], rank: .admin, own: true)),
    .doors([
      DoorInfo(id: id(7, 8), office: "Werk", sponsor: "Anna", address: "192.0.2.1:47474")
    ]),
    .admission(
      AdmissionInfo(
        id: id(6, 16), name: "Ben", device: "pc-2", digits: "012345", state: .comparing,
        since: ClaimedTime(ms: 1))),
    .knock(KnockInfo(state: .timedOut, digits: "012345")),
    .degraded(DegradedInfo(word: .diskFull, detail: "no room", hint: nil, since: nil)),
    .recovered(.diskFull), .lagged(cursor: id(2, 8)),
  ]

  @Test(arguments: events)
  func `an event that was written is read as the same`(event: ControlEvent) {
    let line = Array(EventLine(event: event).encoded().dropLast())
    guard case .event(let read)? = IncomingLine<Done>(line: line) else {
      Issue.record("the event was not read as one")
      return
    }
    #expect(read == event)
  }

  @Test func `an event of a kind that is not known is passed over`() {
    let line = #"{"jsonrpc":"2.0","method":"event","params":{"kind":"later","x":1}}"#
    guard case .unknownEvent? = IncomingLine<Done>(line: Array(line.utf8)) else {
      Issue.record("the event was not passed over")
      return
    }
  }

  @Test(arguments: [
    "", "{}", "[]", #"{"jsonrpc":"2.0","id":1}"#, #"{"jsonrpc":"2.0","id":1,"result":5}"#,
    #"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x"}}"#,
    #"{"jsonrpc":"2.0","id":1,"result":{"line":"a","line":"b","file":"c"}}"#,
  ])
  func `a line that is no answer is none`(line: String) {
    #expect(IncomingLine<RecoveryShowCall.Answer>(line: Array(line.utf8)) == nil)
  }

  @Test(arguments: ErrorName.allCases)
  func `an error that was written is read as the same`(name: ErrorName) throws {
    let error = ControlError(
      name, "\"x\" went wrong", hint: "try y", candidates: [Candidate(text: "@A", detail: nil)])
    let line = ResponseLine(id: nil, outcome: .failure(error)).encoded().dropLast()
    guard case .error(nil, let read)? = IncomingLine<Done>(line: Array(line)) else {
      Issue.record("the error was not read as one")
      return
    }
    #expect(read == error)
  }

  @Test func `what arrives in pieces is cut into lines`() throws {
    var buffer = LineBuffer(bytesMax: 4)
    #expect(try buffer.next() == nil)
    buffer.append(Array("ab".utf8))
    #expect(try buffer.next() == nil)
    buffer.append(Array("cd\n\nx\ny".utf8))
    #expect(try buffer.next() == Array("abcd".utf8))
    #expect(try buffer.next() == [])
    #expect(try buffer.next() == Array("x".utf8))
    #expect(try buffer.next() == nil)
    buffer.append(Array("zzz".utf8))
    #expect(try buffer.next() == nil)
    buffer.append(Array("!".utf8))
    #expect(throws: LineFault.tooLong) { try buffer.next() }
  }

  @Test func `a line too long with its end is refused too`() {
    var buffer = LineBuffer(bytesMax: 4)
    buffer.append(Array("abcde\n".utf8))
    #expect(throws: LineFault.tooLong) { try buffer.next() }
  }

  @Test func `the socket is looked for where it was asked for, then the user's, then the system's`()
  {
    func paths(_ option: String?, _ variable: String?, _ runtime: String?) -> [String] {
      ControlSocketPath.candidates(
        option: option, variable: variable, runtimeDirectory: runtime, user: 7)
    }
    #expect(paths("/a", "/b", "/run/user/7") == ["/a"])
    #expect(paths(nil, "/b", "/run/user/7") == ["/b"])
    #expect(paths(nil, "", "/x") == ["/x/zuruf/control", "/run/zuruf/control"])
    #expect(paths(nil, nil, nil) == ["/run/user/7/zuruf/control", "/run/zuruf/control"])
    #expect(paths(nil, nil, "relative") == paths(nil, nil, nil))
  }
}
