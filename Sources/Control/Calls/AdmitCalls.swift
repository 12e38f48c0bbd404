/// Holds the door open: newcomers in reach see the office and may knock.
package struct AdmitOpenCall: ControlCall {
  package static let method = ControlMethod.admitOpen
  package static let fields = ["seconds", "hold"]

  /// For how long; nil: ten minutes. Asked again it is open that long from now on.
  package let seconds: Int?
  /// Whether it closes with the connection that asked; nil: no.
  package let hold: Bool?
  package init(seconds: Int?, hold: Bool?) {
    self.seconds = seconds
    self.hold = hold
  }

  /// Until when it is open, unless it is closed before.
  package struct Answer: Codable, Equatable, Sendable {
    package let until: ClaimedTime
    package init(until: ClaimedTime) {
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
    package init(open: Bool, until: ClaimedTime?, reason: String?, requests: [AdmissionInfo]) {
      self.open = open
      self.until = until
      self.reason = reason
      self.requests = requests
    }
  }
}

/// Says yes or no to somebody who knocked and whose digits were compared.
package struct AdmitAnswerCall: ControlCall {
  package static let method = ControlMethod.admitAnswer
  package static let fields = ["request", "yes", "name", "rank", "groups", "member", "remove"]

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
  package init(
    request: HexIdentifier, yes: Bool, name: String?, rank: RankWord?, groups: [String]?,
    member: String?, remove: String?
  ) {
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
    package init(request: AdmissionInfo, device: DeviceRef?) {
      self.request = request
      self.device = device
    }
  }
}
