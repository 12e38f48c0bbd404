/// Lists the members of the office.
package struct MemberListCall: ControlCall {
  package static let method = ControlMethod.memberList
  package static let fields = ["removed"]

  /// Whether removed members are listed too; nil: no.
  package let removed: Bool?
  package init(removed: Bool?) {
    self.removed = removed
  }

  /// The members by name; those removed only where they were asked for.
  package struct Answer: Codable, Equatable, Sendable {
    package let members: [MemberInfo]
    package init(members: [MemberInfo]) {
      self.members = members
    }
  }
}

/// Removes a member with all devices from the office.
package struct MemberRemoveCall: ControlCall {
  package static let method = ControlMethod.memberRemove
  package static let fields = ["member", "look"]

  package let member: String
  /// Whether only to tell whom it would remove; nil: no.
  package let look: Bool?
  package init(member: String, look: Bool?) {
    self.member = member
    self.look = look
  }

  /// The member as it stands now, and the devices that went with it.
  package struct Answer: Codable, Equatable, Sendable {
    package let member: MemberInfo
    package let devices: [DeviceInfo]
    package init(member: MemberInfo, devices: [DeviceInfo]) {
      self.member = member
      self.devices = devices
    }
  }
}

/// Lists devices, of all members or of one.
package struct DeviceListCall: ControlCall {
  package static let method = ControlMethod.deviceList
  package static let fields = ["member", "removed"]

  package let member: String?
  /// Whether removed devices are listed too; nil: no.
  package let removed: Bool?
  package init(member: String?, removed: Bool?) {
    self.member = member
    self.removed = removed
  }

  /// The devices by member, then name; those removed only where they were asked for.
  package struct Answer: Codable, Equatable, Sendable {
    package let devices: [DeviceInfo]
    package init(devices: [DeviceInfo]) {
      self.devices = devices
    }
  }
}

/// Removes one device from the office.
package struct DeviceRemoveCall: ControlCall {
  package static let method = ControlMethod.deviceRemove
  package static let fields = ["device", "look"]

  /// The device's name, or `id:` and hexadecimal digits, any unambiguous beginning.
  package let device: String
  /// Whether only to tell which it would remove; nil: no.
  package let look: Bool?
  package init(device: String, look: Bool?) {
    self.device = device
    self.look = look
  }

  /// The device as it stands now.
  package struct Answer: Codable, Equatable, Sendable {
    package let device: DeviceInfo
    /// Whether its member has no other one; only where `look` asked.
    package let only: Bool?
    package init(device: DeviceInfo, only: Bool? = nil) {
      self.device = device
      self.only = only
    }
  }
}
