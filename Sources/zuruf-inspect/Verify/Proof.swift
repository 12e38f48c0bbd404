import Cryptography
import Format
import Replication
import Storage

/// One record group to be proven: every hash, every body, and the signature at its end.
struct Proof: Sendable {
  let batch: Batch
  let at: RecordPlace
  /// The device that the feed's genesis names; nil where the genesis is not there.
  let device: DeviceKey?
  let office: GroupID?

  /// What is wrong with it, in the order of its entries.
  func findings() -> [Finding] {
    var findings: [Finding] = []
    let hashes = EntryHashes()
    let span = batch.records.raw
    var lastID = EntryID(Bytes32())
    for entry in batch.entries {
      let header = span.extracting(Int(entry.headerAt)..<entry.bodyAt)
      lastID = EntryID(hashes.entryID(header))
      if lastID != entry.id {
        let witness =
          entry.seq == batch.last.seq ? "its record group" : "the entry after it"
        findings.append(
          finding(
            entry, "F-1", "its hash is \(short(lastID)), and \(witness) says \(short(entry.id))"))
      }
      if entry.seq == 0 { proveGenesis(entry, lastID, &findings) }
      proveBody(entry, hashes, &findings)
    }
    if let office {
      do throws(Violation) {
        try batch.checkKinds(office: office)
      } catch {
        findings.append(finding(nil, error.rule, error.description))
      }
    }
    proveSignature(lastID, &findings)
    return findings
  }

  private func proveGenesis(
    _ entry: EntrySummary, _ id: EntryID, _ findings: inout [Finding]
  ) {
    let stated = Bytes32(batch.records.raw, Int(entry.headerAt) + HeaderLayout.group)
    if id.prefix != batch.feed.bytes || (stated.isZero && id.bytes != batch.group.bytes) {
      findings.append(finding(entry, "F-14", "the feed or the group is not named by this genesis"))
    }
  }

  private func proveBody(
    _ entry: EntrySummary, _ hashes: EntryHashes, _ findings: inout [Finding]
  ) {
    guard entry.bodySize > 0 else { return }
    guard entry.bodyState == .present else {
      let isErasable = EntryKind(rawValue: entry.kind)?.isErasable ?? false
      findings.append(
        isErasable
          ? finding(
            entry, "R-16", "its body is not here, and no computer of this version erases one")
          : finding(entry, "E-13", "its body is gone, and this kind is never erased"))
      return
    }
    let span = batch.records.raw
    let body = span.extracting(entry.bodyAt..<entry.bodyAt + entry.bodyCount)
    let stated = Bytes32(span, Int(entry.headerAt) + HeaderLayout.bodyHash)
    if hashes.bodyHash(body) != stated {
      findings.append(finding(entry, "E-20", "its body is not the one that its header names"))
    }
    guard entry.kind != EntryKind.message.rawValue else { return }
    do throws(DecodeError) {
      try checkBody(try batch.header(entry), batch.body(entry) ?? [])
    } catch {
      findings.append(
        finding(entry, error.rule.label, "its body breaks a rule: \(error.rule.text)"))
    }
  }

  private func proveSignature(_ id: EntryID, _ findings: inout [Finding]) {
    guard let device else {
      findings.append(
        finding(
          batch.last, "F-2", "nobody can say whose signature it bears: its genesis is not here"))
      return
    }
    if !EntryHashes.isSigned(id, by: device, batch.signature) {
      findings.append(
        finding(batch.last, "F-2", "its signature is not that of device \(short(device))"))
    }
  }

  private func finding(_ entry: EntrySummary?, _ rule: String, _ text: String) -> Finding {
    let start = entry.map { UInt64($0.headerAt) } ?? 0
    let length =
      entry.map { UInt64($0.headerSize) + UInt64($0.bodyState == .present ? $0.bodySize : 0) }
    return Finding(
      group: batch.group, place: FeedPlace(feed: batch.feed, branch: batch.branch),
      seq: entry?.seq ?? batch.first, segment: at.segment, offset: UInt64(at.offset) + start,
      length: length ?? UInt64(at.length), rule: rule, text: text)
  }
}
