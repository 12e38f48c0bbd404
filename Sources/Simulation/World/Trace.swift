internal import Format
import Platform

/// What happened in a world, a line for each event with a column for each host, and a hash of all of it:
/// two runs of one seed have the same.
package struct Trace {
  /// Lines are kept only where somebody wants to read them.
  package let isKept: Bool
  package private(set) var lines: [String] = []
  /// FNV-1a over the bytes of all lines.
  package private(set) var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  private var hosts = 0

  package init(isKept: Bool) { self.isKept = isKept }

  /// The columns there are.
  mutating func setHosts(_ count: Int) { hosts = count }

  /// Notes what happened at a host, or to the world where it is nil.
  mutating func note(_ moment: Moment, _ host: Int?, _ text: String) {
    var line = seconds(moment)
    for column in 0..<hosts { line += column == host ? " *" : " ." }
    line += "  " + (host.map { "\($0) " } ?? "") + text
    for byte in line.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    if isKept { lines.append(line) }
  }

  private func seconds(_ moment: Moment) -> String {
    let microseconds = moment.nanoseconds / 1_000
    let fraction = String(1_000_000 + microseconds % 1_000_000).dropFirst()
    let whole = String(microseconds / 1_000_000)
    return String(repeating: " ", count: max(0, 6 - whole.count)) + whole + "." + fraction
  }
}
