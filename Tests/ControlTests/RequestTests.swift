import Testing

@testable import Control

/// What each request looks like on the wire, and which are refused.
struct RequestTests {
  static let samples: [ControlRequest] = [
    .officeNew(OfficeNewCall(office: "Müller GmbH", name: "Anna", device: "pc-1")),
    .officeAside(OfficeAsideCall()),
    .officeStatus(OfficeStatusCall()),
    .recoveryShow(RecoveryShowCall()),
    .recoveryConfirm(RecoveryConfirmCall(line: "zr1-recovery-x")),
    .recoveryUse(RecoveryUseCall(line: "zr1-recovery-x", owners: ["Ben"])),
    .ownersAgree(OwnersAgreeCall(line: "zr1-owners-x", look: true)),
    .ticketNew(
      TicketNewCall(
        kind: .box, keeper: true, name: "Lager", member: "Ben", groups: ["Werk"], uses: 2,
        validSeconds: 60)),
    .ticketList(TicketListCall(before: ValueTests.id(5, 32))),
    .ticketRevoke(TicketRevokeCall(ticket: "ab")),
    .join(JoinCall(ticket: "zr1-ticket-x", name: "Ben", account: "ben", device: "pc-2")),
    .admitOpen(AdmitOpenCall(seconds: 600, hold: true, member: "Anna")),
    .admitClose(AdmitCloseCall()),
    .admitStatus(AdmitStatusCall()),
    .admitCheck(
      AdmitCheckCall(
        request: ValueTests.id(6, 16), name: "Ben", rank: .admin, groups: ["Werk"],
        member: "Anna", remove: "pc-2")),
    .admitAnswer(
      AdmitAnswerCall(
        request: ValueTests.id(6, 16), yes: true, name: "Ben", rank: .admin, groups: ["Werk"],
        member: "Anna", remove: "pc-2")),
    .doors(DoorsCall(address: "192.0.2.1")),
    .knock(
      KnockCall(
        door: HexIdentifier(text: "00ff"), address: "192.0.2.1", name: "Ben", account: "ben",
        device: "pc-2", hold: true)),
    .knockWait(KnockWaitCall()),
    .knockCancel(KnockCancelCall()),
    .send(
      SendCall(
        to: "@Ben", text: "Hallo\n👩‍🔧", id: HexIdentifier(text: "00ff"), wait: true,
        reply: "ab")),
    .react(ReactCall(entry: "abcd", text: "\u{1F44D}", remove: false)),
    .read(
      ReadCall(group: "Werk", limit: 5, sinceMs: 1, untilMs: 2, before: HexIdentifier(text: "0a"))),
    .subscribe(SubscribeCall(group: nil, after: nil)),
    .delivery(DeliveryCall(entry: "abcd")),
    .groupNew(GroupNewCall(title: "Werk", purpose: nil, members: ["Ben"])),
    .groupAdd(GroupAddCall(group: "Werk", members: ["Ben"])),
    .groupRename(GroupRenameCall(group: "Werk", title: "Halle", purpose: nil)),
    .groupRemove(GroupRemoveCall(group: "Werk", members: ["Ben"], look: true)),
    .groupLeave(GroupLeaveCall(group: "Werk", look: true)),
    .groupSeen(
      GroupSeenCall(group: "Werk", cursor: ValueTests.id(1, 28), from: ValueTests.id(2, 28))),
    .groupList(GroupListCall(group: "Werk")),
    .memberList(MemberListCall(removed: nil)),
    .memberRank(MemberRankCall(member: "Ben", rank: .admin)),
    .memberRemove(MemberRemoveCall(member: "Ben", look: true)),
    .deviceList(DeviceListCall(member: nil, removed: true)),
    .deviceRemove(DeviceRemoveCall(device: "pc-2", look: nil)),
    .nameSet(NameSetCall(name: "Anna W.", device: nil)),
    .status(StatusCall()),
    .doctor(DoctorCall()),
    .stored(StoredCall()),
  ]

  @Test func `there is a sample of every method`() {
    #expect(Self.samples.map(\.method) == ControlMethod.allCases)
  }

  @Test(arguments: samples)
  func `a request that was written is read as the same`(request: ControlRequest) throws {
    let line = RequestLine(id: .number(7), request: request)
    var bytes = line.encoded()
    #expect(bytes.popLast() == 0x0A)
    #expect(!bytes.contains(0x0A))
    #expect(try RequestLine(line: bytes) == line)
  }

  @Test(arguments: samples)
  func `the list of parameters names every one there is`(request: ControlRequest) {
    let fields = Mirror(reflecting: request.call).children.compactMap(\.label)
    #expect(type(of: request.call).fields == fields)
  }

  @Test func `the parameters may be left out where none is needed`() throws {
    let line = #"{"jsonrpc":"2.0","id":"a","method":"status"}"#
    let request = try RequestLine(line: Array(line.utf8))
    #expect(request == RequestLine(id: .text("a"), request: .status(StatusCall())))
  }

  @Test(
    arguments: [
      (#"{"jsonrpc":"2.0","id":1,"method":"shutdown"}"#, 1, ErrorName.noSuchMethod),
      (#"{"jsonrpc":"2.0","id":1,"method":"send","params":{"to":"a"}}"#, 1, .invalidParameters),
      (#"{"jsonrpc":"2.0","id":1,"method":"send"}"#, 1, .invalidParameters),
      (#"{"jsonrpc":"2.0","id":1,"method":"send","params":["a","b"]}"#, 1, .invalidParameters),
      (#"{"jsonrpc":"2.0","id":1,"method":"status","params":null}"#, 1, .invalidParameters),
      (#"{"jsonrpc":"2.0","id":1,"method":"status","params":{"x":1}}"#, 1, .invalidParameters),
      (
        #"{"jsonrpc":"2.0","id":1,"method":"send","params":{"to":1,"text":"b"}}"#, 1,
        .invalidParameters
      ),
      (
        #"{"jsonrpc":"2.0","id":1,"method":"send","params":{"to":"a","text":"b","id":"AB"}}"#, 1,
        .invalidParameters
      ),
      (
        #"{"jsonrpc":"2.0","id":1,"method":"read","params":{"limit":9223372036854775808}}"#, 1,
        .invalidParameters
      ),
      (
        #"{"jsonrpc":"2.0","id":1,"method":"read","params":{"limit":1.5}}"#, 1, .invalidParameters
      ),
      (#"{"jsonrpc":"1.0","id":1,"method":"status"}"#, 1, .invalidRequest),
      (#"{"jsonrpc":"2.0","id":1,"method":"status","extra":0}"#, 1, .invalidRequest),
      (#"{"jsonrpc":"2.0","id":1,"method":5}"#, 1, .invalidRequest),
      (#"{"jsonrpc":"2.0","method":"status"}"#, nil, .invalidRequest),
      (#"{"jsonrpc":"2.0","id":null,"method":"status"}"#, nil, .invalidRequest),
      (#"{"jsonrpc":"2.0","id":1.5,"method":"status"}"#, nil, .invalidRequest),
      (#"[{"jsonrpc":"2.0","id":1,"method":"status"}]"#, nil, .invalidRequest),
      (#"5"#, nil, .invalidRequest),
      (#"{"jsonrpc":"2.0","id":1,"method":"status""#, nil, .parseError),
      (#"{"jsonrpc":"2.0","id":1,"method":"status","id":2}"#, nil, .parseError),
      (#""#, nil, .parseError),
    ] as [(String, Int64?, ErrorName)])
  func `a wrong request is refused by name`(line: String, id: Int64?, name: ErrorName) {
    let refusal = #expect(throws: RequestLine.Refusal.self) {
      try RequestLine(line: Array(line.utf8))
    }
    #expect(refusal?.error.name == name)
    #expect(refusal?.id == id.map { .number($0) })
    #expect(refusal?.closes == false)
  }

  @Test func `a refused parameter is named`() {
    let line = #"{"jsonrpc":"2.0","id":1,"method":"send","params":{"to":[],"text":"b"}}"#
    let refusal = #expect(throws: RequestLine.Refusal.self) {
      try RequestLine(line: Array(line.utf8))
    }
    #expect(refusal?.error.message == "send: the parameter \"to\" has a value that it cannot have")
  }

  @Test func `an id longer than its limit is refused`() throws {
    let fits = String(repeating: "x", count: RequestID.bytesMax)
    let line = #"{"jsonrpc":"2.0","id":"\#(fits)","method":"status"}"#
    #expect(try RequestLine(line: Array(line.utf8)).id == .text(fits))
    let long = #"{"jsonrpc":"2.0","id":"\#(fits)x","method":"status"}"#
    #expect(throws: RequestLine.Refusal.self) { try RequestLine(line: Array(long.utf8)) }
  }

  @Test(arguments: samples)
  func `every truncation of a request is refused`(request: ControlRequest) {
    let bytes = RequestLine(id: .number(7), request: request).encoded().dropLast()
    for length in 0..<bytes.count {
      #expect(throws: RequestLine.Refusal.self) {
        try RequestLine(line: Array(bytes.prefix(length)))
      }
    }
  }

  @Test(arguments: samples)
  func `no flipped bit of a request is more than refused`(request: ControlRequest) {
    let bytes = Array(RequestLine(id: .number(7), request: request).encoded().dropLast())
    for index in bytes.indices {
      for bit in 0..<8 {
        var flipped = bytes
        flipped[index] ^= 1 << bit
        // Either another valid request, which is written and read as itself, or a refusal.
        if let line = try? RequestLine(line: flipped) {
          let again = Array(line.encoded().dropLast())
          #expect((try? RequestLine(line: again)) == line)
        }
      }
    }
  }
}
