import Control
import Testing

/// What sponsors and newcomers do at a door, in the words of the tests.
extension RealNode {
  /// Holds the door open, without a connection that it would close with; where it is said so, for
  /// further devices of one member alone.
  func openDoor(for member: String? = nil) throws {
    _ = try ask(AdmitOpenCall(seconds: nil, hold: nil, member: member))
  }

  /// Knocks at the door of another node on this computer.
  func knock(at node: RealNode, _ name: String, _ device: String) throws -> KnockCall.Answer {
    try ask(KnockCall.at(node, name, device))
  }

  /// Whoever is compared with now.
  func requests(_ state: AdmissionWord = .comparing) throws -> [AdmissionInfo] {
    try ask(AdmitStatusCall()).requests.filter { $0.state == state }
  }

  /// Says yes to the one newcomer there is.
  func sayYes(
    name: String? = nil, rank: RankWord? = nil, groups: [String]? = nil, member: String? = nil,
    remove: String? = nil
  ) throws -> AdmitAnswerCall.Answer {
    let request = try #require(try requests().first)
    return try ask(
      AdmitAnswerCall(
        request: request.id, yes: true, name: name, rank: rank, groups: groups, member: member,
        remove: remove))
  }

  func sayNo() throws {
    let request = try #require(try requests().first)
    _ = try ask(
      AdmitAnswerCall(
        request: request.id, yes: false, name: nil, rank: nil, groups: nil, member: nil,
        remove: nil))
  }

  /// Joins at the door of another node, whose sponsor says yes.
  func joinAtDoor(
    of node: RealNode, _ name: String, _ device: String, groups: [String]? = nil
  ) throws -> JoinCall.Answer {
    _ = try knock(at: node, name, device)
    let joined = askBeside(KnockWaitCall())
    _ = try node.sayYes(groups: groups)
    return try #require(joined.wait())
  }
}

extension KnockCall {
  static func at(_ node: RealNode, _ name: String, _ device: String) -> KnockCall {
    KnockCall(
      door: nil, address: "127.0.0.1:\(node.port)", name: name, account: nil, device: device,
      hold: nil)
  }
}
