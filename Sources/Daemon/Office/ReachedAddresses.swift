import Format
import Platform

/// Where devices of the office were reached, over a restart: a few places of each, the last one first.
///
///     10.0.0.7:47474 3c6c…
///
/// A line is an address and the Noise key of the device that was met there. Addresses come and go, so
/// without the device nobody could tell which of them are over (D-6).
struct ReachedAddresses: Hashable {
  struct Line: Hashable {
    let address: SocketAddress
    let device: NoiseIdentity

    var text: String { "\(address) \(device)" }
  }

  /// What is read of a file, in bytes: the longest address has 80.
  static let bytesMax = 160 * countMax
  static let countMax = Limits.dialAddressesMax - Limits.sightingsMax

  private(set) var lines: [Line] = []
  /// What a version wrote that noted no device: dialled once more, and not written again.
  private(set) var unnamed: [SocketAddress] = []

  init() {}

  /// Takes up what was written down; what cannot be read is learnt anew.
  init(file: [UInt8]) {
    for line in String(decoding: file, as: UTF8.self).utf8.split(separator: 0x0a) {
      let parts = line.split(separator: 0x20).map { String(Substring($0)) }
      guard let text = parts.first,
        let address = try? SocketAddress(parsing: text, defaultPort: Limits.defaultPort)
      else { continue }
      if parts.count == 1 {
        if unnamed.count < Self.countMax { unnamed.append(address) }
      } else if let device = NoiseIdentity(hex: parts[1]) {
        lines.append(Line(address: address, device: device))
      }
    }
    trim()
  }

  var file: [UInt8] { Array(lines.map { $0.text + "\n" }.joined().utf8) }

  /// Takes in where devices answer at this moment, and where those say that they listen who called, both
  /// in any order. Who answers was there alone; who only says so takes nobody's place.
  mutating func note(answered: [Line], said: [Line]) {
    // Always in one order, so that a file in which nothing changed stays as it is.
    let met = Set(answered).union(said)
    guard !met.isEmpty else { return }
    let now = met.sorted { ($0.device, $0.address) < ($1.device, $1.address) }
    let elsewhere = Set(answered.map(\.address))
    lines = now + lines.filter { !met.contains($0) && !elsewhere.contains($0.address) }
    unnamed = []
    trim()
  }

  /// Forgets devices that are of the office no more.
  mutating func keep(_ isLive: (NoiseIdentity) -> Bool) { lines.removeAll { !isLive($0.device) } }

  private mutating func trim() {
    var counts: [NoiseIdentity: Int] = [:]
    lines = Array(
      lines.filter { line in
        counts[line.device, default: 0] += 1
        return counts[line.device, default: 0] <= Limits.dialRememberedMax
      }.prefix(Self.countMax))
  }
}
