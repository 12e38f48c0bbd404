/// Numbers that two histories share iff they differ in nothing but names: in the order in which
/// concurrent entries were thought of, and in who of those with equal parts plays which.
struct CanonicalMarks {
  private let symmetries: [[Int]]
  private let openingCount: Int
  /// For each symmetry the marks of the entries behind the opening.
  private var marks: [[UInt64]]
  private var sums: [UInt64]

  init(_ symmetries: [[Int]], openingCount: Int) {
    (self.symmetries, self.openingCount) = (symmetries, openingCount)
    marks = symmetries.map { _ in [] }
    sums = symmetries.map { _ in 0 }
  }

  /// The mark of the whole history.
  var value: UInt64 { sums.min() ?? 0 }

  /// Takes in the last entry of a history.
  mutating func append(_ history: History) {
    let entry = history.entries[history.entries.count - 1]
    for number in symmetries.indices {
      let mark = mark(of: entry, symmetries[number], marks[number], history.forkCount)
      marks[number].append(mark)
      sums[number] &+= Self.mix(0x51, mark)
    }
  }

  private func mark(
    of entry: History.Entry, _ symmetry: [Int], _ marks: [UInt64], _ forkCount: Int
  ) -> UInt64 {
    func named(entry: Int) -> UInt64 {
      entry < openingCount
        ? UInt64(entry) + 1
        : entry - openingCount == marks.count ? 0x77 : marks[entry - openingCount]
    }
    func named(device: Int) -> UInt64 {
      device < Cast.count
        ? UInt64(symmetry[device]) + 1
        : Self.mix(0x33, named(entry: device - Cast.count))
    }
    func named(set: UInt64) -> UInt64 {
      EntrySet(bits: set).reduce(0) { $0 &+ Self.mix(0x44, named(device: $1)) }
    }
    // The opening's certificates differ by whom they certify.
    var mark = named(device: entry.device)
    if entry.certificate >= openingCount {
      mark = Self.mix(mark, named(entry: entry.certificate))
    }
    for word in Self.words(entry.act, named(entry:), named(device:), named(set:)) {
      mark = Self.mix(mark, word)
    }
    let past = entry.past.filter { $0 >= openingCount }
    mark = Self.mix(mark, past.reduce(0) { $0 &+ Self.mix(0x22, marks[$1 - openingCount]) })
    let after = entry.after.map { $0 < openingCount ? 1 : named(entry: $0) } ?? 1
    return Self.mix(Self.mix(mark, after), UInt64(forkCount))
  }

  private static func words(
    _ act: Act, _ entry: (Int) -> UInt64, _ device: (Int) -> UInt64, _ set: (UInt64) -> UInt64
  ) -> [UInt64] {
    func number(_ choice: CutChoice) -> UInt64 {
      switch choice {
      case .none: 1
      case .nothing: 2
      case .seen(let branch): 3 + UInt64(branch)
      }
    }
    return switch act {
    case .founding: [1]
    case .certify(let one, let member, let rank): [2, device(one), device(member), UInt64(rank)]
    case .join(let key, let one, let member): [3, entry(key), device(one), device(member)]
    case .remove(let member, let choice): [4, device(member), number(choice)]
    case .removeDevice(let one, let choice): [5, device(one), number(choice)]
    case .rank(let member, let rank, let choice):
      [6, device(member), UInt64(rank), number(choice)]
    case .owners(let members, let signers, let isRecovery):
      [7, set(members), set(signers), isRecovery ? 1 : 0]
    case .suspend(let one): [8, device(one)]
    case .ticket(let member, let key): [9, member.map(device) ?? 0, entry(key)]
    case .revoke(let key): [10, entry(key)]
    case .add(let member, let grade): [11, device(member), UInt64(grade)]
    case .expel(let member, let choice): [12, device(member), number(choice)]
    case .send: [13]
    case .share: [14]
    }
  }

  private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
    var mixed = (a ^ (b &* 0x9e37_79b9_7f4a_7c15)) &+ 0x2545_f491_4f6c_dd1d
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

extension Cast {
  /// All ways to swap those of equal parts who are named.
  static func symmetries(_ parts: [Range<Int>]) -> [[Int]] {
    parts.reduce([Array(0..<count)]) { known, part in
      known.flatMap { symmetry in
        permutations(Array(part)).map { order in
          var next = symmetry
          for (place, one) in zip(part, order) { next[place] = symmetry[one] }
          return next
        }
      }
    }
  }

  private static func permutations(_ list: [Int]) -> [[Int]] {
    guard let first = list.first else { return [[]] }
    return permutations(Array(list.dropFirst())).flatMap { rest in
      (0...rest.count).map { Array(rest[..<$0]) + [first] + Array(rest[$0...]) }
    }
  }
}
