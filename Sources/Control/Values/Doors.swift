/// A door that somebody in the network holds open.
package struct DoorInfo: Codable, Hashable, Sendable {
  /// What `knock` takes; of this start of the node that holds it open.
  package let id: HexIdentifier
  /// As the door itself says: nobody has proven it yet.
  package let office: String
  package let sponsor: String
  package let address: String
  /// Whose further devices alone come in there; nil: new people do.
  package let member: String?
  package init(
    id: HexIdentifier, office: String, sponsor: String, address: String, member: String? = nil
  ) {
    self.member = member
    self.id = id
    self.office = office
    self.sponsor = sponsor
    self.address = address
  }
}

/// Why no open door is seen, as far as that can be told from here.
package enum NoDoorWord: String, Codable, CaseIterable, Sendable {
  /// Computers of an office are in reach, and none holds its door open.
  case noneOpen = "none-open"
  /// A door is announced, and nobody answers there.
  case blocked
  /// Nobody announces an office.
  case nobody
  /// Discovery does not run, or is switched off.
  case discoveryDown = "discovery-down"
  case noNetwork = "no-network"
}

/// What became of somebody who knocked.
package enum AdmissionWord: String, Codable, CaseIterable, Sendable {
  case comparing, admitted, refused, gone
  /// It waited still when the door closed.
  case closed
}

/// Somebody who knocked at the door that this node holds open.
package struct AdmissionInfo: Codable, Hashable, Sendable {
  package let id: HexIdentifier
  /// What the newcomer calls itself, and its device.
  package let name: String
  package let device: String
  /// Six digits, to be compared with those on the newcomer's screen.
  package let digits: String?
  package let state: AdmissionWord
  package let since: ClaimedTime
  package init(
    id: HexIdentifier, name: String, device: String, digits: String?, state: AdmissionWord,
    since: ClaimedTime
  ) {
    self.id = id
    self.name = name
    self.device = device
    self.digits = digits
    self.state = state
    self.since = since
  }
}

/// How far a knock is.
package enum KnockWord: String, Codable, CaseIterable, Sendable {
  case waiting, admitted, refused, closed
  case timedOut = "timed-out"
}

/// This node's own knock.
package struct KnockInfo: Codable, Hashable, Sendable {
  package let state: KnockWord
  /// Six digits, to be compared with those on the sponsor's screen.
  package let digits: String?
  package init(state: KnockWord, digits: String?) {
    self.state = state
    self.digits = digits
  }
}
