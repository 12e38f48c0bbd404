package import Format

/// Names one interned view: the control-relevant entries that lie in the past of an entry.
///
/// Two views of one table are equal iff their names are; a name means nothing in another table.
package struct ViewID: Hashable, Sendable {
  @usableFromInline let index: Int32

  @usableFromInline init(index: Int32) { self.index = index }

  /// The view that holds nothing.
  @inlinable package static var empty: ViewID { ViewID(index: 0) }
}

/// Interns views: for each feed or branch the highest seq of a control-relevant entry in it.
///
/// A view is kept as pieces of 16 places that views share, so that a view which differs from another
/// in one place costs one piece and one short list, however large the office is. Views are never
/// given back, for what is cited later may name any of them; so nothing makes views that no entry
/// has: an entry takes one of the office and one of its group at most.
package final class ViewTable {
  /// One piece: `seq + 1` for each of 16 places, 0 where nothing of the place is in the view.
  typealias Piece = SIMD16<UInt32>

  /// A piece that is not empty, by its number.
  struct Slot: Hashable {
    var number: Int32
    var piece: Int32
  }

  private var lines: [FeedPlace: Int] = [:]
  /// For each line the highest value that a view was given.
  private var highestNamed: [UInt32] = []
  private var pieces: [Piece] = [Piece()]
  private var pieceNames: [Piece: Int32] = [Piece(): 0]
  private var views: [[Slot]] = [[]]
  private var viewNames: [[Slot]: Int32] = [[]: 0]
  private var unions: [UInt64: ViewID] = [:]
  private var lastUnion: (a: ViewID, b: ViewID, result: ViewID) = (.empty, .empty, .empty)
  /// How many unions were truly worked out; tests of cost count by it.
  private(set) var workCount = 0

  package init() {}

  /// How many views are interned.
  package var count: Int { views.count }

  /// Everything that is in one view or the other.
  @inlinable package func union(_ a: ViewID, _ b: ViewID) -> ViewID {
    a == b ? a : merged(a, b)
  }

  @usableFromInline func merged(_ a: ViewID, _ b: ViewID) -> ViewID {
    if b == .empty { return a }
    if a == .empty { return b }
    if a == lastUnion.a && b == lastUnion.b { return lastUnion.result }
    let (low, high) = (min(a.index, b.index), max(a.index, b.index))
    let key = UInt64(UInt32(low)) << 32 | UInt64(UInt32(high))
    let result: ViewID
    if let known = unions[key] {
      result = known
    } else {
      workCount += 1
      result = intern(merge(views[Int(a.index)], views[Int(b.index)]))
      // Forgotten at a bound: a union costs little to work out again.
      if unions.count >= 8_192 { unions.removeAll(keepingCapacity: true) }
      unions[key] = result
    }
    lastUnion = (a, b, result)
    return result
  }

  /// Everything that is in a view or in one of the others; no step on the way is interned.
  package func union(_ view: ViewID, _ others: [ViewID]) -> ViewID {
    let new = others.filter { !contains(view, all: $0) }
    guard new.count > 1 else { return new.first.map { union(view, $0) } ?? view }
    workCount += 1
    var held: [Int32: Piece] = [:]
    for one in [view] + new {
      for slot in views[Int(one.index)] {
        held[slot.number] = pointwiseMax(held[slot.number] ?? Piece(), pieces[Int(slot.piece)])
      }
    }
    return intern(
      held.sorted { $0.key < $1.key }.map { Slot(number: $0.key, piece: name($0.value)) })
  }

  /// The view with one more entry of a place in it, and so all before it.
  package func adding(_ view: ViewID, _ place: FeedPlace, _ seq: UInt32) -> ViewID {
    adding(view, line: line(of: place), seq)
  }

  /// The view with one more entry of an unforked feed in it.
  package func adding(_ view: ViewID, _ feed: FeedID, _ seq: UInt32) -> ViewID {
    adding(view, FeedPlace(feed: feed), seq)
  }

  /// Whether an entry of a place is in the view.
  package func contains(_ view: ViewID, _ place: FeedPlace, _ seq: UInt32) -> Bool {
    guard let line = lines[place] else { return false }
    return contains(view, line: line, seq)
  }

  /// Whether an entry of an unforked feed is in the view.
  package func contains(_ view: ViewID, _ feed: FeedID, _ seq: UInt32) -> Bool {
    contains(view, FeedPlace(feed: feed), seq)
  }

  /// The highest seq in the view for a place; nil where the view has nothing of it.
  package func highest(_ view: ViewID, _ place: FeedPlace) -> UInt32? {
    lines[place].flatMap { highest(view, line: $0) }
  }

  /// Whether any view was ever made that this entry is in.
  func isNamed(_ place: FeedPlace, _ seq: UInt32) -> Bool {
    lines[place].map { highestNamed[$0] > seq } ?? false
  }

  /// The highest seq in the view for each place, ascending by place.
  package func places(_ view: ViewID) -> [(place: FeedPlace, seq: UInt32)] {
    var out: [(place: FeedPlace, seq: UInt32)] = []
    for (place, line) in lines {
      if let seq = highest(view, line: line) { out.append((place, seq)) }
    }
    return out.sorted { $0.place < $1.place }
  }
}

extension ViewTable {
  /// The small number under which a place is kept here.
  func line(of place: FeedPlace) -> Int {
    if let known = lines[place] { return known }
    let new = lines.count
    lines[place] = new
    highestNamed.append(0)
    return new
  }

  func contains(_ view: ViewID, line: Int, _ seq: UInt32) -> Bool {
    value(view, line) > seq
  }

  func highest(_ view: ViewID, line: Int) -> UInt32? {
    let value = value(view, line)
    return value == 0 ? nil : value - 1
  }

  func adding(_ view: ViewID, line: Int, _ seq: UInt32) -> ViewID {
    guard !contains(view, line: line, seq) else { return view }
    let number = Int32(line >> 4)
    var slots = views[Int(view.index)]
    let at = position(slots, number)
    let isThere = at < slots.count && slots[at].number == number
    var piece = isThere ? pieces[Int(slots[at].piece)] : Piece()
    // No feed reaches the last number: the limits of sequence numbers end long before.
    let value = seq == .max ? .max : seq + 1
    piece[line & 15] = value
    highestNamed[line] = max(highestNamed[line], value)
    let slot = Slot(number: number, piece: name(piece))
    if isThere { slots[at] = slot } else { slots.insert(slot, at: at) }
    return intern(slots)
  }

  /// Whether all of `part` is in `whole`.
  package func contains(_ whole: ViewID, all part: ViewID) -> Bool {
    if whole == part || part == .empty { return true }
    var isPart = true
    compare(part, whole) { _, a, b in if any(a .> b) { isPart = false } }
    return isPart
  }

  /// The places where `whole` goes further than `part`, with the seqs that are new; nil if something
  /// of `part` is not in `whole`.
  func difference(_ whole: ViewID, minus part: ViewID) -> [(line: Int, new: Range<UInt32>)]? {
    var out: [(line: Int, new: Range<UInt32>)] = []
    var isPart = true
    compare(part, whole) { number, a, b in
      if any(a .> b) { isPart = false }
      for lane in 0..<16 where b[lane] > a[lane] {
        out.append((Int(number) << 4 | lane, a[lane]..<b[lane]))
      }
    }
    return isPart ? out : nil
  }

  /// The places where two views differ, with the seqs that the one has and the other has not.
  func differences(
    _ view: ViewID, _ other: ViewID
  ) -> (more: [(line: Int, seqs: Range<UInt32>)], less: [(line: Int, seqs: Range<UInt32>)]) {
    var more: [(line: Int, seqs: Range<UInt32>)] = []
    var less: [(line: Int, seqs: Range<UInt32>)] = []
    compare(other, view) { number, a, b in
      for lane in 0..<16 where a[lane] != b[lane] {
        let line = Int(number) << 4 | lane
        if a[lane] < b[lane] { more.append((line, a[lane]..<b[lane])) }
        if b[lane] < a[lane] { less.append((line, b[lane]..<a[lane])) }
      }
    }
    return (more, less)
  }

  /// Calls with each pair of pieces that differ.
  private func compare(
    _ a: ViewID, _ b: ViewID, _ body: (_ number: Int32, _ a: Piece, _ b: Piece) -> Void
  ) {
    let (left, right) = (views[Int(a.index)], views[Int(b.index)])
    var (i, j) = (0, 0)
    while i < left.count || j < right.count {
      if j == right.count || (i < left.count && left[i].number < right[j].number) {
        body(left[i].number, pieces[Int(left[i].piece)], Piece())
        i += 1
      } else if i == left.count || right[j].number < left[i].number {
        body(right[j].number, Piece(), pieces[Int(right[j].piece)])
        j += 1
      } else {
        if left[i].piece != right[j].piece {
          body(left[i].number, pieces[Int(left[i].piece)], pieces[Int(right[j].piece)])
        }
        (i, j) = (i + 1, j + 1)
      }
    }
  }

  private func merge(_ left: [Slot], _ right: [Slot]) -> [Slot] {
    var out: [Slot] = []
    out.reserveCapacity(max(left.count, right.count))
    var (i, j) = (0, 0)
    while i < left.count && j < right.count {
      let (a, b) = (left[i], right[j])
      if a.number < b.number {
        out.append(a)
        i += 1
      } else if b.number < a.number {
        out.append(b)
        j += 1
      } else {
        let same = a.piece == b.piece
        let piece =
          same
          ? a.piece
          : name(pointwiseMax(pieces[Int(a.piece)], pieces[Int(b.piece)]))
        out.append(Slot(number: a.number, piece: piece))
        (i, j) = (i + 1, j + 1)
      }
    }
    out.append(contentsOf: left[i...])
    out.append(contentsOf: right[j...])
    return out
  }

  private func value(_ view: ViewID, _ line: Int) -> UInt32 {
    let slots = views[Int(view.index)]
    let number = Int32(line >> 4)
    let at = position(slots, number)
    guard at < slots.count, slots[at].number == number else { return 0 }
    return pieces[Int(slots[at].piece)][line & 15]
  }

  /// Where the slot of this number stands or would stand.
  private func position(_ slots: [Slot], _ number: Int32) -> Int {
    // Most views have all pieces up to their last: the slot stands at its own number.
    if number < slots.count, slots[Int(number)].number == number { return Int(number) }
    var (low, high) = (0, slots.count)
    while low < high {
      let middle = (low + high) / 2
      if slots[middle].number < number { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func name(_ piece: Piece) -> Int32 {
    if let known = pieceNames[piece] { return known }
    let new = Int32(pieces.count)
    pieces.append(piece)
    pieceNames[piece] = new
    return new
  }

  private func intern(_ slots: [Slot]) -> ViewID {
    if let known = viewNames[slots] { return ViewID(index: known) }
    let index = Int32(views.count)
    views.append(slots)
    viewNames[slots] = index
    return ViewID(index: index)
  }
}
