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

  /// Whether others can open links to this computer, as far as anybody has tried.
  func checkPort(
    _ interfaces: [NetworkInterface], _ add: (String, CheckWord, String, String?) -> Void
  ) {
    let finding = "listening on TCP port \(links.port)"
    guard links.port == Limits.defaultPort else {
      // A port that was chosen, and that others reach, needs nothing to be done.
      return add(
        "port", isReachedByOthers ? .ok : .warning,
        finding + (isReachedByOthers ? ", and other computers reach it" : ""),
        isReachedByOthers ? nil : "seeds on other computers must name this port")
    }
    if isReachedByOthers {
      return add("port", .ok, finding + ", and other computers reach it", nil)
    }
    let others = peers()
    // Where this computer opened every link itself nobody had to come in.
    if !others.isEmpty, others.allSatisfy(\.linked) { return add("port", .ok, finding, nil) }
    add(
      "port", others.isEmpty ? .skipped : .warning,
      finding + "; no other computer has come in by it since the start",
      firewallAdvice(interfaces, port: links.port))
  }

  /// Addresses at which somebody else may show what looks like the page (W-13).
  func checkPage(_ add: (String, CheckWord, String, String?) -> Void) {
    guard let folder = configuration.stateDirectory else { return }
    do throws(BurntPorts.Fault) {
      let ports = try BurntPorts(folder: folder).ports
      if ports.isEmpty { return }
      let list = ports.map { "127.0.0.1:\($0)" }.joined(separator: ", ")
      add(
        "page", .warning, "somebody else has had \(list): the page is never there again",
        "close tabs and delete bookmarks of it, and open the page by: zuruf open")
    } catch {
      add("page", .failed, error.description, error.hint)
    }
  }

  /// A removed computer is told so first: nothing else that is found matters.
  func checkRemoval(_ add: (String, CheckWord, String, String?) -> Void) {
    guard let office, office.isRemoved else { return }
    let info = office.exclusion.info
    add("office", .failed, info.detail, info.hint)
  }

  /// Of two nodes with the same keys both stop: nothing that is found about the network explains that.
  func checkCopies(_ add: (String, CheckWord, String, String?) -> Void) {
    guard let office, !office.isRemoved else { return }
    for info in ofCopies(office).map(\.info) {
      let goesOn = info.word == .suspended || office.copyWords.areOverruled && !office.isCopied
      add("copy", goesOn ? .warning : .failed, info.detail, info.hint)
    }
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

  /// Each other computer with whose it is; of two that are called alike the digits tell which.
  func checkLinks(_ add: (String, CheckWord, String, String?) -> Void) {
    let others = peers()
    for peer in others {
      let isAlone =
        others.count { $0.device.name == peer.device.name && $0.member == peer.member } == 1
      let name =
        peer.device.name + (isAlone ? "" : " (id:\(peer.device.id.text.prefix(8)))")
        + " of \(peer.member.name)"
      if peer.linked {
        add("link to \(name)", .ok, "linked", nil)
      } else {
        let finding =
          peer.trouble
          ?? (peer.addresses.isEmpty ? "no address is known" : "not linked at the moment")
        add(
          "link to \(name)", .warning, finding,
          "is it on? if so, a firewall or another network segment may lie between")
      }
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

/// The command that lets the networks of these interfaces in.
func firewallAdvice(_ interfaces: [NetworkInterface], port: UInt16) -> String {
  let networks = interfaces.flatMap(\.addresses)
    .filter { !$0.ip.isLinkLocal && !$0.ip.isLoopback && $0.prefixLength > 0 }
    .map(\.network)
  // An interface has several addresses of one network, and more of IPv6 than a person wants.
  var named: [String] = []
  for network in networks where !named.contains(network) && named.count < 2 {
    named.append(network)
  }
  let commands =
    named.isEmpty
    ? ["sudo ufw allow \(port)/tcp"]
    : named.map { "sudo ufw allow from \($0) to any port \(port) proto tcp" }
  return "if a firewall runs here, it must let it in: " + commands.joined(separator: "; ")
}

extension LinkEnd {
  /// Whether it says why there is no link: who said good-bye will be back.
  var isTrouble: Bool {
    switch self {
    case .bye(let code), .closedHere(let code):
      switch code {
      case .done, .notNow, .otherLinkStays, .newerHandshake: false
      case .removed, .copied, .violation: true
      }
    default: true
    }
  }

  /// What is to be said of a place where the one or the other end was removed; nil for all else.
  var removalWords: (finding: String, advice: String)? {
    switch self {
    case .closedHere(.removed):
      (
        "the computer there was removed from the office",
        "it joins anew with zuruf join --anew, typed there; if it is not to come back, "
          + "take this seed out"
      )
    case .bye(.removed):
      (
        "the computer there says that this one was removed from the office",
        "ask an owner or admin of the office: zuruf member list shows who is in it"
      )
    default: nil
    }
  }

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
