import Format
import Testing

@testable import Authority

@Suite struct ViewTableTests {
  func places(_ count: Int) -> [FeedPlace] {
    var names = Names(seed: 11)
    return (0..<count).map { _ in FeedPlace(feed: FeedID(names.bytes32().prefix)) }
  }

  @Test func `a view holds an entry and all before it in its feed`() {
    let table = ViewTable()
    let feeds = places(2)
    let view = table.adding(.empty, feeds[0], 5)
    #expect(table.contains(view, feeds[0], 0) && table.contains(view, feeds[0], 5))
    #expect(!table.contains(view, feeds[0], 6) && !table.contains(view, feeds[1], 0))
    #expect(!table.contains(.empty, feeds[0], 0))
    #expect(table.adding(view, feeds[0], 3) == view)
    #expect(table.contains(view, feeds[0].feed, 5))
    #expect(table.places(view).map(\.seq) == [5])
  }

  @Test func `equal views have one name however they came about`() {
    let table = ViewTable()
    let feeds = places(40)
    var forward = ViewID.empty
    var backward = ViewID.empty
    for (seq, feed) in feeds.enumerated() { forward = table.adding(forward, feed, UInt32(seq)) }
    for (seq, feed) in feeds.enumerated().reversed() {
      backward = table.adding(backward, feed, UInt32(seq))
    }
    #expect(forward == backward)
    #expect(table.union(forward, backward) == forward)
  }

  @Test(arguments: 1...20) func `a union holds exactly what is in one or the other`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let table = ViewTable()
    let feeds = places(50)
    func draw() -> ([Int: UInt32], ViewID) {
      var model: [Int: UInt32] = [:]
      var view = ViewID.empty
      for _ in 0..<Int.random(in: 0...30, using: &generator) {
        let feed = Int.random(in: 0..<50, using: &generator)
        let seq = UInt32.random(in: 0...9, using: &generator)
        model[feed] = max(model[feed] ?? 0, seq)
        view = table.adding(view, feeds[feed], seq)
      }
      return (model, view)
    }
    for _ in 0..<20 {
      let ((a, viewA), (b, viewB)) = (draw(), draw())
      let both = a.merging(b) { max($0, $1) }
      let union = table.union(viewA, viewB)
      #expect(union == table.union(viewB, viewA))
      #expect(
        table.places(union).map(\.seq)
          == feeds.indices.filter { both[$0] != nil }.sorted { feeds[$0] < feeds[$1] }
          .compactMap { both[$0] })
      let isPart = a.allSatisfy { feed, seq in b[feed].map { $0 >= seq } ?? false }
      #expect(table.contains(viewB, all: viewA) == isPart)
      let difference = table.difference(viewB, minus: viewA)
      #expect((difference != nil) == isPart)
      if let difference {
        let expected = b.reduce(0) { $0 + Int($1.value) + 1 - (a[$1.key].map { Int($0) + 1 } ?? 0) }
        #expect(difference.reduce(0) { $0 + $1.new.count } == expected)
      }
    }
  }

  @Test func `a union that was asked for before costs no work`() {
    let table = ViewTable()
    let feeds = places(2)
    let a = table.adding(.empty, feeds[0], 1)
    let b = table.adding(.empty, feeds[1], 1)
    for _ in 0..<1_000 {
      _ = table.union(a, b)
      _ = table.union(b, a)
      _ = table.union(a, a)
      _ = table.union(.empty, b)
    }
    #expect(table.workCount == 1)
  }

  @Test func `a union of many is that of two after two, without a view for each step`() {
    let table = ViewTable()
    let feeds = places(60)
    let parts = (0..<16).map { number in
      table.adding(table.adding(.empty, feeds[number * 3], 7), feeds[number], UInt32(number))
    }
    let before = table.count
    let whole = table.union(parts[0], parts)
    #expect(table.count == before + 1)
    #expect(parts.allSatisfy { table.contains(whole, all: $0) })
    #expect(table.union(whole, parts) == whole)
    #expect(table.union(parts[3], [parts[3], .empty]) == parts[3])
    #expect(table.count == before + 1)
    #expect(table.union(.empty, parts) == whole)
    #expect(parts.reduce(.empty) { table.union($0, $1) } == whole)
  }

  @Test func `the highest sequence number is held without a trap`() {
    let table = ViewTable()
    let feed = places(1)[0]
    let view = table.adding(.empty, feed, .max)
    #expect(table.contains(view, feed, .max - 1))
  }
}
