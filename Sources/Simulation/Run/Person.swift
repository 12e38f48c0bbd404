import Control
import Platform

/// Somebody at a host.
final class Person {
  let name: String
  let host: Host
  let isBox: Bool
  /// Whether the host is a copy of this person's other one, which is to be thrown away.
  let isCopy: Bool
  var rank = RankWord.member
  /// Whether somebody who lies has their keys and sits at their computer.
  var isLiar = false
  /// Whether the office is believed to have them.
  var isIn = false
  /// Whether they come in by an open door.
  var comesByDoor = false
  /// When somebody last said yes to them at a door; nil once their node told them that the ticket has expired,
  /// for then it goes on with it no more.
  var admitted: Moment?
  /// How many devices this person has had.
  var devices = 1
  /// Their ID in the office, once it was looked up: who lies may have given them another name (E-18).
  var member: HexIdentifier?
  /// What was sent and not answered: it may be there or not, and is sent again as the same.
  var unanswered: [Ledger.Message] = []

  init(name: String, host: Host, isBox: Bool = false, isCopy: Bool = false) {
    (self.name, self.host, self.isBox, self.isCopy) = (name, host, isBox, isCopy)
  }

  /// Their node refused something.
  func hear(_ error: ControlError) {
    if error.name == .ticketExpired { admitted = nil }
  }

  var isFounder: Bool { name == "P0" }

  /// What a list of the office says of them.
  func find(in members: [MemberInfo]) -> MemberInfo? {
    members.first { known in member.map { $0 == known.id } ?? (known.name == name) }
  }

  /// How they are named to a node.
  var typed: String { member.map { "id:\($0)" } ?? "@" + name }

  /// What the next device of this person is called.
  func nextDevice() -> String {
    devices += 1
    return "pc-\(host.number)-\(devices)"
  }
}
