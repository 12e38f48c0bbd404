import Format
import Platform

/// Which browsers are let in: links that swap once for a cookie, and the cookies (W-3).
struct Visitors {
  private let entropy: any Entropy
  /// Links that were handed out and not used, the oldest first.
  private var links: [(secret: [UInt8], until: Moment)] = []
  /// What the cookies hold, the oldest first.
  private var sessions: [[UInt8]] = []

  init(entropy: any Entropy) { self.entropy = entropy }

  /// A secret of 32 bytes as text, as it stands in a link or a cookie.
  private func newSecret() -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    return entropy.bytes(32).flatMap { byte in [digits[Int(byte >> 4)], digits[Int(byte & 0xF)]] }
  }

  /// The token of a new link; the oldest one that nobody used gives way where there are many.
  mutating func newLink(at now: Moment) -> String {
    if links.count >= Limits.deskLinksMax { links.removeFirst() }
    let secret = newSecret()
    links.append((secret, now + .seconds(Limits.deskLinkSeconds)))
    return String(decoding: secret, as: UTF8.self)
  }

  /// Uses up a link: what to keep in a cookie, or nil where the link is old, used or made up.
  mutating func enter(by token: ArraySlice<UInt8>, at now: Moment) -> String? {
    links.removeAll { now >= $0.until }
    guard let place = links.firstIndex(where: { isEqual($0.secret, token) }) else { return nil }
    links.remove(at: place)
    if sessions.count >= Limits.deskSessionsMax { sessions.removeFirst() }
    let secret = newSecret()
    sessions.append(secret)
    return String(decoding: secret, as: UTF8.self)
  }

  /// Whether one of the values is a cookie that was given out since the start.
  func knows(_ values: [ArraySlice<UInt8>]) -> Bool {
    // A page of another port of this host can add cookies of our name, but none that we know.
    var isKnown = false
    for value in values {
      for session in sessions where isEqual(session, value) { isKnown = true }
    }
    return isKnown
  }
}

/// Compares in a time that does not depend on where two texts differ.
private func isEqual(_ secret: [UInt8], _ other: ArraySlice<UInt8>) -> Bool {
  guard secret.count == other.count else { return false }
  return zip(secret, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}
