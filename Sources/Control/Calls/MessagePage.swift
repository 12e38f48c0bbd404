extension ReadCall.Answer {
  /// A page that fits into one line (C-8): the oldest messages are left for the next page when the
  /// texts are long.
  package init(
    fitting messages: [MessageInfo], more: Bool, cursor: HexIdentifier, group: GroupRef?,
    before: HexIdentifier? = nil
  ) {
    // The rest of the line, beside the messages, is far below this.
    var room = LineGuard.bytesMax - 1024
    var first = messages.endIndex
    while first > messages.startIndex {
      let size = messages[first - 1].lineBytesMax
      guard size <= room else { break }
      room -= size
      first -= 1
    }
    self.init(
      messages: Array(messages[first...]), more: more || first > messages.startIndex,
      cursor: cursor, group: group, before: first > messages.startIndex ? nil : before)
  }
}

extension MessageInfo {
  /// No fewer bytes than the message takes in a line.
  fileprivate var lineBytesMax: Int {
    // Keys, identifiers, numbers and punctuation come to about 700.
    let members = (state.missing ?? []) + (reactions ?? []).flatMap(\.members)
    let texts =
      [text, group.title, member.name, device.name, reply?.text, reply?.member?.name]
      + members.map(\.name) + (reactions ?? []).map(\.text)
    // The identifier of a member, its names and punctuation come to about 50; a reaction's names and
    // numbers too.
    return texts.reduce(1280 + 64 * (members.count + (reactions?.count ?? 0))) { sum, text in
      sum + (text?.utf8.reduce(0) { $0 + escapedBytes($1) } ?? 0)
    }
  }
}

/// How many bytes one byte of text takes in a JSON string.
private func escapedBytes(_ byte: UInt8) -> Int {
  switch byte {
  case 0..<0x20: 6
  case 0x22, 0x5C: 2
  default: 1
  }
}
