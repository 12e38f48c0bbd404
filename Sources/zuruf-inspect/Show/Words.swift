import Format

/// The beginning of an identifier: enough to name it, and any command takes it.
func short(_ id: some CustomStringConvertible) -> String { String(id.description.prefix(16)) }

/// A number with its thousands apart: `12,345`.
func counted(_ number: some BinaryInteger) -> String {
  var digits = String(number)
  var out = ""
  while digits.utf8.count > 3 {
    out = "," + digits.suffix(3) + out
    digits.removeLast(3)
  }
  return digits + out
}

/// A number with what is counted: `1 entry`, `3 entries`.
func counted(_ number: some BinaryInteger, _ one: String, _ many: String) -> String {
  "\(counted(number)) \(number == 1 ? one : many)"
}

/// A size in the unit in which people say it.
func bytes(_ count: UInt64) -> String {
  switch count {
  case ..<10_000: return "\(count) B"
  case ..<10_000_000: return "\(counted((count + 512) / 1024)) KiB"
  default: return "\(counted((count + (1 << 19)) >> 20)) MiB"
  }
}

/// A feed, and its branch where it is one.
func short(_ place: FeedPlace) -> String {
  place.branch.isZero ? short(place.feed) : "\(short(place.feed)) branch \(short(place.branch))"
}

/// An entry's kind in a word.
func kindName(_ byte: UInt8) -> String {
  EntryKind(rawValue: byte).map { "\($0)" } ?? "kind \(byte)"
}
