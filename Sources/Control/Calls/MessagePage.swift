extension ReadCall.Answer {
  /// A page that fits into one line (C-8): the oldest messages are left for the next page when the
  /// texts are long.
  package init(
    fitting messages: [MessageInfo], more: Bool, cursor: HexIdentifier, group: GroupRef?,
    before: HexIdentifier? = nil, unread: [UnreadInfo]? = nil, news: [NewsInfo]? = nil,
    ended: String? = nil
  ) {
    // The rest of the line, beside these, is far below this.
    var room = LineGuard.bytesMax - 1024 - escapedBytes(of: ended)
    for one in unread ?? [] { room -= one.lineBytesMax }
    let news = news.map { Self.fitting($0, &room) }
    var first = messages.endIndex
    while first > messages.startIndex {
      let size = messages[first - 1].lineBytesMax
      guard size <= room else { break }
      room -= size
      first -= 1
    }
    self.init(
      messages: Array(messages[first...]), more: more || first > messages.startIndex,
      cursor: cursor, group: group, before: first > messages.startIndex ? nil : before,
      unread: unread, news: news, ended: ended)
  }

  /// The newest of what happened that take a quarter of a line at most.
  private static func fitting(_ news: [NewsInfo], _ room: inout Int) -> [NewsInfo] {
    var kept: [NewsInfo] = []
    var newsRoom = LineGuard.bytesMax / 4
    for one in news.reversed() {
      let size = one.lineBytesMax
      guard size <= newsRoom else { break }
      newsRoom -= size
      room -= size
      kept.append(one)
    }
    return kept.reversed()
  }
}

extension UnreadInfo {
  fileprivate var lineBytesMax: Int { 256 + escapedBytes(of: group.title) }
}

extension NewsInfo {
  fileprivate var lineBytesMax: Int {
    // Identifiers, words and punctuation, and the same of each member.
    let texts = [group?.title, by.name, was, device?.name] + members.map(\.name)
    return texts.reduce(640 + 64 * members.count) { $0 + escapedBytes(of: $1) }
  }
}

extension MessageInfo {
  /// No fewer bytes than the message takes in a line.
  fileprivate var lineBytesMax: Int {
    // Keys, identifiers, numbers and punctuation come to about 700.
    let members = (state.missing ?? []) + (reactions ?? []).flatMap(\.members)
    let texts =
      [text, group.title, member.name, device.name, reply?.text, reply?.member?.name]
      + members.map(\.name) + (elsewhere ?? []).map(\.name) + (reactions ?? []).map(\.text)
    // The identifier of a member, its names and punctuation come to about 50; a reaction's names and
    // numbers too.
    let named = members.count + (reactions?.count ?? 0) + 2 * (elsewhere?.count ?? 0)
    return texts.reduce(1280 + 64 * named) { sum, text in
      sum + escapedBytes(of: text)
    }
  }
}

private func escapedBytes(of text: String?) -> Int {
  text?.utf8.reduce(0) { $0 + escapedBytes($1) } ?? 0
}

/// How many bytes one byte of text takes in a JSON string.
private func escapedBytes(_ byte: UInt8) -> Int {
  switch byte {
  case 0..<0x20: 6
  case 0x22, 0x5C: 2
  default: 1
  }
}
