import Control
import Format
import Platform
import Replication
import Storage

/// Messages by their number: the identifier of their entry, or a beginning of it.
extension OfficeNode {
  /// So many digits say which message is meant, where only one begins so.
  private static let digitsMin = 4
  private static let digitsMax = 64

  /// The message with this id, or whose id alone begins so, in a group that is shown.
  func messageCalled(_ text: String) throws(ControlError) -> (group: GroupID, entry: EntryID) {
    let digits = Array(text.lowercased().utf8)
    let isHex = digits.allSatisfy { byte in
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
    guard isHex, (Self.digitsMin...Self.digitsMax).contains(digits.count) else {
      throw ControlError(
        .noSuchEntry, "\"\(text)\" is not a message's number",
        hint: "zuruf read --ids shows the numbers of messages; \(Self.digitsMin) digits or more of "
          + "one are enough")
    }
    let found = digits.count == Self.digitsMax ? whole(digits) : messages(beginning: digits)
    if found.count > 1 { throw ambiguous(text, found) }
    guard let one = found.first else {
      throw ControlError(
        .noSuchEntry, "there is no such message here",
        hint: "zuruf read --ids shows the numbers of messages")
    }
    return (one.group, one.entry)
  }

  private struct Called {
    let group: GroupID
    let entry: EntryID
    let info: MessageInfo
  }

  /// The one with this whole id; nothing where it is not here.
  private func whole(_ digits: [UInt8]) -> [Called] {
    guard digits.count == Self.digitsMax, let text = Format.text(digits),
      let bytes = Format.bytes(hex: text), let value = Bytes32(bytes)
    else { return [] }
    var recent = StoreView.Recent()
    for group in replica.groupIDs where isShownGroup(group) {
      guard let at = replica.find(EntryID(value), in: group),
        let index = replica.arrivalIndex(of: at, in: group),
        let place = replica.arrival(group, index), let info = message(group, place, &recent)
      else { continue }
      return [Called(group: group, entry: EntryID(value), info: info)]
    }
    return []
  }

  /// At most one more than are told as candidates.
  private func messages(beginning digits: [UInt8]) -> [Called] {
    // An even number of digits is whole bytes; the last one alone is half of one.
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count - 1, by: 2) {
      bytes.append(digit(digits[index]) << 4 | digit(digits[index + 1]))
    }
    let half = digits.count % 2 == 1 ? digits.last.map(digit) : nil
    var found: [Called] = []
    var recent = StoreView.Recent()
    for group in replica.groupIDs where isShownGroup(group) {
      for index in replica.arrivals(of: group, beginning: bytes, half: half) {
        guard let place = replica.arrival(group, index),
          let info = message(group, place, &recent), let entry = Bytes32(info.entry.bytes),
          info.entry.text.utf8.starts(with: digits)
        else { continue }
        found.append(Called(group: group, entry: EntryID(entry), info: info))
        if found.count > Self.candidatesMax { return found }
      }
    }
    return found
  }

  private static let candidatesMax = 16

  private func digit(_ byte: UInt8) -> UInt8 {
    byte < UInt8(ascii: "a") ? byte - UInt8(ascii: "0") : byte - UInt8(ascii: "a") + 10
  }

  private func ambiguous(_ text: String, _ found: [Called]) -> ControlError {
    ControlError(
      .ambiguous, "\"\(text)\" can mean \(found.count) messages", hint: "type one of these",
      candidates: found.prefix(Self.candidatesMax).map { one in
        let said = beginning(of: one.info.text ?? "", 60).split(separator: "\n").first ?? ""
        return Candidate(
          text: String(one.info.entry.text.prefix(16)), detail: "\(one.info.member.name): \(said)")
      })
  }
}
