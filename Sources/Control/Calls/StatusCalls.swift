/// Tells everything a person wants to know about this node.
package struct StatusCall: ControlCall {
  package static let method = ControlMethod.status
  package static let fields = ["seen"]

  /// Whether a person is shown the answer, so that what is told once is over then.
  package let seen: Bool?
  package init(seen: Bool? = nil) { self.seen = seen }

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
    /// Groups of which people have not seen all here; nil for none.
    package let unread: [UnreadInfo]?
    package let degraded: [DegradedInfo]
    /// Until when the own door is open; nil where it is closed.
    package let door: ClaimedTime?
    /// The door at which this computer stands and waits for a yes; nil for none.
    package let knock: KnockCall.Answer?
    /// The messages of how many groups this device keeps for the others; nil where it is no keeper.
    package let keeps: Int?
    package init(
      version: String, api: Int, standing: StandingWord, office: OfficeInfo?, member: MemberRef?,
      device: DeviceRef?, rank: RankWord?, recovery: RecoveryWord, owners: Int, home: String,
      listening: [String], started: ClaimedTime, peers: [PeerInfo], waiting: [WaitingInfo],
      latest: LatestInfo?, unread: [UnreadInfo]? = nil, degraded: [DegradedInfo],
      door: ClaimedTime? = nil, knock: KnockCall.Answer? = nil, keeps: Int? = nil
    ) {
      (self.unread, self.door) = (unread, door)
      (self.knock, self.keeps) = (knock, keeps)
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

/// Tells what is stored about the asking member.
package struct StoredCall: ControlCall {
  package static let method = ControlMethod.stored
  package static let fields: [String] = []
  package init() {}

  /// Its messages by group, and which devices hold them.
  package struct Answer: Codable, Equatable, Sendable {
    package let groups: [StoredLine]
    /// Devices that keep all groups' messages, most of them unread.
    package let keepers: [DeviceRef]
    /// Those that did so until they were removed; nil for none.
    package let formerKeepers: [DeviceRef]?
    /// How many devices the office has, all of which know names and who is in which group.
    package let devices: Int
    package init(
      groups: [StoredLine], keepers: [DeviceRef], formerKeepers: [DeviceRef]? = nil, devices: Int
    ) {
      (self.groups, self.keepers, self.devices) = (groups, keepers, devices)
      self.formerKeepers = formerKeepers
    }
  }
}

/// What is stored about one member in one group.
package struct StoredLine: Codable, Equatable, Sendable {
  package let group: GroupRef
  /// How many messages it wrote, and when the first of them came.
  package let messages: Int
  package let oldest: ClaimedTime?
  /// How many devices are to hold them.
  package let devices: Int
  /// Who can read what is written there now.
  package let readers: [MemberRef]
  /// How many there are beyond those, where the list had no room for all; nil for none.
  package let further: Int?
  /// Who could read it on devices that were removed, from the group or the office, or left it: what
  /// they had by then stays there. Nil for none.
  package let former: [FormerReader]?
  package init(
    group: GroupRef, messages: Int, oldest: ClaimedTime?, devices: Int, readers: [MemberRef],
    former: [FormerReader]? = nil, further: Int? = nil
  ) {
    self.further = further
    (self.group, self.messages, self.oldest) = (group, messages, oldest)
    (self.devices, self.readers, self.former) = (devices, readers, former)
  }
}

/// Somebody whose devices could read in a group and get nothing of it any more.
package struct FormerReader: Codable, Equatable, Sendable {
  package let member: MemberRef
  /// How many devices.
  package let devices: Int
  /// What was written up to then they may have; nil where that is not known.
  package let until: ClaimedTime?
  package init(member: MemberRef, devices: Int, until: ClaimedTime?) {
    (self.member, self.devices, self.until) = (member, devices, until)
  }
}
