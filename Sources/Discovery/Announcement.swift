/// What a node says of itself in its text record: a hint that only its own office can read.
package struct Announcement: Hashable, Sendable {
  /// The version of the record, and of the protocol it points to.
  package static let version = "1"
  private static let saltLength = 8
  private static let hintLength = 8

  /// 8 random bytes, fresh for each record.
  package let salt: [UInt8]
  /// 8 bytes that who knows the office can compute from the salt.
  package let hint: [UInt8]
  /// Whether a sponsor holds the door of this node open (D-9).
  package let isDoorOpen: Bool

  /// An announcement of our own while no door is open.
  package init(salt: [UInt8], hint: [UInt8]) {
    self.init(salt: salt, hint: hint, isDoorOpen: false)
  }

  /// An announcement of our own.
  package init(salt: [UInt8], hint: [UInt8], isDoorOpen: Bool) {
    precondition(
      salt.count == Announcement.saltLength && hint.count == Announcement.hintLength,
      "salt and hint have eight bytes each")
    self.salt = salt
    self.hint = hint
    self.isDoorOpen = isDoorOpen
  }

  /// The announcement in a stranger's record; nil for another version or form. More keys may come.
  package init?(_ record: TextRecord) {
    guard record.value(of: "v") == Array(Announcement.version.utf8),
      let text = record.value(of: "h"),
      text.count == 2 * (Announcement.saltLength + Announcement.hintLength),
      let bytes = Hexadecimal.bytes(of: text)
    else { return nil }
    salt = Array(bytes.prefix(Announcement.saltLength))
    hint = Array(bytes.dropFirst(Announcement.saltLength))
    isDoorOpen = record.value(of: "d") == Array("1".utf8)
  }

  /// The record that says it.
  package var record: TextRecord {
    let door = isDoorOpen ? [TextRecord.Pair("d", "1")] : []
    return TextRecord(
      pairs: [
        TextRecord.Pair("v", Announcement.version),
        TextRecord.Pair("h", Hexadecimal.text(of: salt + hint)),
      ] + door)
  }
}
