/// Tells everything a person wants to know about this node.
package struct StatusCall: ControlCall {
  package static let method = ControlMethod.status
  package static let fields: [String] = []
  package init() {}

  /// All that this node knows of itself and its peers at this moment.
  package struct Answer: Codable, Equatable, Sendable {
    /// The version of the node, and of this API.
    package let version: String
    package let api: Int
    package let standing: StandingWord
    package let office: OfficeInfo?
    package let member: MemberRef?
    package let device: DeviceRef?
    package let rank: RankWord?
    package let recovery: RecoveryWord
    /// How many owners the office has.
    package let owners: Int
    /// The data directory.
    package let home: String
    /// Addresses on which the node listens.
    package let listening: [String]
    package let started: ClaimedTime
    package let peers: [PeerInfo]
    package let waiting: [WaitingInfo]
    /// On how many devices the newest own message is.
    package let latest: LatestInfo?
    package let degraded: [DegradedInfo]
    package init(
      version: String, api: Int, standing: StandingWord, office: OfficeInfo?, member: MemberRef?,
      device: DeviceRef?, rank: RankWord?, recovery: RecoveryWord, owners: Int, home: String,
      listening: [String], started: ClaimedTime, peers: [PeerInfo], waiting: [WaitingInfo],
      latest: LatestInfo?, degraded: [DegradedInfo]
    ) {
      self.version = version
      self.api = api
      self.standing = standing
      self.office = office
      self.member = member
      self.device = device
      self.rank = rank
      self.recovery = recovery
      self.owners = owners
      self.home = home
      self.listening = listening
      self.started = started
      self.peers = peers
      self.waiting = waiting
      self.latest = latest
      self.degraded = degraded
    }
  }
}

/// How far the newest own message has come.
package struct LatestInfo: Codable, Hashable, Sendable {
  package let entry: HexIdentifier
  package let group: GroupRef
  package let time: ClaimedTime
  package let state: DeliveryInfo
  package init(entry: HexIdentifier, group: GroupRef, time: ClaimedTime, state: DeliveryInfo) {
    self.entry = entry
    self.group = group
    self.time = time
    self.state = state
  }
}

/// Examines this node and its network, and says what to do.
package struct DoctorCall: ControlCall {
  package static let method = ControlMethod.doctor
  package static let fields: [String] = []
  package init() {}

  /// The examinations in the order in which they were made.
  package struct Answer: Codable, Equatable, Sendable {
    package let checks: [CheckInfo]
    package init(checks: [CheckInfo]) {
      self.checks = checks
    }
  }
}
