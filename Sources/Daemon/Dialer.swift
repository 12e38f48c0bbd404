import Format
import Platform
import Transport

/// Which addresses are tried when: at once when they become known, then ever more slowly.
struct Dialer {
  /// How an address became known; the first one that named it counts.
  enum Source: UInt8 {
    case seed, mdns, ticket, remembered, incoming
  }

  struct Entry {
    var source: Source
    var nextAt: Moment
    var failures = 0
    /// The attempt or link that uses it now.
    var link: Transport.LinkID?
    /// The device that answered there last.
    var device: DeviceKey?
    var trouble: String?
  }

  private(set) var entries: [SocketAddress: Entry] = [:]
  private static let entriesMax = 1_024

  /// Takes in an address; one that is new, or said anew by discovery, is tried at once.
  mutating func add(_ address: SocketAddress, _ source: Source, at now: Moment) {
    if entries[address] == nil {
      guard entries.count < Self.entriesMax else { return }
      entries[address] = Entry(source: source, nextAt: now)
    } else if source == .mdns, entries[address]?.link == nil {
      entries[address]?.nextAt = now
    }
  }

  mutating func forget(_ address: SocketAddress) { entries[address] = nil }

  /// The addresses to dial now, in order; `isLinked` says whether a device is linked already.
  mutating func due(at now: Moment, isLinked: (DeviceKey) -> Bool) -> [SocketAddress] {
    entries.keys.sorted().filter { address in
      guard let entry = entries[address], entry.link == nil, entry.nextAt <= now else {
        return false
      }
      return !(entry.device.map(isLinked) ?? false)
    }
  }

  mutating func dialled(_ address: SocketAddress, _ link: Transport.LinkID) {
    entries[address]?.link = link
  }

  mutating func answered(_ address: SocketAddress, by device: DeviceKey?) {
    entries[address]?.device = device
    entries[address]?.failures = 0
    entries[address]?.trouble = nil
  }

  /// An attempt or link ended: tried again after a pause that grows to ten seconds.
  mutating func ended(
    _ link: Transport.LinkID, _ trouble: String?, at now: Moment, jitter: UInt8
  ) {
    guard let address = entries.keys.first(where: { entries[$0]?.link == link }) else { return }
    entries[address]?.link = nil
    entries[address]?.trouble = trouble
    entries[address]?.failures += 1
    let steps = min(entries[address]?.failures ?? 1, 6)
    let base = min(250 << steps, Limits.dialBackoffSecondsMax * 1_000)
    let pause = base - base * Int(jitter) / 512
    entries[address]?.nextAt = now + .milliseconds(pause)
  }

  /// Addresses changed or the computer woke: everything is tried at once.
  mutating func retryAll(at now: Moment) {
    for address in entries.keys {
      entries[address]?.nextAt = now
      entries[address]?.failures = 0
    }
  }

  /// When the next address is due.
  func deadline(isLinked: (DeviceKey) -> Bool) -> Moment? {
    entries.values.filter { $0.link == nil && !($0.device.map(isLinked) ?? false) }
      .map(\.nextAt).min()
  }
}
