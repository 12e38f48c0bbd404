import Format

/// Takes a body apart from its front, and never past its end.
struct BodyWalk {
  private let bytes: [UInt8]
  private var at = 0
  private(set) var fields: [Field] = []

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The next bytes as one field; fewer where the body ends.
  mutating func take(_ count: Int, _ name: String, _ meaning: String, _ rule: String) {
    let end = min(bytes.count, at + max(0, count))
    guard end > at else { return }
    fields.append(
      Field(
        offset: at, bytes: Array(bytes[at..<end]), name: name, meaning: meaning, rule: rule))
    at = end
  }

  /// The same, with the bytes kept back.
  mutating func hide(_ count: Int, _ name: String, _ meaning: String, _ rule: String) {
    let before = fields.count
    take(count, name, meaning, rule)
    guard fields.count > before else { return }
    let shown = fields[before].bytes.count
    fields[before].hidden = "(\(shown) bytes, not shown)"
  }

  /// What no field took.
  mutating func rest() { take(bytes.count - at, "rest", "", "") }

  private var next: UInt8 { at < bytes.count ? bytes[at] : 0 }

  private var next16: Int {
    at + 2 <= bytes.count ? Int(bytes[at]) << 8 | Int(bytes[at + 1]) : 0
  }

  private mutating func certificate() {
    take(16, "member_id", "", "A-3")
    take(32, "device key", "", "A-3")
    take(32, "noise key", "", "A-3")
    take(32, "sealing key", "", "A-3")
    take(1, "rank", Rank(rawValue: next).map { "\($0)" } ?? "unknown", "A-5")
    let flags = [next & 1 != 0 ? "keeper" : nil, next & 2 != 0 ? "admits" : nil].compactMap(\.self)
    take(1, "flags", flags.joined(separator: ", "), "A-5")
  }

  mutating func officeGenesis() {
    certificate()
    take(32, "recovery key", "public", "E-14")
    hide(32, "office secret", "known to the office's devices", "E-14")
  }

  mutating func epoch() {
    take(32, "ephemeral", "key of the sealed copies", "K-1")
    let count = next16
    take(2, "count", "\(count)", "K-1")
    for _ in 0..<min(count, Limits.epochRecipientsMax) {
      take(32, "device", "may open the copy", "K-1")
      take(48, "sealed copy", "", "K-2")
    }
  }

  private mutating func cuts() {
    let count = next16
    take(2, "cuts", "\(count)", "A-14")
    for _ in 0..<min(count, Limits.cutsMax) { take(Cut.size, "cut", "feed, seq, entry", "A-14") }
  }

  private mutating func members(_ rule: String) {
    let count = Int(next)
    take(1, "members", "\(count)", rule)
    for _ in 0..<count { take(16, "member_id", "", rule) }
  }

  mutating func operation() {
    let code = next
    take(1, "operation", Self.name(code), "A-1")
    switch code {
    case 1:
      certificate()
      take(32, "ticket", "the key that admits; zero without", "A-5")
      take(32, "handshake", "hash", "A-2")
      take(64, "device's", "signature", "A-2")
      take(64, "ticket's", "signature", "A-2")
    case 2:
      let isMember = next == 1
      take(1, "target", isMember ? "a member" : "a device", "A-6")
      take(isMember ? 16 : 32, isMember ? "member_id" : "device key", "", "A-6")
      cuts()
    case 3:
      take(16, "member_id", "", "A-6")
      take(1, "rank", Rank(rawValue: next).map { "\($0)" } ?? "unknown", "A-6")
      cuts()
    case 4: ticket()
    case 5: take(32, "ticket", "its public key", "A-7")
    case 6:
      take(32, "previous", "the owner list before", "A-7")
      members("A-7")
      let count = Int(next)
      take(1, "signatures", "\(count)", "A-7")
      for _ in 0..<count { take(96, "signature", "device key, signature", "A-7") }
    case 7:
      take(16, "feed_id", "the forked feed", "A-7")
      take(4, "seq", "", "A-7")
      take(32, "entry", "one", "A-7")
      take(32, "entry", "the other", "A-7")
    case 8:
      members("A-8")
      take(1, "grade", "", "A-8")
    case 9:
      take(16, "member_id", "", "A-8")
      cuts()
    default: break
    }
  }

  private mutating func ticket() {
    take(32, "ticket", "its public key", "A-7")
    take(1, "rank", Rank(rawValue: next).map { "\($0)" } ?? "unknown", "A-7")
    take(1, "flags", "", "A-7")
    take(16, "member_id", "whose further device; zero for a new member", "A-5")
    take(8, "expires", "", "A-12")
    take(2, "uses", "\(next16)", "A-12")
    let count = Int(next)
    take(1, "groups", "\(count)", "A-13")
    for _ in 0..<count { take(32, "group_id", "", "A-13") }
  }

  private static func name(_ code: UInt8) -> String {
    let names = [
      "", "certify", "remove", "rank", "ticket", "ticket-revoke", "owners", "suspend", "group-add",
      "group-remove",
    ]
    return Int(code) < names.count && code > 0 ? names[Int(code)] : "of a later version"
  }
}
