import Authority
import Cryptography
import Format

extension Replica {
  /// The effect of an entry that was just admitted.
  mutating func take(
    _ entry: EntrySummary, _ pending: FeedState.PendingBatch, _ feed: FeedState,
    _ group: GroupState
  ) {
    guard entry.flags & 0xff00 == 0 else { return }
    switch EntryKind(rawValue: entry.kind) {
    case .message where group.isOffice: takeOfficeMessage(entry, pending.batch, feed)
    case .message: takeMessage(entry, pending, feed, group)
    case .epoch: takeEpoch(entry, pending.batch, feed, group)
    default: break
    }
  }

  private mutating func takeMessage(
    _ entry: EntrySummary, _ pending: FeedState.PendingBatch, _ feed: FeedState,
    _ group: GroupState
  ) {
    let row = Timeline.Row(
      effective: feed.mark(entry.seq).effective, feed: feed.index, seq: entry.seq)
    guard entry.flags & EntryFlags.notice == 0 else {
      group.notices.append(row)
      noteTitle(entry, pending.batch, feed, group)
      return tell(.group(group.id))
    }
    // Only whoever was not always in a group looks at each message for that.
    if !group.othersEpochs.isEmpty, let header = try? pending.batch.header(entry),
      group.othersEpochs.contains(header.epoch)
    {
      group.noteClosed()
    }
    group.append(row, at: pending.arrival, isOwn: feed.isOwn)
  }

  /// Notes that a notice says a title, where it can be opened: the flag is a hint (E-21), and one who
  /// bears it for nothing must not keep the title from newcomers.
  private func noteTitle(
    _ entry: EntrySummary, _ batch: Batch, _ feed: FeedState, _ group: GroupState
  ) {
    guard let header = try? batch.header(entry),
      case .content(.title) = read(group.id, header, batch.body(entry))
    else { return }
    group.titles[header.epoch, default: []].append(.init(feed: feed, seq: entry.seq, id: entry.id))
  }

  private mutating func takeEpoch(
    _ entry: EntrySummary, _ batch: Batch, _ feed: FeedState, _ group: GroupState
  ) {
    guard let header = try? batch.header(entry), let view = feed.view(at: entry.seq),
      let bytes = batch.body(entry), let body = try? EpochBody(decoding: bytes)
    else { return }
    let copy = body.copies.first { $0.device == secrets.device }
    if copy == nil { group.othersEpochs.insert(header.epoch) }
    // Of one that was made here the secret is kept since then.
    let known = feed.isOwn ? group.secrets[header.epoch] : nil
    let key = known ?? copy.flatMap { open($0, of: body, at: entry.seq, header, group) }
    group.epochs.append(
      EpochState(
        id: header.epoch, entry: entry.id, feed: feed, seq: entry.seq, lamport: entry.lamport,
        recipients: body.copies.map(\.device), view: view, isOpen: key != nil))
    if feed.isOwn, !isRestoring { group.ownEpochAt = now }
    group.currentEpoch = nil
    // What comes to be lacking after this one is another one, and was not tried yet. One that is
    // waited for stays so: whoever wrote epochs for themselves alone could put it off for ever.
    if epochAt[group.id]?.isRetry ?? false { epochAt[group.id] = nil }
    oweEpochs()
    guard group.secrets[header.epoch] == nil, let key else { return }
    group.secrets[header.epoch] = key
    tell(.epochOpened(group.id))
  }

  /// The secret in this device's copy of an epoch; nil where it does not open (K-2).
  private func open(
    _ copy: EpochBody.SealedCopy, of body: EpochBody, at seq: UInt32, _ header: EntryHeader,
    _ group: GroupState
  ) -> EpochKey? {
    guard let ephemeral = try? SealingPublicKey(copying: body.ephemeral.array.span),
      let secret = try? secrets.sealing.open(
        copy.sealed.span, ephemeral: ephemeral, group: group.id.bytes.array.span,
        feed: header.feed.bytes.array.span, sequence: seq,
        epochID: header.epoch.bytes.array.span)
    else { return nil }
    return EpochKey(secret)
  }

  /// A control entry has effect: whoever may hold, read or write may have changed.
  mutating func controlAdmitted(_ group: GroupState, _ view: FeedState.ViewChange) {
    if !unsettled.isEmpty { settledViews = [:] }
    if group.isOffice {
      officeLog.view = views.union(officeLog.view, view.office)
      for id in groups.keys {
        groups[id]?.membership = nil
        groups[id]?.currentEpoch = nil
      }
      tell(.roster)
      promoteLinks()
      askAwaited()
    } else {
      group.view = views.union(group.view, view.group)
      group.membership = nil
      group.currentEpoch = nil
      tell(.group(group.id))
    }
    rightsChanged()
    oweEpochs()
  }

  /// Provisional links whose certificate is here now become links of the device (H-5), and links
  /// of devices that were removed end. So do those of devices that are not in any more because whoever let
  /// them in has lost the right to, those that were taken for another's, by the key alone, and those that
  /// name a certificate of another key (H-4).
  private mutating func promoteLinks() {
    guard !isRestoring else { return }
    let roster = rosterNow()
    for (id, link) in links.sorted(by: { $0.key < $1.key }) {
      let device = roster.device(noise: link.noise, named: link.named)
      if link.device == nil, let device, device.isLive {
        links[id]?.device = device.key
        tell(.promoted(id, device.key))
        sendDigests([officeLog], on: id)
      } else if link.device == nil, device == nil, roster.device(certificate: link.named) != nil {
        wish(.close(id, .violation, nil))
      } else if let known = link.device, let device, device.key != known {
        wish(.close(id, .notNow, nil))
      } else if let known = link.device, let device = roster.device(known), !device.isLive {
        // The removal itself goes out before the link ends, so that the device learns why.
        wish(.close(id, .removed, nil))
      } else if let known = link.device, roster.device(known) == nil {
        // Its certificate has lost its effect: what took that goes out before, or on the next link.
        wish(.close(id, .notNow, nil))
      }
    }
  }

  // MARK: Epochs

  /// Whether this device makes an epoch before its next message: none is eligible (K-4), or the others
  /// write under one that does not open here, and it was not answered just now (K-5).
  mutating func makesEpoch(_ group: GroupState) throws(ComposeRefusal) -> Bool {
    if try needsEpoch(group) { return true }
    return group.unopened != nil && answersUnopened(group) <= now
  }

  /// When an epoch that does not open here may be answered by another one: whoever makes such epochs
  /// is not to have each of them doubled.
  func answersUnopened(_ group: GroupState) -> Duration {
    group.ownEpochAt.map { $0 + .seconds(Limits.epochAgainSeconds) } ?? now
  }

  /// Tells once whose epoch does not open here.
  mutating func tellUnopened(_ group: GroupState) {
    guard let epoch = group.unopened, group.toldUnopened != epoch.id else { return }
    group.toldUnopened = epoch.id
    tell(.unopened(group.id, epoch.feed.place.feed, epoch.feed.device, seq: epoch.seq))
  }

  /// Whether no epoch is eligible (K-3, K-4).
  mutating func needsEpoch(_ group: GroupState) throws(ComposeRefusal) -> Bool {
    if group.currentEpoch != nil { return false }
    guard let membership = membershipNow(group.id) else { throw .unknownGroup }
    var (best, unopened): (EpochState?, EpochState?) = (nil, nil)
    for epoch in group.epochs where isEligible(epoch, group, membership) {
      if epoch.isOpen {
        if best.map(epoch.comes(before:)) ?? true { best = epoch }
      } else if unopened.map(epoch.comes(before:)) ?? true {
        unopened = epoch
      }
    }
    if let best, let epoch = unopened, best.comes(before: epoch) { unopened = nil }
    group.currentEpoch = best?.id
    group.unopened = membership.contains(secrets.device) ? unopened : nil
    guard best == nil else { return false }
    // What is not understood may say who reads: nobody gets a secret anew. The epochs that
    // there are go on, and so do those that leave somebody out.
    guard rosterNow().needsNewerVersion || membership.needsNewerVersion else { return true }
    let readers = Set(membership.devices.map(\.key))
    for epoch in group.epochs where epoch.isOpen && readers.isSubset(of: epoch.recipients) {
      if !isVoid(epoch.entry, epoch.feed, epoch.seq, group) { return true }
    }
    throw .needsNewerVersion
  }

  /// Writes the epoch entry of a fresh secret, sealed to every device of the group's members.
  mutating func appendEpoch(
    _ group: GroupState, _ builder: inout CommitBuilder, _ cited: inout Cited, _ wall: UInt64
  ) throws(ComposeRefusal) {
    guard let membership = membershipNow(group.id) else { throw .unknownGroup }
    tellUnopened(group)
    let secret = EpochSecret()
    let (groupBytes, feedBytes) = (builder.group.bytes.array, builder.feed.bytes.array)
    let id = EpochID(
      Bytes16(
        secret.id(group: groupBytes.span, feed: feedBytes.span, sequence: builder.nextSeq)))
    let idBytes = id.bytes.array
    let sealer = CopySealer(group: groupBytes.span, epochID: idBytes.span)
    var copies: [EpochBody.SealedCopy] = []
    for device in membership.devices {
      // Nothing can be sealed to a key of low order. Its device is a recipient all the same, of a
      // copy that does not open (K-3, K-9): left out, it would cost the group an epoch each message.
      var sealed = [UInt8](repeating: 0, count: 48)
      if let recipient = try? SealingPublicKey(copying: device.sealing.bytes.array.span),
        let copy = try? sealer.copy(of: secret, for: recipient)
      {
        sealed = (0..<48).map { copy[$0] }
      }
      copies.append(.init(device: device.key, sealed: sealed))
    }
    let body = EpochBody(
      ephemeral: Bytes32(sealer.publicKey.bytes), copies: copies
    ).encode()
    guard builder.fits(bodySize: body.count) else { throw .tooMany }
    _ = builder.append(
      .epoch, body: body, epoch: id, deps: cited.deps, depLamport: cited.lamport, wall: wall)
    (cited.deps, cited.lamport) = ([], 0)
    group.secrets[id] = EpochKey(secret)
    group.currentEpoch = id
    group.unopened = nil
  }
}
