import Control
import Terminal

/// `zuruf status`: everything about this node that a person may want to know.
enum StatusCommand {
  static let description = Command("status", "tell about this node, who is in reach, what waits")

  static func run(_ session: Session) throws(Failure) {
    var client = try session.connect()
    let status = try client.ask(StatusCall(seen: session.json ? nil : true))
    try session.show("status", status, StatusText(session: session, status: status).text)
  }
}

/// How a status looks on a terminal.
struct StatusText {
  let session: Session
  let status: StatusCall.Answer

  var text: String {
    var sections = [facts]
    if !status.degraded.isEmpty { sections.append(degraded) }
    if !status.peers.isEmpty { sections.append("devices\n" + peers) }
    if !status.waiting.isEmpty { sections.append("not yet there\n" + waiting) }
    return sections.joined(separator: "\n")
  }

  private var facts: String {
    var table = Table()
    if let office = status.office {
      table.add(["office", office.name])
    } else {
      table.add(["office", status.standing.sentence])
    }
    if let member = status.member, let device = status.device {
      let rank = status.rank.map { " (\($0.rawValue))" } ?? ""
      table.add(["you", "\(member.name)\(rank) on \(device.name)"])
    }
    if let knock = status.knock {
      table.add(["knocks", knock.words])
      table.add(["digits", "\(spaced(knock.digits)); \(knock.sponsor) must see the same"])
    }
    if let keeps = status.keeps {
      table.add([
        "keeper", "keeps all messages of \(counted(keeps, "group", "groups")) for the others",
      ])
    }
    if status.standing != .ready, status.office != nil {
      table.add(["state", status.standing.sentence])
    }
    if let words = status.recovery.words(owners: status.owners) {
      table.add(["recovery key", session.spelling.spelled(words)])
    }
    if let latest = status.latest {
      table.add([
        "last message",
        "\(session.time(latest.time)) to \(latest.group.title ?? "?"): "
          + latest.state.words(in: latest.group),
      ])
    }
    if let unread = status.unread { table.add(["unread", unread.words]) }
    if let door = status.door { table.add(["door", "open until \(session.time(door))"]) }
    table.add(["listening", status.listening.joined(separator: ", ")])
    table.add(["data", status.home])
    table.add(["node", "zurufd \(status.version), running since \(session.time(status.started))"])
    return table.text(indent: 0)
  }

  /// Every degraded state in its own words, with what to do.
  var degraded: String {
    status.degraded.map { state in
      "\(heading(state)): \(shown(state.detail))\n"
        + (state.hint.map { "  -> \(session.spelling.spelled(shown($0)))\n" } ?? "")
    }.joined()
  }

  /// What happened, and what somebody wanted, is no alarm.
  private func heading(_ state: DegradedInfo) -> String {
    switch state.word {
    case .rankChanged, .removedFromGroup: "news"
    case .ownersPending: state.words
    default: "! \(state.words)"
    }
  }

  private var peers: String {
    var table = Table()
    for peer in status.peers {
      var state = peer.linked ? "linked" : "away"
      if let since = peer.since { state += " since \(session.time(since))" }
      let addresses = peer.addresses.map { address in
        address.address + " (\(words(address.source))\(address.used ? ", in use" : ""))"
      }
      table.add([
        peer.device.name, peer.member.name + (peer.keeper ? ", keeper" : ""), state,
        addresses.joined(separator: ", "), peer.trouble ?? "",
      ])
    }
    return table.text(indent: 2)
  }

  private func words(_ source: AddressSourceWord) -> String {
    switch source {
    case .mdns: "found by mDNS"
    case .seed: "seed"
    case .ticket: "known since joining"
    case .remembered: "remembered"
    case .incoming: "came from there"
    }
  }

  private var waiting: String {
    var table = Table()
    for waiting in status.waiting {
      // Another may have brought it there already: without a link only that device could tell.
      let isLinked = status.peers.contains { $0.device == waiting.device && $0.linked }
      table.add([
        waiting.device.name, waiting.member.name,
        isLinked
          ? "\(waiting.entries) to hand over"
          : "\(waiting.entries) to hand over, or fewer: another computer may have done it",
      ])
    }
    return table.text(indent: 2)
  }
}

extension KnockCall.Answer {
  /// At whose door this computer stands.
  var words: String {
    "at \(quoted(office)), held open by \(quoted(sponsor)); waiting for a yes"
  }
}
