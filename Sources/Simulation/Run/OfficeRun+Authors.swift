import Control
import Format

extension OfficeRun {
  /// As of whom, and where, a node shows a message.
  struct Attribution {
    let text: String?
    let group: Long
    let device: Long
    let member: Short

    init(text: String?, group: Long, device: Long, member: Short) {
      (self.text, self.group, self.device, self.member) = (text, group, device, member)
    }

    /// Nil where one of them has no name of its size.
    init?(_ message: MessageInfo) {
      guard let group = Long(message.group.id.bytes), let device = Long(message.device.id.bytes),
        let member = Short(message.member.id.bytes)
      else { return nil }
      self.init(text: message.text, group: group, device: device, member: member)
    }
  }

  /// A message is shown as of whom wrote it, where that one did, and nobody's words as another one's (study 3:
  /// 27).
  ///
  /// Of a text that a person said it is known at which computers that was.
  func check(_ shown: Attribution, of entry: Long, at host: Int) {
    let audit = world.audit
    guard let known = audit.book.entries[entry] else { return }
    let members = audit.book.members(of: known.device)
    let isRight =
      shown.device == known.device && shown.group == known.entry.group
      && (members.isEmpty || members.contains(shown.member))
    let hosts = shown.text.flatMap { ledger.hosts(saying: $0) }
    if isRight, hosts?.contains(where: { audit.writes(known.device, at: $0) ?? true }) ?? true {
      return
    }
    world.fail(
      "host \(host): \"\(shown.text ?? entry.first.text)\" is shown as of "
        + "\(shown.device.first.text), who did not write it there")
  }
}
