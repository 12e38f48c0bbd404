/// What recovery does with a segment (the first table of B-store, Recovery): one line per case, and a
/// test walks all of them.
package enum SegmentCase: Hashable, Sendable, CaseIterable {
  case tooNew, missing, foreign, misnamed, whole, unlinked, tornCreation, headless, headlessEnd,
    unreadable

  /// What the head of a segment was found to be.
  package enum Head: Hashable, Sendable, CaseIterable {
    case good, absent, blank, bad, foreign, misnamed, tooNew
  }

  /// What the link of a good head was found to be; unknown where nothing before it was read.
  package enum Link: Hashable, Sendable, CaseIterable {
    case fits, differs, unknown
  }

  /// The one case that fits; `isReadable`: some record group lies where the first one belongs;
  /// `isVouched`: something says that what the segment held was flushed.
  package init(_ head: Head, _ link: Link, isVouched: Bool, isLast: Bool, isReadable: Bool) {
    switch (head, link, isLast, isReadable) {
    case (.tooNew, _, _, _): self = .tooNew
    case (.absent, _, _, _): self = .missing
    case (.foreign, _, _, _): self = .foreign
    case (.misnamed, _, _, _): self = .misnamed
    case (.good, .differs, _, _): self = .unlinked
    case (.good, .fits, _, _), (.good, .unknown, _, _): self = .whole
    case (.blank, _, false, true), (.bad, _, false, true): self = .headless
    case (.blank, _, true, true), (.bad, _, true, true): self = .headlessEnd
    case (.blank, _, true, false), (.bad, _, true, false):
      self = isVouched ? .unreadable : .tornCreation
    case (.blank, _, false, false), (.bad, _, false, false): self = .unreadable
    }
  }

  /// What is done.
  package enum Action: Hashable, Sendable {
    case read, readAndReport, readAndHeal, remove, report, refuse
  }

  package var action: Action {
    switch self {
    case .whole: .read
    case .unlinked, .headless: .readAndReport
    case .headlessEnd: .readAndHeal
    case .tornCreation: .remove
    case .missing, .foreign, .misnamed, .unreadable: .report
    case .tooNew: .refuse
    }
  }
}

/// What recovery does with the bytes of a record group (the second table of B-store, Recovery).
package enum RecordCase: Hashable, Sendable, CaseIterable {
  case tornTail, damage, signed, unsigned

  /// The one case that fits. `isCertified`: something behind it was written after this had
  /// survived a flush, or the segment has a successor, or the head lock knows an entry that the log
  /// lacks without it.
  package init(isReadable: Bool, isCertified: Bool, isSigned: Bool) {
    switch (isReadable, isCertified, isSigned) {
    case (false, false, _): self = .tornTail
    case (false, true, _): self = .damage
    case (true, _, true): self = .signed
    case (true, _, false): self = .unsigned
    }
  }

  /// What is done.
  package enum Action: Hashable, Sendable {
    case keep, cutFromHere, report
  }

  package var action: Action {
    switch self {
    case .signed: .keep
    case .tornTail: .cutFromHere
    case .damage, .unsigned: .report
    }
  }
}
