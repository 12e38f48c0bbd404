import Authority
import Control
import Format
import Platform
import Replication
import Transport

/// Examinations of `doctor` that look further than this node's own state.
extension NodeLoop {
  /// Whether a link is up that another computer opened, so that no firewall keeps the port shut.
  var isReachedByOthers: Bool {
    up.values.contains { !$0.up.isInitiator && $0.device != nil && !$0.address.ip.isLoopback }
  }

  var portAdvice: String? {
    if links.port != Limits.defaultPort { return "seeds on other computers must name this port" }
    if isReachedByOthers { return nil }
    return "a firewall must let it in: sudo ufw allow from 192.168.0.0/16 to any port "
      + "\(links.port) proto tcp"
  }

  /// What Avahi tells the network of this computer whether Zuruf runs here or not (9-discovery).
  var hostNameShown: String {
    "; apart from Zuruf, Avahi shows everyone on this network the computer's name, "
      + "\"\(Computer.hostName())\""
  }

  /// Where a newcomer tried to find somebody who lets it in.
  func checkTicketAddresses(_ add: (String, CheckWord, String, String?) -> Void) {
    guard membership == nil else { return }
    for address in dialBook.addresses where address.sources.contains(.ticket) {
      add(
        "ticket \(address.address)", .failed, address.lastEnd?.words ?? "no answer yet",
        "on that computer: is zurufd running, and does its firewall let TCP port "
          + "\(address.address.port) in?")
    }
  }

  /// Whether the office could still be governed if this computer were lost.
  func checkOwners(_ add: (String, CheckWord, String, String?) -> Void) {
    guard let office, office.isReady, recoveryWord != .none else { return }
    let count = office.replica.rosterNow().owners.count
    let words = count == 1 ? "the office has one owner" : "the office has \(count) owners"
    guard recoveryWord == .notPutAway else {
      return add("owners", .ok, words + ", and the recovery key is put away", nil)
    }
    add(
      "owners", count == 1 ? .warning : .ok, words + ", and the recovery key is not put away",
      count == 1
        ? "if this computer is lost, nobody can let people in: zuruf office recovery" : nil)
  }
}

extension LinkEnd {
  /// Why a link is over, as a person reads it: the text of a rule is for the log.
  var words: String {
    if case .violation(let rule) = self { return brokenRule(rule.label) }
    return description
  }
}

/// What a peer did that ended its link, as a person reads it.
func brokenRule(_ label: String) -> String {
  "it broke rule \(label) of the protocol, so the link was ended"
}
