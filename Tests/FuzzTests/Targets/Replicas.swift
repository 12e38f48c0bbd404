import Format
import Replication
import TestSupport

/// A replica among peers who say anything in any order, over a disk that answers when it likes.
enum Replicas {
  static let target = FuzzTarget(
    name: "replica", kind: .sequence,
    abstract: "nothing is stored that is not genuine, nothing told that is not durable, no place is"
      + " written twice, nothing grows without bound, and who was lied to still learns the truth",
    reaches: ["Replication", "Authority", "Format"], sizeMax: 512, seeds: { seeds() },
    run: { try run($0) })

  private static let office = SampleOffice.shared
  private static let entries = SampleOffice.packed(office.log, after: [])
  private static let forks = SampleOffice.packed(office.forks, after: office.log)

  private static func seeds() -> [[UInt8]] {
    let count = UInt8(office.log.count)
    var seeds: [[UInt8]] = []
    for number in 0..<UInt8(4) {
      let person = number | 4
      // Everything from one peer, all of it durable at once, and what follows.
      let all = (0..<count).flatMap { number -> [UInt8] in [3, 0, number, 0, 9, 0] }
      seeds.append([person, 1, 0, 0] + all + [2, 3])
      seeds.append([person, count / 2, 0, 1, 13, 0, 2, 4, 12, 0, 9, 3])
      // Forks before and behind what they leave, over two links.
      seeds.append([
        person, count, 0, 1, 0, 2, 4, 0, 0, 0, 9, 0, 4, 1, 1, 0, 9, 0, 2, 5, 6, 0, 1, 3, 1,
      ])
      seeds.append([person, count - 3, 0, 3, 4, 0, 2, 0, 9, 9, 13, 0, 10, 1, 11, 0, 9, 9, 2, 6])
      // Own writing between lies about own feeds.
      seeds.append([
        person, count, 0, 1, 11, 0, 11, 1, 6, 0, 1, 4, 0, 2, 0, 9, 9, 11, 0, 9, 9, 14, 0,
      ])
      seeds.append([person, 4, 0, 4, 8, 0, 1, 7, 0, 0, 2, 1, 5, 2, 3, 40, 1, 3, 0, 9, 9])
      for spoilt in [0, 3, 4] as [UInt8] {
        seeds.append([
          person, 6, 0, 1, 3, 0, 6, 1, spoilt, 1, 80, 7, 3, 0, 7, 1, spoilt, 0, 30, 5, 9, 9,
        ])
      }
    }
    for vector in Vector.of("message") where vector.bytes.count > 5 && vector.bytes.count < 200 {
      let content = vector.bytes.dropFirst(5)
      seeds.append(
        [0, count, 0, 1, 5, 0, vector.bytes[0], UInt8(content.count)] + content + [2, 4])
    }
    return seeds
  }

  /// Who it is, whether it is to learn the truth in the end, and how much it holds come first, then what
  /// happens.
  static func run(_ input: [UInt8]) throws {
    try SeededRandomness.from(11) {
      var choices = Choices(input)
      let first = choices.byte()
      let person = SampleOffice.Person(rawValue: Int(first & 3)) ?? .anna
      let held = 1 + choices.below(office.log.count)
      let node = try WatchedReplica(person, holding: Array(office.log[..<held]), of: office)
      while !choices.isOver, node.steps < 200 {
        try step(&choices, node)
      }
      try node.answerAll()
      guard !node.wasForked, first & 4 != 0 else { return }
      // Lies of strangers and members keep nobody from what the others hold.
      try node.learn(entries, from: person == .cleo ? .anna : .cleo)
    }
  }

  private static let pauses: [Duration] = [
    .milliseconds(1), .milliseconds(60), .milliseconds(150), .seconds(1), .seconds(4), .seconds(11),
    .seconds(61), .seconds(700),
  ]

  private static func step(_ choices: inout Choices, _ node: WatchedReplica) throws {
    switch choices.below(15) {
    case 0: try node.linkUp(SampleOffice.Person.allCases[choices.below(5)])
    case 1: try node.linkDown(choices.byte())
    case 2: try node.pass(pauses[choices.below(pauses.count)])
    case 3: try say(entries, &choices, node)
    case 4:
      node.wasForked = true
      try say(forks, &choices, node)
    case 5:
      let (link, kind) = (choices.byte(), choices.byte())
      try node.say(kind, choices.piece(), on: link)
    case 6:
      let link = choices.byte()
      let group = group(&choices, node)
      let items = items(&choices)
      let isFrontier = choices.byte() & 1 == 0
      try node.say(isFrontier ? .frontier(group, items) : .have(group, items), on: link)
    case 7:
      let link = choices.byte()
      let group = group(&choices, node)
      let wants = items(&choices).map {
        Message.Want(feed: $0.feed, branch: $0.branch, from: $0.seq)
      }
      try node.say(.want(group, wants), on: link)
    case 8:
      let link = choices.byte()
      let isEqual = choices.byte() & 1 == 0
      let group = group(&choices, node)
      try node.sayDigest(of: group, isEqual: isEqual, on: link)
    case 9: try node.answerStores(1 + choices.below(10))
    case 10: try node.answerLoad(isThere: choices.byte() & 3 != 0)
    case 11: try node.write(choices.byte(), in: office.groups[choices.below(2)])
    case 12: try node.serve(choices.byte(), isThere: choices.byte() & 7 != 0)
    case 13:
      let link = choices.byte()
      for content in entries { try node.say(Message.entriesKind, content, on: link) }
    default: try node.renewEpoch(office.groups[choices.below(2)])
    }
  }

  /// Entries as somebody wrote them, or changed on their way.
  private static func say(
    _ contents: [[UInt8]], _ choices: inout Choices, _ node: WatchedReplica
  ) throws {
    let link = choices.byte()
    var content = contents[choices.below(contents.count)]
    let changes = choices.below(4)
    for _ in 0..<changes { Edit.apply(&choices, to: &content) }
    try node.say(Message.entriesKind, content, on: link)
  }

  private static func group(_ choices: inout Choices, _ node: WatchedReplica) -> GroupID {
    switch choices.below(6) {
    case 0, 1: office.groups[0]
    case 2: office.groups[1]
    case 3: GroupID(Bytes32(repeating: choices.byte()))
    default: office.office
    }
  }

  /// Every place that the office has, with the beginning of the ID of what stands there.
  private static let places: [FrontierItem] = (office.log + office.forks).flatMap { batch in
    batch.entries.map {
      FrontierItem(
        feed: batch.feed, branch: BranchID(Bytes16()), seq: $0.seq, prefix: $0.id.prefix)
    }
  }

  /// A few heads, true or not, in their order.
  private static func items(_ choices: inout Choices) -> [FrontierItem] {
    var items: [FeedPlace: FrontierItem] = [:]
    for _ in 0..<choices.below(5) {
      let known = places[choices.below(places.count)]
      let other = places[choices.below(places.count)]
      let kind = choices.byte()
      let branch = kind & 1 == 0 ? BranchID(Bytes16()) : BranchID(other.prefix)
      let seqs: [UInt32] = [known.seq, known.seq + 1, 0, .max - 1, known.seq + 1_000, 1 << 31]
      let seq = seqs[Int(kind >> 1) % seqs.count]
      let prefix = kind & 32 == 0 ? known.prefix : other.prefix
      let item = FrontierItem(feed: known.feed, branch: branch, seq: seq, prefix: prefix)
      items[item.place] = item
    }
    return items.keys.sorted().compactMap { items[$0] }
  }
}
