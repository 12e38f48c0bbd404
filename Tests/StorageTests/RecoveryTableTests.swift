import Testing

@testable import Storage

/// The recovery table: every combination of what can be found has one case and one action.
struct RecoveryTableTests {
  @Test func `every combination of a segment's facts has the action the chapter names`() {
    var counts: [SegmentCase: Int] = [:]
    for head in SegmentCase.Head.allCases {
      for link in SegmentCase.Link.allCases {
        for isLast in [false, true] {
          for isReadable in [false, true] {
            for isVouched in [false, true] {
              let found = SegmentCase(
                head, link, isVouched: isVouched, isLast: isLast, isReadable: isReadable)
              counts[found, default: 0] += 1
              let action = found.action
              var expected = expected(head, link, isLast: isLast, isReadable: isReadable)
              if expected == .remove, isVouched { expected = .report }
              #expect(action == expected)
            }
          }
        }
      }
    }
    #expect(Set(counts.keys) == Set(SegmentCase.allCases))
    let total = counts.values.reduce(0, +)
    #expect(total == 168)
  }

  private func expected(
    _ head: SegmentCase.Head, _ link: SegmentCase.Link, isLast: Bool, isReadable: Bool
  ) -> SegmentCase.Action {
    switch head {
    case .tooNew: return .refuse
    case .absent, .foreign, .misnamed: return .report
    case .good: return link == .differs ? .readAndReport : .read
    case .blank, .bad:
      if isReadable { return isLast ? .readAndHeal : .readAndReport }
      return isLast ? .remove : .report
    }
  }

  @Test func `only bytes that nothing vouches for are ever cut off`() {
    var found: Set<RecordCase> = []
    for isReadable in [false, true] {
      for isCertified in [false, true] {
        for isSigned in [false, true] {
          let record = RecordCase(
            isReadable: isReadable, isCertified: isCertified, isSigned: isSigned)
          found.insert(record)
          let expected: RecordCase.Action =
            if !isReadable {
              isCertified ? .report : .cutFromHere
            } else {
              isSigned ? .keep : .report
            }
          #expect(record.action == expected)
        }
      }
    }
    #expect(found == Set(RecordCase.allCases))
  }
}
