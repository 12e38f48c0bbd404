import Control
import Daemon
import Format
import Platform
import Replication
import TestSupport

/// Somebody who means to leave the others no room: what they hold stays bounded, and they can go on.
extension OfficeRun {
  /// Looks again and again at what the others hold, as long as somebody floods them.
  func watchFlood(of host: Host) {
    guard let flood = host.liar?.flood, world.faults.isEmpty else { return }
    if flood == .bulk { limitDisks() }
    lookAtUsage()
    if [.feeds, .groups].contains(flood) { lookAtShares() }
    world.after(.seconds(3), host: host.number) { [self] in watchFlood(of: host) }
  }

  /// Disks of which a little is free beyond what must stay free.
  private func limitDisks() {
    guard !isSettled else { return }
    for person in people where !person.isLiar {
      let (disk, known) = (person.host.disk, floodedRooms[person.host.number])
      // After a power cut, or where another state was put back, it is another one.
      guard known !== disk, !fullDisks.contains(person.host.number) else { continue }
      let used = disk.files.values.reduce(0) { $0 + $1.count }
      floodedRooms[person.host.number] = disk
      disk.limit(room: used + Limits.freeBytesMin + 1_048_576)
    }
  }

  private func lookAtUsage() {
    for host in world.hosts {
      guard let usage = host.node?.usage else { continue }
      if let much = Self.excess(usage) { world.fail("host \(host.number) holds \(much)") }
      guard floodedRooms[host.number] === host.disk, !fullDisks.contains(host.number),
        let free = try? host.disk.space().free, free + 1_048_576 < UInt64(Limits.freeBytesMin)
      else { continue }
      // People write little: what took this much is others'.
      world.fail("on the disk of host \(host.number) only \(free) bytes are free")
    }
  }

  private func lookAtShares() {
    for host in world.hosts where host.isRunning {
      for device in flooders.sorted() {
        let held = world.audit.held(at: host.number)
        if let much = world.audit.book.surplus(of: device, in: held) {
          world.fail("the disk of host \(host.number) holds \(much)")
        }
      }
    }
  }

  /// What a node holds more of than it may, whatever others do (study 3: 30); nil where nothing is.
  static func excess(_ usage: NodeUsage) -> String? {
    let batch = Limits.messageBytesMax
    // What came to its end stays until that is told; what gives way, too.
    let connections = Limits.linksMax + Limits.halfOpenMax + Limits.diallingMax
    var counts: [(what: String, is: Int, most: Int)] = [
      ("connections", usage.connections, connections),
      ("links of one device", usage.linksOfOneDevice, Limits.linksPerDeviceMax),
      ("bytes to be sent on one link", usage.queuedBytes, Limits.sendQueueBytesMax + batch),
    ]
    if let replica = usage.replica {
      counts += [
        ("bytes that wait for causes", replica.pendingBytes, Limits.storeQueueBytesMax + batch),
        ("bytes that wait for the disk", replica.storingBytes, Limits.storeQueueBytesMax + batch),
        ("batches that wait for the disk", replica.storing, Limits.storeQueueBatchesMax),
        ("groups", replica.groups, Limits.groupsMax),
        ("refused groups", replica.refusedGroups, Limits.groupsMax),
      ]
      for link in replica.links { counts += Self.counts(of: link, replica) }
    }
    return counts.first { $0.is > $0.most }.map { "\($0.is) \($0.what), of \($0.most) at most" }
  }

  /// What is held for one link, each set beside the bound that it claims.
  private static func counts(
    of link: ReplicaUsage.Link, _ replica: ReplicaUsage
  ) -> [(what: String, is: Int, most: Int)] {
    let known = replica.places + replica.groups
    let perGroup = Limits.feedsPerGroupMax
    return [
      ("heads announced on one link", link.announced, Limits.announcedMax),
      ("groups of which heads were announced", link.announcedGroups, Limits.groupsMax),
      ("wishes to one peer", link.wanted, link.announced + known),
      ("wishes that wait for a certificate", link.awaited, link.wanted),
      ("wishes of one peer", link.serving, replica.heads),
      ("groups whose frontier was told", link.frontiersSaid, Limits.groupsMax),
      ("places up to which entries were sent", link.sent, replica.heads),
      ("heads told to one peer", link.said, replica.heads),
      ("groups of which a removal is shown to one peer", link.proofs, replica.groups),
      ("ends of the past of those", link.proofEnds, replica.places),
      ("removals that one peer has", link.known, replica.decisions),
      ("removals of which one peer was asked", link.doubts, replica.decisions),
      ("removals of which one peer has what it lacked", link.arrived, replica.decisions),
      ("suspensions for whose proof one peer was asked", link.askedForks, Limits.branchesMax),
      ("branches of its own that one peer was sent", link.shownForks, Limits.branchesMax),
      ("groups asked about without a right", link.outside, replica.groups),
      ("groups compared with one peer", link.compared, replica.groups + Limits.groupsMax),
      ("groups of which something is owed", link.owed, replica.groups),
      ("groups that are to be asked for", link.asking, replica.groups + Limits.groupsMax),
      ("feeds with branches that are not here", link.branchFeeds, perGroup),
      ("names of branches", link.branchNames, 2 * Limits.branchesMax * replica.heads),
      ("beginnings of branches", link.branchBeginnings, perGroup),
      ("branches that were declined", link.branchesDeclined, perGroup),
      ("feeds of which a branch ended", link.branchEndings, replica.heads),
    ]
  }

  /// When nothing else fails any more, everybody is heard though somebody floods them still (P9).
  func speakInFlood() {
    let flooding = people.compactMap(\.host.liar).filter { $0.flood?.isHeldBack ?? false }
    guard !flooding.isEmpty, people.allSatisfy({ !$0.isLiar || $0.host.liar?.flood != nil }) else {
      return
    }
    let well = people.filter {
      $0.isIn && !$0.isLiar && !$0.isBox && !world.audit.isRotten($0.host.number)
        && standing(of: $0) == .ready && !isStopped($0)
    }
    for liar in flooding { liar.isHeldBack = false }
    let before = flooding.map(\.poured)
    var said: [(person: Person, entry: HexIdentifier)] = []
    for person in well where world.faults.isEmpty {
      let message = ledger.begin("everyone")
      let call = SendCall(
        to: "everyone", text: message.text, id: HexIdentifier(bytes: message.id))
      guard case .send(let sent)? = answer(of: person, to: .send(call), "write in a flood") else {
        return
      }
      acknowledged(message, as: sent.entry, by: person)
      said.append((person, sent.entry))
    }
    world.run(for: .seconds(30))
    pouredWhileHeard += zip(flooding, before).reduce(0) { $0 + $1.0.poured - $1.1 }
    for (person, entry) in said {
      for other in well where !world.isHeld(entry, at: other.host) {
        world.fail(
          "host \(other.host.number) did not get in a flood what host \(person.host.number) wrote")
      }
    }
  }
}
