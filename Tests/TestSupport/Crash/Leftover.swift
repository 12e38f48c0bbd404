/// What a power cut leaves of the changes that were not flushed.
package enum Leftover: Hashable, Sendable {
  case nothing, everything
  /// Of the last few changes those whose bit is set, the last one first; all that came before them.
  case some(of: UInt8)
  /// Of the last change its bytes before or behind a place of it, and all other changes or none.
  case torn(at: Int, isBack: Bool, others: Bool)
  /// What numbers from this seed say.
  case drawn(UInt64)

  /// So many of the last changes are told apart in every way.
  package static let everyMax = 5
  /// So many borders of a torn change are tried one by one.
  private static let bordersMax = 6
  /// What a disk writes in one step, and what a file system does.
  private static let (sector, page) = (512, 4_096)

  /// Those that are told one by one at a place of the tape, without what an earlier place has shown.
  package static func all(at cut: PowerCut) -> [Leftover] {
    let units = cut.units
    guard let last = units.last else { return cut.hasSettled ? [.nothing] : [] }
    let count = min(units.count, everyMax)
    let isNew = last.event == cut.place - 1
    guard isNew || cut.hasSettled else { return [] }
    var found: [Leftover] = []
    if cut.hasSettled { found.append(.nothing) }
    found.append(.everything)
    // The mask with all bits set is everything; without the last change it was there before.
    for mask in UInt8(0)..<(1 << UInt8(count)) - 1 where !isNew || mask & 1 == 1 {
      if mask == 0, units.count == count { continue }
      found.append(.some(of: mask))
    }
    if isNew, let written = last.written {
      for at in borders(written) {
        for isBack in [false, true] {
          for others in units.count == 1 ? [true] : [true, false] {
            found.append(.torn(at: at, isBack: isBack, others: others))
          }
        }
      }
    }
    return found
  }

  /// Where a write may be torn: between sectors, between pages, and at any byte; of many a few.
  private static func borders(_ written: Range<Int>) -> [Int] {
    func inside(_ size: Int) -> [Int] {
      let first = (written.lowerBound / size + 1) * size
      return stride(from: first, to: written.upperBound, by: size).map { $0 - written.lowerBound }
    }
    func few(_ all: [Int]) -> [Int] {
      guard all.count > bordersMax else { return all }
      return (0..<bordersMax).map { all[$0 * (all.count - 1) / (bordersMax - 1)] }
    }
    let bytes = written.count <= 1 ? [] : Array(1..<written.count)
    // Of what is short every byte: a prefix that is written over has sixteen.
    let single = written.count <= 24 ? bytes : few(bytes)
    return Set(few(inside(sector)) + few(inside(page)) + single).sorted()
  }

  /// The images of all disks.
  package func images(of cut: PowerCut) -> [DiskImage] {
    let units = cut.units
    switch self {
    case .nothing: return cut.images { _ in .none }
    case .everything: return cut.images { _ in .all }
    case .some(let mask):
      let last = units.reversed().prefix(Self.everyMax).map(\.event)
      return cut.images { unit in
        guard let at = last.firstIndex(of: unit.event) else { return .all }
        return mask >> UInt8(at) & 1 == 1 ? .all : .none
      }
    case .torn(let at, let isBack, let others):
      return cut.images { unit in
        guard unit == units.last, let count = unit.written?.count, at < count else {
          return others ? .all : .none
        }
        return .parts([isBack ? at..<count : 0..<at])
      }
    case .drawn(let seed):
      var chance = SeededGenerator(seed: seed)
      let shares = Self.draw(units, &chance)
      return cut.images { shares[$0.event] ?? .none }
    }
  }

  private static func draw(
    _ units: [PowerCut.Unit], _ chance: inout SeededGenerator
  ) -> [Int: PowerCut.Share] {
    // What lies long back is mostly there: a system writes after some seconds what nobody flushes.
    let recent = chance.oneIn(2) ? units.count : min(units.count, chance.number(1...6))
    var shares: [Int: PowerCut.Share] = [:]
    for unit in units.dropLast(recent) { shares[unit.event] = .all }
    for unit in units.suffix(recent) { shares[unit.event] = draw(unit, &chance) }
    return shares
  }

  private static func draw(
    _ unit: PowerCut.Unit, _ chance: inout SeededGenerator
  ) -> PowerCut.Share {
    let fate = chance.number(0...9)
    guard let written = unit.written, written.count > 1, fate > 5 else {
      return fate % 2 == 0 ? .all : .none
    }
    if fate < 8 {
      let at = chance.number(1...written.count - 1)
      return .parts([fate == 6 ? 0..<at : at..<written.count])
    }
    // Some of its sectors, whatever the order.
    var parts: [Range<Int>] = []
    var from = written.lowerBound
    while from < written.upperBound {
      let end = min(written.upperBound, (from / sector + 1) * sector)
      if chance.oneIn(2) { parts.append(from - written.lowerBound..<end - written.lowerBound) }
      from = end
    }
    return .parts(parts)
  }
}
