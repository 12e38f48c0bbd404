/// Lists the members of the office.
package struct MemberListCall: ControlCall {
  package static let method = ControlMethod.memberList
  package static let fields = ["removed"]

  /// Whether removed members are listed too; nil: no.
  package let removed: Bool?
  package init(removed: Bool?) {
    self.removed = removed
  }

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
  package static let fields = ["member"]

  package let member: String
  package init(member: String) {
    self.member = member
  }

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
  package static let fields = ["device"]

  /// The device's name, or `id:` and hexadecimal digits, any unambiguous beginning.
  package let device: String
  package init(device: String) {
    self.device = device
  }

  package struct Answer: Codable, Equatable, Sendable {
    package let device: DeviceInfo
    package init(device: DeviceInfo) {
      self.device = device
    }
  }
}
