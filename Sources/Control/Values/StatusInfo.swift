/// How far this node has come with its office.
package enum StandingWord: String, Codable, CaseIterable, Sendable {
  /// It belongs to no office yet.
  case noOffice = "no-office"
  /// It holds a ticket and waits for somebody of the office.
  case joining
  case ready
  /// An admin removed this device.
  case removed
}

/// Whether the recovery key has been put away.
package enum RecoveryWord: String, Codable, CaseIterable, Sendable {
  /// This node did not found the office.
  case none
  case notPutAway = "not-put-away"
  case putAway = "put-away"
}

/// How an address became known.
package enum AddressSourceWord: String, Codable, CaseIterable, Sendable {
  case mdns, seed, ticket, remembered, incoming
}

/// One address of a peer.
package struct AddressInfo: Codable, Hashable, Sendable {
  /// As a person types it: `192.168.1.20:7480`, `[fe80::1%eth0]:7480`.
  package let address: String
  package let source: AddressSourceWord
  /// Whether the link uses it now.
  package let used: Bool
  package init(address: String, source: AddressSourceWord, used: Bool) {
    self.address = address
    self.source = source
    self.used = used
  }
}

/// One peer, linked or not.
package struct PeerInfo: Codable, Hashable, Sendable {
  package let device: DeviceRef
  package let member: MemberRef
  package let keeper: Bool
  package let linked: Bool
  /// When the link came up or went down.
  package let since: ClaimedTime?
  package let addresses: [AddressInfo]
  /// The last reason why no link came up, in words; nil while linked.
  package let trouble: String?
  package init(
    device: DeviceRef, member: MemberRef, keeper: Bool, linked: Bool, since: ClaimedTime?,
    addresses: [AddressInfo], trouble: String?
  ) {
    self.device = device
    self.member = member
    self.keeper = keeper
    self.linked = linked
    self.since = since
    self.addresses = addresses
    self.trouble = trouble
  }
}

/// What one device does not have yet, as far as this node knows.
package struct WaitingInfo: Codable, Hashable, Sendable {
  package let device: DeviceRef
  package let member: MemberRef
  /// Messages and other entries stored here and not yet there.
  package let entries: Int
  package init(device: DeviceRef, member: MemberRef, entries: Int) {
    self.device = device
    self.member = member
    self.entries = entries
  }
}

/// A state in which this node does less than it should.
package enum DegradedWord: String, Codable, CaseIterable, Sendable {
  case waitingForKey = "waiting-for-a-key"
  case storedHereOnly = "stored-here-only"
  case readOnlyDisk = "read-only-disk"
  case diskFull = "disk-full"
  case dataDamaged = "data-damaged"
  case continuityNotProven = "continuity-not-proven"
  case copied
  /// It holds a ticket, and nobody has let it in yet or the office's log is still to come.
  case joining
  case ticketRefused = "ticket-refused"
  /// A computer began more feeds or groups than the others take from one.
  case limitReached = "limit-reached"
  case discoveryDown = "discovery-down"
  case noPeers = "no-peers"
  case clockOff = "clock-off"
  case newerVersion = "newer-version"
  case saidRemoved = "said-removed"
  case suspended
  /// Somebody removed this member from a group, or its addition to one lost its effect.
  case removedFromGroup = "removed-from-group"
  /// A change of owners that this one began or agreed to waits for another owner.
  case ownersPending = "owners-pending"
  /// Somebody set this member's rank, or changed the owners of whom it is or was one.
  case rankChanged = "rank-changed"
  /// This device or its member was removed from the office.
  case removed
}

/// A degraded state, what it means here, and what to do.
package struct DegradedInfo: Codable, Hashable, Sendable {
  package let word: DegradedWord
  /// One sentence without a full stop: what is the case.
  package let detail: String
  /// What to do about it, if anything.
  package let hint: String?
  package let since: ClaimedTime?
  /// Which of several sentences the word stands for; nil for the usual one.
  package let form: DegradedForm?
  /// What a sentence in another language names, by what it is; nil for nothing.
  package let values: [String: String]?
  package init(
    word: DegradedWord, detail: String, hint: String?, since: ClaimedTime?,
    form: DegradedForm? = nil, values: [String: String]? = nil
  ) {
    self.word = word
    self.detail = detail
    self.hint = hint
    self.since = since
    self.form = form
    self.values = values
  }
}

/// Which of several sentences the word of a degraded state stands for.
package enum DegradedForm: String, Codable, CaseIterable, Sendable {
  /// `removed`: this member took itself out of the office.
  case left
  /// `copied`: both wrote to the same place.
  case bothWrote = "both-wrote"
  /// `copied`: this is the copy, as far as can be seen.
  case here
  /// `copied`: another computer says so and nothing proves it; until a restart nothing is written.
  case said
  /// `copied`: another computer says so, and a restart went on in spite of it.
  case overruled
  /// `copied`: what is stored here comes from another computer.
  case carried
  /// `disk-full`: there is a little room left.
  case low
  /// `joining`: the office has let this computer in, and its log is still to come.
  case admitted
  /// `joining`: it has, and others that this computer reached know nothing of that.
  case unaware
  /// `ticket-refused`: it was not; it has done its work, and its file is still there.
  case used
  /// `ticket-refused`: it was not; what is here of an office is to be set aside first.
  case unused
  /// `newer-version`: for some groups alone.
  case groups
  /// `removed-from-group`: who added this member might not any more.
  case notAdded = "not-added"
  /// `rank-changed`: what this member is now.
  case admin, member, owner
  /// `rank-changed`: an owner is one no more.
  case ownerNoMore = "owner-no-more"
}

/// What `doctor` found about one thing.
package enum CheckWord: String, Codable, CaseIterable, Sendable {
  case ok, warning, failed, skipped
}

/// One examination of `doctor`.
package struct CheckInfo: Codable, Hashable, Sendable {
  /// What was examined: `avahi`, `interfaces`, `port`, `clock`, `seeds`, `disk`, …
  package let name: String
  package let verdict: CheckWord
  package let finding: String
  /// What to do; nil where nothing is to be done.
  package let advice: String?
  /// Which finding it is, for who says it in another language; nil for a degraded state.
  package let word: FindingWord?
  /// The degraded state that is the finding; nil for all others.
  package let state: DegradedInfo?
  /// What a sentence in another language names, by what it is; nil for nothing.
  package let values: [String: String]?
  package init(
    name: String, verdict: CheckWord, finding: String, advice: String?, word: FindingWord? = nil,
    state: DegradedInfo? = nil, values: [String: String]? = nil
  ) {
    self.name = name
    self.verdict = verdict
    self.finding = finding
    self.advice = advice
    self.word = word
    self.state = state
    self.values = values
  }
}

/// What `doctor` finds, by a word of what was examined and one of how it is.
package enum FindingWord: String, Codable, CaseIterable, Sendable {
  case avahiRunning = "avahi-running"
  case avahiDown = "avahi-down"
  case avahiOff = "avahi-off"
  case networkUp = "network-up"
  case networkNone = "network-none"
  /// Others must name it, for it is not the usual one.
  case portUnusual = "port-unusual"
  case portReached = "port-reached"
  /// Nobody had to come in by it.
  case portFree = "port-free"
  /// Nobody has come in by it, and a firewall may be why.
  case portUntried = "port-untried"
  case clockRight = "clock-right"
  case clockOff = "clock-off"
  case clockAlone = "clock-alone"
  /// Another computer, a fixed address or one from a ticket.
  case linked, away
  case silent = "no-answer"
  /// It answers, and ends the link.
  case trouble
  case noAddress = "no-address"
  case removedThere = "removed-there"
  case removedHere = "removed-here"
  case keyPutAway = "key-put-away"
  case keyNotPutAway = "key-not-put-away"
  case diskFree = "disk-free"
  case diskLow = "disk-low"
  case pageBurnt = "page-burnt"
  case pageUnknown = "page-unknown"
}
