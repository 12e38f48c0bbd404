import Control

/// What people do with a real node, in the words of the tests.
extension RealNode {
  /// The error that it answers with; nil where it does as it is asked.
  func refusal(of call: some ControlCall) throws -> ControlError? {
    do {
      _ = try ask(call)
      return nil
    } catch ControlFault.refused(let error) {
      return error
    }
  }

  /// Acts, and looks after each event of the node until there is something: no clock decides.
  ///
  /// Where an own message gets to is told of what was written since somebody listened (C-12), and
  /// so whoever waits for that writes in `act`.
  @discardableResult
  func until<Found>(
    after act: () throws -> Void = {}, _ find: (RealNode) throws -> Found?
  ) throws -> Found {
    var events = try client()
    _ = try events.call(SubscribeCall(group: nil, after: nil))
    try act()
    while true {
      if let found = try find(self) { return found }
      _ = try events.nextEvent()
    }
  }

  func found(_ office: String, _ name: String, _ device: String) throws {
    _ = try ask(OfficeNewCall(office: office, name: name, device: device))
  }

  /// Founds an office as Anna, and lets in Ben.
  func meet(_ ben: RealNode) throws {
    try start()
    try ben.start()
    try found("Müller GmbH", "Anna", "pc-anna")
    _ = try ben.join(try ticket(), "Ben", "pc-ben")
  }

  func ticket(for member: String? = nil, again: Bool? = nil) throws -> String {
    try ask(TicketNewCall(.member, member: member, again: again)).text
  }

  func join(_ ticket: String, _ name: String?, _ device: String) throws -> JoinCall.Answer {
    try ask(JoinCall(ticket: ticket, name: name, account: "somebody", device: device))
  }

  /// Waits until this member is in a group of that title.
  func untilGroup(_ title: String) throws {
    try until { try $0.group(title) == nil ? nil : true }
  }

  func rank(of name: String) throws -> RankWord? {
    try ask(MemberListCall(removed: nil)).members.first { $0.name == name }?.rank
  }
}

extension TicketNewCall {
  /// A ticket for one newcomer, valid as long as tickets are.
  init(
    _ kind: TicketKindWord, keeper: Bool? = nil, name: String? = nil, member: String? = nil,
    groups: [String] = [], again: Bool? = nil
  ) {
    self.init(
      kind: kind, keeper: keeper, name: name, member: member, groups: groups, uses: nil,
      validSeconds: nil, again: again)
  }
}
