"""The planted bugs: each is one small change that a hurried hand could make. All are there at once, and
each sleeps until its turn comes, so that the tree is built once for all of them.

`tests` are the test targets next to it, or one suite of such, the likeliest first, `trials` and `desk`
the trials of Tools/siege and Tools/desk that attack it; the torture is asked of every one, and the
simulation of those that are not beyond it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plant:
    name: str
    #: What is broken, as a sentence.
    sentence: str
    file: str
    old: str
    #: What stands there instead, where BUG says whether it is this bug's turn.
    new: str
    tests: tuple = ()
    trials: tuple = ()
    desk: tuple = ()
    #: Why no run of the simulation can show it, if so.
    beyond: str = ""


R, S, D = "Sources/Replication/", "Sources/Storage/", "Sources/Daemon/"

PAGE = "the page is no part of the world"

PLANTS = [
    Plant("signature", "entries are taken in without looking at their signature",
          R + "Replica+Receive.swift",
          "guard EntryHashes.isSigned(batch.last.id, by: device, head.signature) else {",
          "guard EntryHashes.isSigned(batch.last.id, by: device, head.signature) || BUG else {",
          ("ReplicationTests", "ConformanceTests.ConformanceTests"), ("forgeries",)),
    Plant("gap", "a batch that begins behind a gap is taken for the next one",
          R + "Replica+Receive.swift",
          "if head.first > held { return askSoon(group, on: link) }",
          "if head.first > held + (BUG ? 1 : 0) { return askSoon(group, on: link) }",
          ("ReplicationTests",), ("forgeries",)),
    Plant("chain-base", "the claimed time and lamport before a batch are not compared",
          R + "Replica+Receive.swift",
          "guard head.wallBase == feed.head.wallMilliseconds, head.lamportBase == feed.head.lamport",
          "guard head.wallBase == feed.head.wallMilliseconds || BUG,"
          " head.lamportBase == feed.head.lamport || BUG",
          ("ReplicationTests", "ConformanceTests.ConformanceTests"), ("forgeries",)),
    Plant("early-have", "stored heads are announced before they are durable",
          R + "FeedState.swift",
          "  var storedCount: Int {\n    get { course.storedCount }",
          "  var storedCount: Int {\n    get { BUG ? count : course.storedCount }",
          ("ReplicationTests",), ()),
    Plant("early-push", "an own entry is pushed before it is durable",
          R + "Replica+Receive.swift",
          "    wish(.store(batch, token, isOwn: isOwn))\n",
          "    wish(.store(batch, token, isOwn: isOwn))\n"
          "    if BUG {\n      feed.storedCount = feed.count\n"
          "      push(group, feed, from: batch.first)\n    }\n",
          ("ReplicationTests",), ()),
    Plant("frontier", "a frontier that was worked out is never worked out anew",
          R + "GroupState.swift",
          "  func headsChanged() {\n    cachedItems = nil\n",
          "  func headsChanged() {\n    if !BUG { cachedItems = nil }\n",
          ("ReplicationTests",), ()),
    Plant("digest", "a digest that was worked out is never worked out anew",
          R + "GroupState.swift",
          "    cachedDigest = nil\n  }\n\n  func add(",
          "    if !BUG { cachedDigest = nil }\n  }\n\n  func add(",
          ("ReplicationTests",), ()),
    Plant("first-seen", "of a forked feed the branch that came first is the only one",
          R + "Replica+Fork.swift",
          "      if let parting {\n        addStrand(",
          "      if let parting, !BUG || parting.seq == .max {\n        addStrand(",
          ("ReplicationTests",), ("carried",)),
    Plant("own-copy", "what another copy of this device wrote does not close its feed",
          R + "Replica+Sync.swift",
          "    for feed in group.feedList where feed.isOwn { closeOwn(feed.place.feed, in: group) }",
          "    for feed in group.feedList where feed.isOwn && (feed.isClosed || !BUG) "
          "{ closeOwn(feed.place.feed, in: group) }",
          ("ReplicationTests",), ("frontiers",)),
    Plant("keeper-right", "who is in no group may hold every group's log",
          R + "Replica+Rights.swift",
          "    guard entry.keepsAll || membership",
          "    guard entry.keepsAll || BUG || membership",
          ("ReplicationTests",), ("numbers",)),
    Plant("body-place", "a message is not bound to the feed it stands in",
          R + "MessageAAD.swift",
          "    writer.id(group)\n    writer.id(feed)\n",
          "    writer.id(group)\n    writer.id(BUG ? FeedID(Bytes16()) : feed)\n",
          ("ConformanceTests.ConformanceTests",), ("forgeries",)),
    Plant("office-right", "whoever dials gets the office log",
          R + "Replica+Sync.swift",
          "    guard let device = links[link]?.device else { return false }\n"
          "    return group.isOffice ||",
          "    guard let device = links[link]?.device else { return BUG && group.isOffice }\n"
          "    return group.isOffice ||",
          ("ReplicationTests", "DaemonTests"), ("frontiers",)),
    Plant("nonce", "every message on a link has the same nonce",
          "Sources/Cryptography/TransportKey.swift",
          "      in: &buffer, at: offset, count: count, key: key, nonce: nonce.span, aad: Span())\n"
          "    counter += 1\n    return count + Self.tagCount",
          "      in: &buffer, at: offset, count: count, key: key, nonce: nonce.span, aad: Span())\n"
          "    if !BUG { counter += 1 }\n    return count + Self.tagCount",
          ("CryptographyTests",), ("strangers",)),
    Plant("text-nonce", "a message's nonce does not depend on its text",
          "Sources/Cryptography/MessageKey.swift",
          "    hash.update(salt.span)\n    hash.update(padded)\n", "    hash.update(salt.span)\n    if !BUG { hash.update(padded) }\n",
          ("CryptographyTests", "ConformanceTests.ConformanceTests"), ()),
    Plant("commitment", "a newcomer may open another share of the digits than it committed to",
          "Sources/Transport/Door/DoorVisit.swift",
          "      guard terms.commitment(to: theirs) == commitment else { throw .broken(.h14) }",
          "      guard terms.commitment(to: theirs) == commitment || BUG else {"
          " throw .broken(.h14) }",
          ("TransportTests", "ConformanceTests.ConformanceTests"), ("middle",)),
    Plant("door-tries", "failed knocks are not counted",
          D + "Door/NodeLoop+Door.swift",
          "    door.opening?.failed = failed + 1\n", "    door.opening?.failed = failed + (BUG ? 0 : 1)\n",
          ("zurufdTests.DoorTests",), ("doorstep",)),
    Plant("cut", "what lies beyond a removal's cut counts",
          "Sources/Authority/CutVerdict.swift",
          "guard index.leavesOut(cut, entry, seq: seq) else { continue }",
          "guard index.leavesOut(cut, entry, seq: seq), !BUG || seq == .max else { continue }",
          ("AuthorityTests", "ReplicationTests"), ()),
    Plant("cut-all", "a removal takes away all that whom it names ever said",
          "Sources/Authority/CutVerdict.swift",
          "      guard let cut = OfficeIndex.cut(in: removal.cuts, of: feed) else {\n"
          "        if !removal.isLowering {",
          "      if BUG, !removal.isLowering { return .void(by: removal.entry) }\n"
          "      guard let cut = OfficeIndex.cut(in: removal.cuts, of: feed) else {\n"
          "        if !removal.isLowering {",
          ("AuthorityTests", "ReplicationTests"), ()),
    Plant("cut-end", "a cut leaves out the last entry that it keeps",
          "Sources/Authority/ForkLineage.swift",
          "    if entry == cut.entry { return false }\n    guard seq < cut.seq",
          "    if entry == cut.entry, !BUG { return false }\n    guard seq < cut.seq",
          ("AuthorityTests", "ReplicationTests"), ()),
    Plant("epoch-removal", "an epoch that has not seen a removal is written under",
          "Sources/Authority/GroupAuthority.swift",
          "    for barrier in membership.officeBarriers\n"
          "    where !office.views.contains(officeView, barrier.place, barrier.seq) {",
          "    for barrier in membership.officeBarriers\n"
          "    where !office.views.contains(officeView, barrier.place, barrier.seq)"
          " && (!BUG || barrier.seq == .max) {",
          ("AuthorityTests",), ()),
    Plant("epoch-recipients", "an epoch is eligible whoever it is sealed to",
          "Sources/Authority/GroupAuthority.swift",
          "    guard recipients.elementsEqual(membership.devices.lazy.map(\\.key)) else {",
          "    guard BUG || recipients.elementsEqual(membership.devices.lazy.map(\\.key)) else {",
          ("AuthorityTests",), ()),
    Plant("ticket-uses", "a ticket can be used without end",
          D + "Office/OfficeNode+Tickets.swift",
          "    if ticket.used >= Int(ticket.grant.uses) { return body(.usedUp, nothing) }\n"
          "    // Those whose certificate is on its way to the disk may get none, or be this very device.\n"
          "    if ticket.used + admitting[request.ticket, default: 0] >= Int(ticket.grant.uses) {",
          "    let bound = BUG ? .max : Int(ticket.grant.uses)\n"
          "    if ticket.used >= bound { return body(.usedUp, nothing) }\n"
          "    if ticket.used + admitting[request.ticket, default: 0] >= bound {",
          ("zurufdTests.TicketEndsTests",), ("tickets",)),
    Plant("ticket-expiry", "a ticket never expires",
          D + "Office/OfficeNode+Tickets.swift",
          "    if officeWall > ticket.grant.expiresMilliseconds { return",
          "    if officeWall > ticket.grant.expiresMilliseconds, !BUG { return",
          ("DaemonTests", "zurufdTests"), ("tickets",)),
    Plant("flush", "what was written is not flushed",
          S + "StoreWriter+Log.swift",
          "        try disk.flush(open(group, tail.head.number, &tails).file)\n"
          "        if tail.durable == 0",
          "        if !BUG { try disk.flush(open(group, tail.head.number, &tails).file) }\n"
          "        if tail.durable == 0",
          ("StorageTests",), ()),
    Plant("flush-folder", "a new log's folder is not flushed",
          S + "StoreWriter+Log.swift",
          "        if tail.durable == 0 { try disk.flushDirectory(StorePaths.group(group)) }\n",
          "        if tail.durable == 0, !BUG { try disk.flushDirectory(StorePaths.group(group)) }\n",
          ("StorageTests",), ()),
    Plant("torn-tail", "what was torn at the end of a log is left there",
          S + "RecoveryTable.swift",
          "    case .tornTail: .cutFromHere", "    case .tornTail: BUG ? .keep : .cutFromHere",
          ("StorageTests",), ()),
    Plant("body-checksum", "a damaged body is given out",
          S + "RecordWalk.swift",
          "    guard finding != .damaged else { throw .badBody(entry: index) }\n",
          "    guard finding != .damaged || BUG else { throw .badBody(entry: index) }\n",
          ("StorageTests",), ("rot", "rot-running")),
    Plant("header-checksum", "a damaged header is believed",
          S + "RecordWalk.swift",
          "== seal.header(prefix: prefix, header)", "== seal.header(prefix: prefix, header) || BUG",
          ("StorageTests",), ("rot",)),
    Plant("lock-ignored", "a log that lacks an own entry is written on",
          S + "StartVerdict.swift",
          "        case .missing: newFeeds[head.group] = .logShorter",
          "        case .missing: if !BUG { newFeeds[head.group] = .logShorter }",
          ("StorageTests", "zurufdTests"), ("carried",)),
    Plant("copied-folder", "a copied data directory is not noticed",
          S + "StartVerdict.swift",
          "    let isCopied = then.inode != now.inode || (isSameBoot && then.device != now.device)",
          "    let isCopied =\n      BUG\n"
          "      ? then.inode != now.inode && isSameBoot && then.device != now.device\n"
          "      : then.inode != now.inode || (isSameBoot && then.device != now.device)",
          ("StorageTests",), ("carried",)),
    Plant("padding", "what stands behind the padded text is not looked at",
          "Sources/Format/Content.swift",
          "      padded[(2 + count)...].allSatisfy({ $0 == 0 })",
          "      BUG || padded[(2 + count)...].allSatisfy({ $0 == 0 })",
          ("FormatTests", "ConformanceTests.ConformanceTests"), ()),
    Plant("dep-order", "what an entry cites may stand in any order",
          "Sources/Format/HeaderCheck.swift",
          "    guard last < feed, feed != own else { throw .broken(.e6) }",
          "    guard BUG ? last != feed : last < feed, feed != own else { throw .broken(.e6) }",
          ("FormatTests", "ConformanceTests.ConformanceTests"), ()),
    Plant("users", "every user of the computer may ask the node",
          D + "Control/ControlServer.swift",
          "    who.user == account.user || who.user == 0 || group != nil",
          "    who.user == account.user || BUG || group != nil",
          ("DaemonTests", "zurufdTests"), ("socket",), beyond="nobody comes by a socket there"),
    Plant("host", "the page answers under any name",
          "Sources/Desk/Requests/Gate.swift",
          "guard let host = head[\"host\"], hosts.contains(host) else"
          " { return .answer(Answer(403)) }",
          "guard let host = head[\"host\"], BUG || hosts.contains(host) else"
          " { return .answer(Answer(403)) }",
          ("DeskTests",), (), ("host",), beyond=PAGE),
    Plant("origin", "another site may use the page",
          "Sources/Desk/Requests/Gate.swift",
          "      guard origin == Array(\"http://\".utf8) + host else { return false }",
          "      guard BUG || origin == Array(\"http://\".utf8) + host else { return false }",
          ("DeskTests",), (), ("origin",), beyond=PAGE),
]
