import Authority
import Format
import Platform
import Replication
import Storage

extension OfficeNode {
  /// Those of some entries of the office log that may lie in the system's memory alone: by what a power cut may
  /// take back nobody is told to be out (S-16).
  func unsettled(among entries: [ControlReference]) -> [ControlReference] {
    replica.heldBack(among: entries, in: office)
  }

  /// What shows a device that it was removed, for one that was away: the removal with all that it has in
  /// its past, for without what gave its author the right to it nobody admits it; of that what the device
  /// is not known to hold, and nothing that was written since (H-5).
  func farewell(to device: RosterDevice, until: Moment) -> Farewell {
    let removals = replica.rosterNow().removals(of: device).map(\.entry)
    let parts = replica.lacking(office, upTo: removals, of: device.key)
    return Farewell(device: device.key, parts: parts, until: until, isAsked: true)
  }

  /// What a removed device lacks of the same by what it says itself.
  func lacking(
    _ device: RosterDevice, saying items: [FrontierItem]
  ) -> [(place: FeedPlace, seqs: ClosedRange<UInt32>)] {
    let removals = replica.rosterNow().removals(of: device).map(\.entry)
    return replica.lacking(office, upTo: removals, beside: items)
  }

  /// What shows a device that it is not in the office because whoever let it in lost the right to, of which
  /// nobody told it: else it would take itself for one of it, and nobody gets what it writes. Nil where
  /// nothing is lacking (H-5).
  func farewell(
    toVoided device: DeviceKey, _ reasons: [ControlReference], until: Moment
  ) -> Farewell? {
    let parts = replica.lacking(office, upTo: reasons, of: device)
    return parts.isEmpty
      ? nil : Farewell(device: device, parts: parts, until: until, isRemoved: false)
  }

  /// The content of the next `entries` message of a farewell; nil where all was shown.
  func next(of farewell: inout Farewell) -> [UInt8]? {
    while let (place, seqs) = farewell.next {
      guard let content = try? store.packed(office, place, from: seqs.lowerBound, bytesMax: 1),
        let head = try? BatchHead(decoding: content, at: 16)
      else {
        // What cannot be read here somebody else may show.
        farewell.drop(through: seqs.upperBound)
        continue
      }
      let (next, overflow) = head.first.addingReportingOverflow(UInt32(head.count))
      let isWithin = !overflow && next <= seqs.upperBound && next > seqs.lowerBound
      farewell.drop(through: isWithin ? next - 1 : seqs.upperBound)
      return content
    }
    return nil
  }

  /// What a removed device says that it holds by now of what it is shown: the next link goes on from
  /// there, should this one not do.
  func noteShown(_ items: [FrontierItem], _ farewell: inout Farewell) {
    guard let device = farewell.device else { return }
    for item in items {
      guard let seqs = farewell.shown[item.place] else { continue }
      if item.seq >= seqs.upperBound { farewell.unheard.remove(item.place) }
      guard seqs.contains(item.seq) else { continue }
      replica.rememberDelivered(office, item.place, item.seq, to: device)
    }
  }
}

/// What a removed device is still shown on its last link, before it hears that it was removed (H-5), or one
/// whose certificate has no effect before it hears that it is not known.
struct Farewell {
  /// Nil where nothing is to be shown.
  let device: DeviceKey?
  /// What is left of each place.
  private var left: [FeedPlace: [ClosedRange<UInt32>]] = [:]
  /// The places of which something is left, each once, in the order in which they are shown; those before
  /// `begin` are done with.
  private var order: [FeedPlace] = []
  private var begin = 0
  /// All that it is about.
  private(set) var shown: [FeedPlace: ClosedRange<UInt32>]
  let until: Moment
  /// How many entries are left.
  private(set) var entryCount = 0
  /// What is shown next; nil where nothing is left.
  var next: (place: FeedPlace, seqs: ClosedRange<UInt32>)? {
    guard begin < order.count, let seqs = left[order[begin]]?.first else { return nil }
    return (order[begin], seqs)
  }
  /// The branches of it that the device has not said yet to hold: it takes none that it did not ask for
  /// and the link stays until it could.
  var unheard: Set<FeedPlace>
  /// Whether the device was removed. To one that was not the link stays for its time, so that it says
  /// what it got, and is not shown it again.
  let isRemoved: Bool
  /// Whether the device was asked what it holds, and has not said so yet: it may have been put back to a
  /// state of before, or another copy of it have said what it is known to hold.
  private(set) var isAsked: Bool
  /// Whether nothing more is shown on this link.
  private(set) var isEnded = false

  init(
    device: DeviceKey?, parts: [(place: FeedPlace, seqs: ClosedRange<UInt32>)], until: Moment,
    isRemoved: Bool = true, isAsked: Bool = false
  ) {
    (self.device, self.until) = (device, until)
    (self.isRemoved, self.isAsked) = (isRemoved, isAsked)
    shown = Dictionary(parts.map { ($0.place, $0.seqs) }) {
      min($0.lowerBound, $1.lowerBound)...max($0.upperBound, $1.upperBound)
    }
    unheard = Set(shown.keys.filter { !$0.branch.isZero })
    for (place, seqs) in parts {
      if left[place] == nil { order.append(place) }
      left[place, default: []].append(seqs)
      entryCount += seqs.count
    }
  }

  /// Nothing is shown nor said, and who comes again may hear it.
  static func later(_ now: Moment) -> Farewell {
    Farewell(device: nil, parts: [], until: now, isRemoved: false)
  }

  /// What is shown next was shown, or cannot be, through this seq of it.
  mutating func drop(through seq: UInt32) {
    guard let (place, seqs) = next else { return }
    let rest = seq < seqs.upperBound ? max(seq + 1, seqs.lowerBound)...seqs.upperBound : nil
    entryCount -= seqs.count - (rest?.count ?? 0)
    left[place]?.replaceSubrange(0..<1, with: rest.map { [$0] } ?? [])
    guard left[place]?.isEmpty ?? true else { return }
    left[place] = nil
    begin += 1
  }

  /// Another link shows it from now on.
  mutating func end() {
    (left, order, begin, entryCount) = ([:], [], 0, 0)
    (unheard, isAsked, isEnded) = ([], false, true)
  }

  /// The device said what it holds: takes in what it lacks by that. Of a place of which it was shown what
  /// follows on what it holds, the rest is on its way.
  mutating func hear(lacking parts: [(place: FeedPlace, seqs: ClosedRange<UInt32>)]) {
    guard !isEnded else { return }
    isAsked = false
    for (place, seqs) in parts {
      let known = shown[place]
      if known?.contains(seqs.lowerBound) ?? false { continue }
      shown[place] =
        min(
          seqs.lowerBound, known?.lowerBound ?? .max)...max(seqs.upperBound, known?.upperBound ?? 0)
      if !place.branch.isZero { unheard.insert(place) }
      let before = left.updateValue([seqs], forKey: place)
      if before == nil { order.append(place) }
      entryCount += seqs.count - (before?.reduce(0) { $0 + $1.count } ?? 0)
    }
  }

  /// Takes in what the device asks for of the branches that it is shown; of anything else it gets nothing:
  /// of a trunk it takes what is sent.
  mutating func ask(_ place: FeedPlace, from: UInt32) {
    guard !isEnded, !place.branch.isZero, let seqs = shown[place], from <= seqs.upperBound else {
      return
    }
    let asked = max(from, seqs.lowerBound)...seqs.upperBound
    let before = left.updateValue([asked], forKey: place)
    if before == nil { order.append(place) }
    entryCount += asked.count - (before?.reduce(0) { $0 + $1.count } ?? 0)
  }
}
