/// Looks for doors that are held open in the network, or asks whose door is open at one address.
package struct DoorsCall: ControlCall {
  package static let method = ControlMethod.doors
  package static let fields = ["address"]

  /// The address or name of one computer; nil: all that are announced.
  package let address: String?
  package init(address: String? = nil) { self.address = address }

  /// The open doors by office and sponsor; where there is none, why and what helps. Of an address it is
  /// the one there, and where there is none the call is refused as a knock would be.
  package struct Answer: Codable, Equatable, Sendable {
    package let doors: [DoorInfo]
    package let advice: String?
    /// The same in a word.
    package let reason: NoDoorWord?
    package init(doors: [DoorInfo], advice: String?, reason: NoDoorWord?) {
      self.doors = doors
      self.advice = advice
      self.reason = reason
    }
  }
}

/// Knocks at an open door; answers with the digits to compare.
package struct KnockCall: ControlCall {
  package static let method = ControlMethod.knock
  package static let fields = ["door", "address", "name", "account", "device", "hold"]

  /// A door of the list, by its id.
  package let door: HexIdentifier?
  /// Or the address of a computer that holds its door open.
  package let address: String?
  /// The newcomer's name where a person chose one.
  package let name: String?
  /// The name of the person's account, taken where nobody chose one.
  package let account: String?
  package let device: String?
  /// Whether the knock ends with the connection that asked; nil: no.
  package let hold: Bool?
  package init(
    door: HexIdentifier?, address: String?, name: String?, account: String?, device: String?,
    hold: Bool?
  ) {
    self.door = door
    self.address = address
    self.name = name
    self.account = account
    self.device = device
    self.hold = hold
  }

  /// What to compare, and whose door it says it is.
  package struct Answer: Codable, Equatable, Sendable {
    package let digits: String
    package let office: String
    package let sponsor: String
    /// Whose further device this one would be, as the door says; nil: a new person comes in.
    package let member: String?
    package init(digits: String, office: String, sponsor: String, member: String? = nil) {
      self.member = member
      self.digits = digits
      self.office = office
      self.sponsor = sponsor
    }
  }
}

/// Waits for what becomes of the knock; answers as `join` does.
package struct KnockWaitCall: ControlCall {
  package static let method = ControlMethod.knockWait
  package static let fields: [String] = []
  package init() {}

  package typealias Answer = JoinCall.Answer
}

/// Ends the knock before anybody has answered it.
package struct KnockCancelCall: ControlCall {
  package static let method = ControlMethod.knockCancel
  package static let fields: [String] = []
  package init() {}

  package typealias Answer = Done
}
