/// An entry read by the tables of Protocol/3-entry alone, by no code of the product.
struct PlainEntry {
  struct Reference: Hashable {
    let feed: Short
    let seq: Int
    let prefix: Short
  }

  enum Kind {
    static let genesis = 1
    static let message = 2
    static let control = 3
    static let epoch = 4
  }

  let id: Long
  let kind: Int
  let flags: Int
  /// Of the first genesis of a group its own ID.
  let group: Long
  /// Of a genesis the beginning of its own ID.
  let feed: Short
  let seq: Int
  let prev: Long
  let lamport: UInt64
  let epoch: Short
  let bodyHash: Long
  let bodySize: Int
  let deps: [Reference]
  let ext: [Int: ArraySlice<UInt8>]
  let body: ArraySlice<UInt8>?

  /// What the genesis of a feed names as its certificate; zero in that of the office.
  var certificate: Long? {
    guard seq == 0, let named = ext[2] else { return nil }
    var cursor = Cursor(named)
    return cursor.long()
  }

  /// What this version does not look into.
  var isOpaque: Bool { kind > 4 || flags & 0xff00 != 0 }

  /// Reads a header; says which rule it breaks where it is none.
  init(header: ArraySlice<UInt8>, body: ArraySlice<UInt8>?) throws(Broken) {
    var cursor = Cursor(header)
    try Broken.unless(cursor.int(1) == 1, "E-1")
    kind = cursor.int(1)
    try Broken.unless(kind != 0, "E-2")
    flags = cursor.int(2)
    let named = (group: cursor.long(), feed: cursor.short())
    seq = cursor.int(4)
    prev = cursor.long()
    _ = cursor.number(8)
    lamport = cursor.number(4)
    epoch = cursor.short()
    bodySize = cursor.int(4)
    bodyHash = cursor.long()
    var deps: [Reference] = []
    let count = cursor.int(1)
    try Broken.unless(count <= 16, "E-6")
    for _ in 0..<count {
      let feed = cursor.short()
      let seq = cursor.int(4)
      deps.append(Reference(feed: feed, seq: seq, prefix: cursor.short()))
    }
    try Broken.unless(zip(deps, deps.dropFirst()).allSatisfy { $0.feed < $1.feed }, "E-6")
    try Broken.unless(!deps.contains { $0.feed == named.feed || $0.feed.isZero }, "E-6")
    self.deps = deps
    let end = cursor.int(2)
    try Broken.unless(end <= 512, "E-7")
    let begin = cursor.at
    var ext: [Int: ArraySlice<UInt8>] = [:]
    var last = -1
    while cursor.at - begin < end, !cursor.isPastEnd {
      let type = cursor.int(1)
      try Broken.unless(type > last, "E-7")
      last = type
      ext[type] = cursor.take(cursor.int(1))
    }
    try Broken.unless(cursor.at - begin == end && cursor.isAtEnd, "E-3")
    self.ext = ext
    try Broken.unless(bodySize <= 65_536 && (bodySize == 0) == bodyHash.isZero, "E-4")
    let isGenesis = kind == Kind.genesis
    try Broken.unless(
      isGenesis == (seq == 0) && prev.isZero == (seq == 0) && named.feed.isZero == (seq == 0)
        && (!named.group.isZero || seq == 0), "E-5")
    try Broken.unless(
      seq == 0 && deps.isEmpty ? lamport == 1 : lamport >= 2, "E-8")
    try Broken.unless(
      [1, 3, 6, 7, 8, 9].contains(kind) ? epoch.isZero : ![4, 5].contains(kind) || !epoch.isZero,
      "E-9")
    if isGenesis {
      try Broken.unless(
        ext[1]?.count == 32 && ext[2]?.count == 32 && ext[3]?.count == 16, "E-11")
    }
    id = Sums.hash("zr1.entry", header)
    group = named.group.isZero ? id : named.group
    feed = isGenesis ? id.first : named.feed
    self.body = body
    if let body {
      try Broken.unless(body.count == bodySize, "E-13")
      try Broken.unless(bodySize == 0 || Sums.hash("zr1.body", body) == bodyHash, "E-20")
    } else {
      try Broken.unless(![1, 3, 6, 7, 8, 9].contains(kind), "E-13")
    }
  }

  /// What a header or body is that is none.
  struct Broken: Error {
    let rule: String

    static func unless(_ isSo: Bool, _ rule: String) throws(Broken) {
      if !isSo { throw Broken(rule: rule) }
    }
  }
}

/// An operation, as far as the audit asks what it says.
enum PlainOperation {
  /// `ticket`: its key; zero for none.
  case certify(member: Short, device: Long, rank: Int, ticket: Long)
  case ticket(key: Long)
  case removeMember(Short)
  case removeDevice(Long)
  case rank(Short, Int)
  case suspend(feed: Short)
  case groupAdd([Short])
  case groupRemove(Short)
  case owners(previous: Long, members: [Short], isRecovery: Bool)
  case other

  init(_ body: ArraySlice<UInt8>) {
    var cursor = Cursor(body)
    switch cursor.int(1) {
    case 1:
      let (member, device) = (cursor.short(), cursor.long())
      _ = (cursor.long(), cursor.long())
      let (rank, _) = (cursor.int(1), cursor.int(1))
      self = .certify(member: member, device: device, rank: rank, ticket: cursor.long())
    case 2: self = cursor.int(1) == 1 ? .removeMember(cursor.short()) : .removeDevice(cursor.long())
    case 3: self = .rank(cursor.short(), cursor.int(1))
    case 4: self = .ticket(key: cursor.long())
    case 6:
      let previous = cursor.long()
      let members = (0..<cursor.int(1)).map { _ in cursor.short() }
      let signers = (0..<cursor.int(1)).map { _ in
        let device = cursor.long()
        _ = cursor.take(64)
        return device
      }
      self = .owners(
        previous: previous, members: members, isRecovery: signers.contains(where: \.isZero))
    case 7: self = .suspend(feed: cursor.short())
    case 8:
      let count = cursor.int(1)
      self = .groupAdd((0..<count).map { _ in cursor.short() })
    case 9: self = .groupRemove(cursor.short())
    default: self = .other
    }
  }
}
