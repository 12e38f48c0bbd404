/// How far the pasts of some entries of one group's log go in each of its feeds.
struct Reach {
  /// By the index of a feed: the seq behind the last entry that is in, 0 where none is.
  private var ends: [UInt32] = []
  /// By the index of a feed: how many of its cites were followed. Each is followed once: people who
  /// talk in turn cite each other with every message, and a feed that is reached a little further a
  /// thousand times would else be walked through a thousand times.
  private var followed: [Int32] = []
  private var open: [UInt32] = []
  /// How many cites were followed; tests of cost count by it.
  private(set) var stepCount = 0

  /// Whether an entry of a feed is in.
  func holds(_ feed: FeedState, _ seq: UInt32) -> Bool { seq < end(of: feed) }

  /// The seq behind the last entry of a feed that is in; 0 where none is.
  func end(of feed: FeedState) -> UInt32 {
    Int(feed.index) < ends.count ? ends[Int(feed.index)] : 0
  }

  /// Takes in an admitted entry and its past.
  mutating func add(_ start: FeedState, upTo seq: UInt32, in group: GroupState) {
    for _ in ends.count..<max(ends.count, group.feedList.count) {
      ends.append(0)
      followed.append(0)
    }
    extend(start.index, to: seq + 1)
    while let next = open.popLast() {
      let feed = group.feedList[Int(next)]
      // What stands before a strand is in the past of all of it.
      if let parent = feed.parent { extend(parent.index, to: feed.start) }
      let (end, cites) = (ends[Int(next)], feed.cites)
      var at = Int(followed[Int(next)])
      while at < cites.count, cites[at].seq < end {
        extend(cites[at].feed, to: cites[at].cited + 1)
        at += 1
        stepCount += 1
      }
      followed[Int(next)] = Int32(at)
    }
  }

  private mutating func extend(_ feed: UInt32, to end: UInt32) {
    guard ends[Int(feed)] < end else { return }
    ends[Int(feed)] = end
    open.append(feed)
  }
}
