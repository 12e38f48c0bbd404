/// Holds the door open: newcomers in reach see the office and may knock.
package struct AdmitOpenCall: ControlCall {
  package static let method = ControlMethod.admitOpen
  package static let fields = ["seconds", "hold", "member", "again"]

  /// For how long; nil: ten minutes. Asked again it is open that long from now on.
  package let seconds: Int?
  /// Whether it closes with the connection that asked; nil: no.
  package let hold: Bool?
  /// Whose further devices alone come in, as the door says; nil: new people do.
  package let member: String?
  /// True: of somebody who left or was removed, and of nobody else; nil: of somebody who is here.
  package let again: Bool?
  package init(seconds: Int?, hold: Bool?, member: String? = nil, again: Bool? = nil) {
    self.again = again
    self.seconds = seconds
    self.hold = hold
    self.member = member
  }

  /// Until when it is open, unless it is closed before.
  package struct Answer: Codable, Equatable, Sendable {
    package let until: ClaimedTime
    /// Whose further devices alone come in.
    package let member: MemberRef?
    package init(until: ClaimedTime, member: MemberRef? = nil) {
      self.member = member
      self.until = until
    }
  }
}

/// Closes the door; whoever stands there is sent away.
package struct AdmitCloseCall: ControlCall {
  package static let method = ControlMethod.admitClose
  package static let fields: [String] = []
  package init() {}

  package typealias Answer = Done
}

/// Tells whether the door is open, and who knocked lately.
package struct AdmitStatusCall: ControlCall {
  package static let method = ControlMethod.admitStatus
  package static let fields: [String] = []
  package init() {}

  /// The door as it stands.
  package struct Answer: Codable, Equatable, Sendable {
    package let open: Bool
    package let until: ClaimedTime?
    /// Why it closed, where nobody asked for that.
    package let reason: String?
    /// The newest of those who knocked, the oldest of them first.
    package let requests: [AdmissionInfo]
    /// Whose further devices alone come in.
    package let member: MemberRef?
    package init(
      open: Bool, until: ClaimedTime?, reason: String?, requests: [AdmissionInfo],
      member: MemberRef? = nil
    ) {
      self.member = member
      self.open = open
      self.until = until
      self.reason = reason
      self.requests = requests
    }
  }
}

/// Tells what a yes would come to, and refuses what a yes with the same words would.
package struct AdmitCheckCall: ControlCall {
  package static let method = ControlMethod.admitCheck
  package static let fields = ["request", "name", "rank", "groups", "member", "remove", "again"]

  /// Who stands at the door; nil: whoever comes, whose own name is not known yet.
  package let request: HexIdentifier?
  package let name: String?
  package let rank: RankWord?
  package let groups: [String]?
  package let member: String?
  package let remove: String?
  /// As of `AdmitOpenCall`.
  package let again: Bool?
  package init(
    request: HexIdentifier?, name: String?, rank: RankWord?, groups: [String]?, member: String?,
    remove: String?, again: Bool? = nil
  ) {
    self.again = again
    self.request = request
    self.name = name
    self.rank = rank
    self.groups = groups
    self.member = member
    self.remove = remove
  }

  /// What it would come to.
  package struct Answer: Codable, Equatable, Sendable {
    /// Whose further device it would be; nil: a new member's.
    package let member: MemberRef?
    /// The device that would be removed.
    package let remove: DeviceRef?
    package init(member: MemberRef?, remove: DeviceRef?) {
      self.member = member
      self.remove = remove
    }
  }
}

/// Says yes or no to somebody who knocked and whose digits were compared.
package struct AdmitAnswerCall: ControlCall {
  package static let method = ControlMethod.admitAnswer
  package static let fields = [
    "request", "yes", "name", "rank", "groups", "member", "remove", "again",
  ]

  package let request: HexIdentifier
  package let yes: Bool
  /// What the newcomer is called in the office; nil: as it says itself.
  package let name: String?
  /// Member or admin; nil: member.
  package let rank: RankWord?
  /// Groups the newcomer is added to.
  package let groups: [String]?
  /// Whose further device it is; nil: a new member's.
  package let member: String?
  /// The device that it replaces, which is removed.
  package let remove: String?
  /// As of `AdmitOpenCall`.
  package let again: Bool?
  package init(
    request: HexIdentifier, yes: Bool, name: String?, rank: RankWord?, groups: [String]?,
    member: String?, remove: String?, again: Bool? = nil
  ) {
    self.again = again
    self.request = request
    self.yes = yes
    self.name = name
    self.rank = rank
    self.groups = groups
    self.member = member
    self.remove = remove
  }

  /// What came of it; the device where it is in already.
  package struct Answer: Codable, Equatable, Sendable {
    package let request: AdmissionInfo
    package let device: DeviceRef?
    /// Whose it is; nil: it is not in yet, or was not let in.
    package let member: MemberRef?
    /// The device that was removed for it.
    package let removed: DeviceRef?
    package init(
      request: AdmissionInfo, device: DeviceRef?, member: MemberRef? = nil,
      removed: DeviceRef? = nil
    ) {
      self.member = member
      self.removed = removed
      self.request = request
      self.device = device
    }
  }
}
