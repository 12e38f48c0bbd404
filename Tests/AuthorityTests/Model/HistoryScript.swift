/// Histories as text that people read and that can be run again: a line for each entry,
/// `3 admin1: remove member2 nothing; saw 1 2`. Entries are numbered from 1 behind the opening.
extension History {
  private static let ranks = ["owner", "admin", "member", "box"]
  private static let grades = ["creator", "manager", "member"]

  func name(_ device: Int) -> String {
    device < Cast.count ? Cast.names[device] : "new\(device - Cast.count - openingCount + 1)"
  }

  private func device(_ name: Substring) -> Int? {
    if let known = Cast.names.firstIndex(of: String(name)) { return known }
    guard name.hasPrefix("new"), let number = Int(name.dropFirst(3)), number > 0 else { return nil }
    return number - 1 + Cast.count + openingCount
  }

  private func number(_ entry: Int) -> Int { entry - openingCount + 1 }

  /// The lines of the script.
  var script: [String] {
    later.map { entry in
      let here = entries[entry]
      var line = "\(number(entry)) \(name(here.device)): \(words(here.act))"
      if here.certificate != certificate(of: here.device) {
        line += " under \(number(here.certificate))"
      }
      if here.series > 0 { line += " in \(here.series)" }
      let seen = here.past.filter { $0 >= openingCount }
      line += "; saw" + (seen.isEmpty ? " nothing" : "")
      for one in seen { line += " \(number(one))" }
      let tips = tips(of: feed(of: entry), in: EntrySet(below: entry))
      if tips != (here.after.map { [$0] } ?? []) {
        let after = here.after.map { $0 < openingCount ? 0 : number($0) } ?? 0
        line += "; forks behind \(after)"
      }
      return line
    }
  }

  private func words(_ act: Act) -> String {
    switch act {
    case .founding: return "found"
    case .certify(let device, let member, let rank):
      let what = device == member ? name(device) : "\(name(device)) of \(name(member))"
      return "certify \(what) \(Self.ranks[rank])"
    case .join(let key, let device, let member):
      let what = device == member ? name(device) : "\(name(device)) of \(name(member))"
      return "join \(what) by \(number(key))"
    case .remove(let member, let choice): return "remove \(name(member)) \(words(choice))"
    case .removeDevice(let device, let choice): return "drop \(name(device)) \(words(choice))"
    case .rank(let member, let rank, let choice):
      return "rank \(name(member)) \(Self.ranks[rank]) \(words(choice))"
    case .owners(let members, let signers, let isRecovery):
      let by = isRecovery ? "recovery" : names(signers)
      return "owners \(names(members)) by \(by)"
    case .suspend(let device): return "suspend \(name(device))"
    case .ticket(let member, let key):
      return "ticket \(number(key)) for \(member.map(name) ?? "anybody")"
    case .revoke(let key): return "revoke \(number(key))"
    case .add(let member, let grade): return "add \(name(member)) \(Self.grades[grade])"
    case .expel(let member, let choice): return "expel \(name(member)) \(words(choice))"
    case .send: return "send"
    case .share: return "share"
    }
  }

  private func words(_ choice: CutChoice) -> String {
    switch choice {
    case .none: "unlisted"
    case .nothing: "nothing"
    case .seen(let branch): "seen \(branch)"
    }
  }

  private func names(_ devices: UInt64) -> String {
    EntrySet(bits: devices).map { name($0) }.joined(separator: "+")
  }
}

extension History {
  /// This history and what the lines of a script add; nil where a line is not understood.
  func following(_ script: String) -> History? {
    var history = self
    for line in script.split(separator: "\n") where !line.allSatisfy(\.isWhitespace) {
      guard history.take(line) else { return nil }
    }
    return history
  }

  private mutating func take(_ line: Substring) -> Bool {
    let parts = line.split(separator: ";").map { $0.split(separator: " ") }
    guard parts.count >= 2, parts[0].count >= 3, parts[1].first == "saw",
      parts[0][1].hasSuffix(":"), let device = device(parts[0][1].dropLast())
    else { return false }
    var words = Array(parts[0].dropFirst(2))
    var certificate = certificate(of: device)
    var series = 0
    if let at = words.firstIndex(of: "in") {
      guard at + 2 == words.count, let number = Int(words[at + 1]) else { return false }
      series = number
      words = Array(words[..<at])
    }
    if let under = words.firstIndex(of: "under") {
      guard let entry = words.dropFirst(under + 1).first.flatMap(entry) else { return false }
      certificate = entry
      words = Array(words[..<under])
    }
    guard let certificate, let act = act(words) else { return false }
    var past = opening
    for word in parts[1].dropFirst() where word != "nothing" {
      guard let entry = entry(word) else { return false }
      past.insert(entry)
    }
    let feed = Feed(certificate: certificate, series: series, isInGroup: act.isInGroup)
    var after = tips(of: feed, in: all).first
    if parts.count == 3 {
      guard parts[2].count == 3, let number = Int(parts[2][2]) else { return false }
      after = number == 0 ? tips(of: feed, in: opening).first : number - 1 + openingCount
    }
    append(act, by: device, under: certificate, in: series, past: past, after: after)
    return true
  }

  private func entry(_ word: Substring) -> Int? {
    guard let number = Int(word), number > 0 else { return nil }
    let entry = number - 1 + openingCount
    return entry < entries.count ? entry : nil
  }

  private func act(_ words: [Substring]) -> Act? {
    guard let verb = words.first else { return nil }
    let named = words.dropFirst().first.flatMap(device)
    let third = words.count > 2 ? String(words[2]) : ""
    switch (verb, words.count) {
    case ("certify", 3):
      guard let named, let rank = Self.ranks.firstIndex(of: third) else { return nil }
      return .certify(device: named, member: member(of: named), rank: rank)
    case ("certify", 5):
      guard let named, let member = device(words[3]),
        let rank = Self.ranks.firstIndex(of: String(words[4]))
      else { return nil }
      return .certify(device: named, member: member, rank: rank)
    case ("join", 4):
      guard let named, let key = entry(words[3]) else { return nil }
      return .join(key: key, device: named, member: member(of: named))
    case ("join", 6):
      guard let named, let member = device(words[3]), let key = entry(words[5]) else { return nil }
      return .join(key: key, device: named, member: member)
    case ("remove", 3...):
      return named.flatMap { one in choice(words, 2).map { .remove(member: one, $0) } }
    case ("drop", 3...):
      return named.flatMap { one in choice(words, 2).map { .removeDevice(one, $0) } }
    case ("expel", 3...):
      return named.flatMap { one in choice(words, 2).map { .expel(member: one, $0) } }
    case ("rank", 4...):
      guard let named, let rank = Self.ranks.firstIndex(of: third), let choice = choice(words, 3)
      else { return nil }
      return .rank(member: named, rank, choice)
    case ("owners", 4):
      guard let members = devices(words[1]) else { return nil }
      if words[3] == "recovery" { return .owners(members: members, signers: 0, isRecovery: true) }
      return devices(words[3]).map { .owners(members: members, signers: $0, isRecovery: false) }
    case ("suspend", 2): return named.map { .suspend(device: $0) }
    case ("ticket", 4):
      guard let number = Int(words[1]), number > 0 else { return nil }
      let key = number - 1 + openingCount
      if words[3] == "anybody" { return .ticket(member: nil, key: key) }
      return device(words[3]).map { .ticket(member: $0, key: key) }
    case ("revoke", 2): return entry(words[1]).map { .revoke(key: $0) }
    case ("add", 3):
      guard let named, let grade = Self.grades.firstIndex(of: third) else { return nil }
      return .add(member: named, grade: grade)
    case ("send", 1): return .send
    case ("share", 1): return .share
    default: return nil
    }
  }

  private func choice(_ words: [Substring], _ index: Int) -> CutChoice? {
    switch words[index] {
    case "unlisted": return CutChoice.none
    case "nothing": return .nothing
    case "seen":
      return words.count > index + 1 ? Int(words[index + 1]).map { .seen(branch: $0) } : nil
    default: return nil
    }
  }

  private func devices(_ words: Substring) -> UInt64? {
    var out: UInt64 = 0
    for word in words.split(separator: "+") {
      guard let device = device(word), device < EntrySet.capacity else { return nil }
      out |= 1 << UInt64(device)
    }
    return out
  }
}
