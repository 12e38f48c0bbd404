/// Founds an office on a node that has none.
package struct OfficeNewCall: ControlCall {
  package static let method = ControlMethod.officeNew
  package static let fields = ["office", "name", "device"]

  package let office: String
  /// The founder's name.
  package let name: String
  package let device: String
  package init(office: String, name: String, device: String) {
    self.office = office
    self.name = name
    self.device = device
  }

  /// The office that was founded, durable, with its first group.
  package struct Answer: Codable, Equatable, Sendable {
    package let office: OfficeInfo
    package let member: MemberRef
    package let device: DeviceRef
    /// The group of everyone that comes with an office.
    package let everyone: GroupRef
    /// The file, readable by its owner alone, that holds the recovery key.
    package let recoveryFile: String
    package init(
      office: OfficeInfo, member: MemberRef, device: DeviceRef, everyone: GroupRef,
      recoveryFile: String
    ) {
      self.office = office
      self.member = member
      self.device = device
      self.everyone = everyone
      self.recoveryFile = recoveryFile
    }
  }
}

/// Tells which office this node belongs to and how far it has come.
package struct OfficeStatusCall: ControlCall {
  package static let method = ControlMethod.officeStatus
  package static let fields: [String] = []
  package init() {}

  /// Where this node stands; what it has no office for is absent or zero.
  package struct Answer: Codable, Equatable, Sendable {
    package let standing: StandingWord
    package let office: OfficeInfo?
    package let member: MemberRef?
    package let device: DeviceRef?
    package let rank: RankWord?
    package let recovery: RecoveryWord
    /// How many owners the office has.
    package let owners: Int
    package let members: Int
    package let devices: Int
    package let groups: Int
    /// What to call this person and this computer where nobody says so, as long as there is no office.
    package let account: AccountNames?
    /// A change of owners that this member began or agreed to, and that waits; nil for none.
    package let pending: OwnerChange?
    /// Until when the own door is open; nil where it is closed.
    package let door: ClaimedTime?
    package init(
      standing: StandingWord, office: OfficeInfo?, member: MemberRef?, device: DeviceRef?,
      rank: RankWord?, recovery: RecoveryWord, owners: Int, members: Int, devices: Int, groups: Int,
      account: AccountNames? = nil, pending: OwnerChange? = nil, door: ClaimedTime? = nil
    ) {
      (self.pending, self.door) = (pending, door)
      self.standing = standing
      self.office = office
      self.member = member
      self.device = device
      self.rank = rank
      self.recovery = recovery
      self.owners = owners
      self.members = members
      self.devices = devices
      self.groups = groups
      self.account = account
    }
  }
}

/// The user of this computer that a node runs as, and the computer, as the system names them.
package struct AccountNames: Codable, Equatable, Sendable {
  package let name: String
  package let device: String
  package init(name: String, device: String) {
    self.name = name
    self.device = device
  }
}

/// Reads the recovery key out of its file.
package struct RecoveryShowCall: ControlCall {
  package static let method = ControlMethod.recoveryShow
  package static let fields: [String] = []
  package init() {}

  /// The line to write down, and the path of the file that holds it.
  package struct Answer: Codable, Equatable, Sendable {
    package let line: String
    package let file: String
    /// True where it was read back already; nil where it was not.
    package let confirmed: Bool?
    package init(line: String, file: String, confirmed: Bool? = nil) {
      self.confirmed = confirmed
      self.line = line
      self.file = file
    }
  }
}

/// Compares what a person read back with the recovery key; a match ends the reminders.
package struct RecoveryConfirmCall: ControlCall {
  package static let method = ControlMethod.recoveryConfirm
  package static let fields = ["line"]

  package let line: String
  package init(line: String) {
    self.line = line
  }

  package typealias Answer = Done
}

/// Joins an office with a ticket; answers when the certificate is here and durable.
package struct JoinCall: ControlCall {
  package static let method = ControlMethod.join
  package static let fields = ["ticket", "name", "account", "device"]

  /// The line `zr1-ticket-…`.
  package let ticket: String
  /// The newcomer's name where a person chose one; nil: the ticket's.
  package let name: String?
  /// The name of the person's account, taken where neither a person nor the ticket chose one.
  package let account: String?
  package let device: String?
  package init(ticket: String, name: String?, account: String?, device: String?) {
    self.ticket = ticket
    self.name = name
    self.account = account
    self.device = device
  }

  /// The office this device belongs to now, and who let it in.
  package struct Answer: Codable, Equatable, Sendable {
    package let office: OfficeInfo
    package let member: MemberRef
    package let device: DeviceRef
    package let groups: [GroupRef]
    /// The device that admitted this one.
    package let through: DeviceRef
    /// Who said yes, or made the ticket.
    package let by: MemberRef?
    package init(
      office: OfficeInfo, member: MemberRef, device: DeviceRef, groups: [GroupRef],
      through: DeviceRef, by: MemberRef? = nil
    ) {
      self.by = by
      self.office = office
      self.member = member
      self.device = device
      self.groups = groups
      self.through = through
    }
  }
}

/// Sets aside what a computer has that was removed from its office, so that it can join anew.
package struct OfficeAsideCall: ControlCall {
  package static let method = ControlMethod.officeAside
  package static let fields: [String] = []
  package init() {}

  /// The folder in which all of it lies from now on.
  package struct Answer: Codable, Equatable, Sendable {
    package let folder: String
    package init(folder: String) {
      self.folder = folder
    }
  }
}

/// Changes the own member's name, this device's name, or both; with neither it tells them.
package struct NameSetCall: ControlCall {
  package static let method = ControlMethod.nameSet
  package static let fields = ["name", "device"]

  package let name: String?
  package let device: String?
  package init(name: String?, device: String?) {
    self.name = name
    self.device = device
  }

  /// Both names as they are now.
  package struct Answer: Codable, Equatable, Sendable {
    package let member: MemberRef
    package let device: DeviceRef
    package init(member: MemberRef, device: DeviceRef) {
      self.member = member
      self.device = device
    }
  }
}
