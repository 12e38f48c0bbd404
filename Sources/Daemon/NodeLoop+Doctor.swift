import Authority
import Control
import Discovery
import Format
import Platform
import Replication
import Transport

/// What `doctor` has found so far, in the order in which it looked.
final class CheckList {
  private(set) var checks: [CheckInfo] = []

  /// What was found of one thing: a verdict, the sentences of the command line, and for other
  /// languages the word with what it names.
  func add(
    _ name: String, _ verdict: CheckWord, _ word: FindingWord, _ finding: String,
    _ advice: String? = nil, _ values: [String: String]? = nil
  ) {
    checks.append(
      CheckInfo(
        name: name, verdict: verdict, finding: finding, advice: advice, word: word, values: values))
  }

  /// A state that explains more than anything else that is found.
  func add(_ name: String, _ verdict: CheckWord, _ state: DegradedInfo) {
    checks.append(
      CheckInfo(
        name: name, verdict: verdict, finding: state.detail, advice: state.hint, state: state))
  }
}

extension NodeLoop {
  func doctor() -> DoctorCall.Answer {
    let list = CheckList()
    checkRemoval(list)
    checkCopies(list)
    checkTicketFile(list)
    checkDiscovery(list)
    let interfaces = (try? surroundings.network.interfaces()) ?? []
    let usable = interfaces.usable(orNamed: Set(configuration.interfaces))
    if usable.isEmpty {
      list.add(
        "interfaces", .warning, .networkNone, "no interface leads to other computers",
        "plug in the network cable or join the wireless network")
    } else {
      let names = usable.map(\.name).joined(separator: ", ")
      list.add("interfaces", .ok, .networkUp, names, nil, ["names": names])
    }
    checkPort(links.port, usable, list, among: peers(), at: clock.now())
    checkClock(list)
    for seed in configuration.seeds { checkSeed(seed, list) }
    checkTicketAddresses(list)
    checkOwners(list)
    let space = (try? disk.space().free) ?? 0
    let isLow = space < UInt64(Limits.freeBytesMin) * 4
    list.add(
      "disk", isLow ? .warning : .ok, isLow ? .diskLow : .diskFree,
      "\(space >> 20) MiB free at \(disk.place)", isLow ? "make room on this disk" : nil,
      ["mebibytes": String(space >> 20)])
    checkPage(list)
    checkLinks(list, isCutOff: usable.isEmpty)
    return .init(checks: list.checks)
  }

  private func checkDiscovery(_ list: CheckList) {
    guard let status = discovery?.status else {
      return list.add("avahi", .skipped, .avahiOff, "discovery is switched off")
    }
    let isRunning = status.state == .running
    list.add(
      "avahi", isRunning ? .ok : .failed, isRunning ? .avahiRunning : .avahiDown,
      "\(status.state.text), \(status.publication.words), "
        + (status.nodes == 1 ? "1 other node" : "\(status.nodes) other nodes") + " announced"
        + (isRunning ? hostNameShown : ""),
      isRunning ? nil : "sudo systemctl start avahi-daemon",
      ["count": String(status.nodes), "host": Computer.hostName()])
  }

  private func checkClock(_ list: CheckList) {
    if let off = clockOff() {
      list.add(
        "clock", .failed, .clockOff, clockWords(off), "sudo timedatectl set-ntp true",
        ["minutes": String(off.magnitude / 60_000)])
    } else if up.values.contains(where: { $0.device != nil }) {
      list.add("clock", .ok, .clockRight, "agrees with the linked computers")
    } else {
      list.add(
        "clock", .skipped, .clockAlone, "no computer is linked whose clock could be compared")
    }
  }

  private func checkSeed(_ seed: String, _ list: CheckList) {
    guard let endpoint = try? Endpoint(parsing: seed, defaultPort: Limits.defaultPort) else {
      return
    }
    let addresses: [SocketAddress]
    switch endpoint {
    case .address(let address): addresses = [address]
    case .name(let name, _):
      addresses = dialBook.addresses(from: .seed, name: seed)
      if addresses.isEmpty {
        return list.add(
          "seed \(seed)", .failed, .noAddress, "the name \(name) has no address",
          "write the address instead of the name")
      }
    }
    if addresses.contains(where: { isLinked(at: $0) }) {
      return list.add("seed \(seed)", .ok, .linked, "linked")
    }
    let known = dialBook.addresses.first { addresses.contains($0.address) && $0.lastEnd != nil }
    if let end = known?.lastEnd, let removal = end.removal {
      return list.add("seed \(seed)", .failed, removal.word, removal.finding, removal.advice)
    }
    list.add(
      "seed \(seed)", .failed, .silent, known?.lastEnd?.words ?? "no answer",
      "on that computer: is zurufd running, and does its firewall let TCP port "
        + "\(addresses[0].port) in?", ["port": String(addresses[0].port)])
  }
}

/// Examinations of `doctor` that look further than this node's own state.
extension NodeLoop {
  /// Whether a link is up that another computer opened, so that no firewall keeps the port shut.
  var isReachedByOthers: Bool {
    up.values.contains { !$0.up.isInitiator && $0.device != nil && isElsewhere($0.address) }
  }

  /// Whether an address is another computer's. Of two nodes here, one may come by an address of this
  /// computer, which passes no firewall.
  func isElsewhere(_ address: SocketAddress) -> Bool {
    let interfaces = (try? surroundings.network.interfaces()) ?? knownInterfaces
    return !address.ip.isLoopback
      && !interfaces.contains { $0.addresses.contains { $0.ip == address.ip } }
  }

  /// How long nobody needs to have come in after a start: whoever remembers this computer has tried
  /// once more by then.
  static let untriedSeconds = Limits.dialRememberedSeconds + Limits.dialBackoffSecondsMax

  /// Whether others can open links to this computer, as far as anybody has tried.
  func checkPort(
    _ port: UInt16, _ interfaces: [NetworkInterface], _ list: CheckList,
    among others: [PeerInfo], at now: Moment
  ) {
    let finding = "listening on TCP port \(port)"
    let values = ["port": String(port)]
    guard port == Limits.defaultPort else {
      // A port that was chosen, and that others reach, needs nothing to be done.
      return list.add(
        "port", isReachedByOthers || wasReached ? .ok : .warning, .portUnusual,
        finding
          + (isReachedByOthers
            ? ", and other computers reach it"
            : wasReached ? ", and other computers have come in by it" : ""),
        isReachedByOthers || wasReached ? nil : "seeds on other computers must name this port",
        values)
    }
    if isReachedByOthers {
      return list.add(
        "port", .ok, .portReached, finding + ", and other computers reach it", nil, values)
    }
    // Who came in has shown that nothing keeps the port shut, and may have gone home since.
    if wasReached {
      return list.add(
        "port", .ok, .portReached, finding + ", and other computers have come in by it", nil,
        values)
    }
    // Where this computer opened every link itself nobody had to come in.
    if !others.isEmpty, others.allSatisfy(\.linked) {
      return list.add("port", .ok, .portFree, finding, nil, values)
    }
    if !others.isEmpty, now < startedAt + .seconds(Self.untriedSeconds) {
      return list.add(
        "port", .skipped, .portUntried,
        finding + "; whether others can come in by it shows a minute after the start", nil, values)
    }
    list.add(
      "port", others.isEmpty ? .skipped : .warning, .portUntried,
      finding + "; no other computer has come in by it since the start",
      firewallAdvice(interfaces, port: port), values)
  }

  /// A ticket that was laid ready for this computer and does nothing there.
  private func checkTicketFile(_ list: CheckList) {
    guard let trouble = ticketFileTrouble else { return }
    list.add("ticket", .failed, trouble.info)
  }

  /// Addresses at which somebody else may show what looks like the page (W-13).
  func checkPage(_ list: CheckList) {
    guard let folder = configuration.stateDirectory else { return }
    do throws(BurntPorts.Fault) {
      let ports = try BurntPorts(folder: folder).ports
      if ports.isEmpty { return }
      let places = ports.map { "127.0.0.1:\($0)" }.joined(separator: ", ")
      list.add(
        "page", .warning, .pageBurnt,
        "another account of this computer has had \(places), for its own Zuruf as a rule: your page stays "
          + "at another address",
        "should tabs or bookmarks of yours lead there, close and delete them; open the page by: zuruf "
          + "open",
        ["places": places])
    } catch {
      list.add("page", .failed, .pageUnknown, error.description, error.hint)
    }
  }

  /// A removed computer is told so first: nothing else that is found matters.
  func checkRemoval(_ list: CheckList) {
    guard let office, office.isRemoved else { return }
    list.add("office", .failed, office.exclusion.info)
  }

  /// Of two nodes with the same keys both stop: nothing that is found about the network explains that.
  func checkCopies(_ list: CheckList) {
    if isCarried { list.add("copy", .failed, Shortfall.carried.info) }
    guard let office, !office.isRemoved else { return }
    for info in ofCopies(office).map(\.info) {
      let goesOn = info.word == .suspended || office.copyWords.areOverruled && !office.isCopied
      list.add("copy", goesOn ? .warning : .failed, info)
    }
  }

  /// What Avahi tells the network of this computer whether Zuruf runs here or not (9-discovery).
  var hostNameShown: String {
    "; apart from Zuruf, Avahi shows everyone on this network the computer's name, "
      + "\"\(Computer.hostName())\""
  }

  /// Where a newcomer tried to find somebody who lets it in.
  func checkTicketAddresses(_ list: CheckList) {
    guard membership == nil else { return }
    for address in dialBook.addresses where address.sources.contains(.ticket) {
      list.add(
        "ticket \(address.address)", .failed, .silent, address.lastEnd?.words ?? "no answer yet",
        "on that computer: is zurufd running, and does its firewall let TCP port "
          + "\(address.address.port) in?", ["port": String(address.address.port)])
    }
  }

  /// Each other computer with whose it is; of two that are called alike the digits tell which. Where no
  /// network leads anywhere, that is said once.
  func checkLinks(_ list: CheckList, isCutOff: Bool) {
    let others = peers()
    for peer in others {
      let isAlone =
        others.count { $0.device.name == peer.device.name && $0.member == peer.member } == 1
      let device =
        peer.device.name + (isAlone ? "" : " (id:\(peer.device.id.text.prefix(8)))")
      let name = device + " of \(peer.member.name)"
      let values = ["device": device, "member": peer.member.name]
      if peer.linked {
        list.add("link to \(name)", .ok, .linked, "linked", nil, values)
      } else {
        let finding =
          peer.trouble
          ?? (peer.addresses.isEmpty ? "no address is known" : "not linked at the moment")
        list.add(
          "link to \(name)", .warning,
          peer.trouble != nil ? .trouble : peer.addresses.isEmpty ? .noAddress : .away, finding,
          isCutOff ? nil : "is it on? if so, a firewall or another network segment may lie between",
          values)
      }
    }
  }

  /// Whether the office could still be governed if this computer were lost.
  func checkOwners(_ list: CheckList) {
    guard let office, office.isReady, recoveryWord != .none else { return }
    let count = office.replica.rosterNow().owners.count
    let words = count == 1 ? "the office has one owner" : "the office has \(count) owners"
    guard recoveryWord == .notPutAway else {
      return list.add(
        "owners", .ok, .keyPutAway, words + ", and the recovery key is put away", nil,
        ["count": String(count)])
    }
    list.add(
      "owners", count == 1 ? .warning : .ok, .keyNotPutAway,
      words + ", and the recovery key is not put away",
      count == 1
        ? "if this computer is lost, nobody can let people in: zuruf office recovery" : nil,
      ["count": String(count)])
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

extension PublicationState {
  /// How far it is, as a person reads it: the name in the network is for machines, and for the log.
  var words: String {
    if case .established = self { return "this computer is announced" }
    return text
  }
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
  var removal: (word: FindingWord, finding: String, advice: String)? {
    switch self {
    case .closedHere(.removed):
      (
        .removedThere, "the computer there was removed from the office",
        "it joins anew with zuruf join --anew, typed there; if it is not to come back, "
          + "take this seed out"
      )
    case .bye(.removed):
      (
        .removedHere, "the computer there says that this one was removed from the office",
        "ask an owner or admin of the office: zuruf member list shows who is in it"
      )
    default: nil
    }
  }

  /// Why a link is over, as a person reads it: the text of a rule and the name of an error are for
  /// the log.
  var words: String {
    switch self {
    case .violation(let rule): brokenRule(rule.label)
    case .failed(.connectionRefused): "that computer answers, but Zuruf does not run there"
    case .failed(.networkUnreachable), .failed(.hostUnreachable), .failed(.networkDown),
      .failed(.addressMissing):
      "no way leads there from this computer at the moment"
    case .failed(let error): "the connection failed: \(error.text)"
    default: description
    }
  }
}

/// What a peer did that ended its link, as a person reads it.
func brokenRule(_ label: String) -> String {
  "it broke rule \(label) of the protocol, so the link was ended"
}
