package import Format

/// One place of a log that cannot be read, and what is known of what stood there.
package struct Damage: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  package enum Kind: Hashable, Sendable {
    case group(GroupFault)
    /// A segment that is not used as a whole.
    case segment(SegmentFault)
    /// A record group that does not continue its feed: what comes before it is missing. The same
    /// keeps out all that follows in the feed, which `lost` names too.
    case gap(expected: UInt32, found: UInt32)
    /// A record group that contradicts entries that are held under the same places.
    case conflict
    /// Entries of another device without a signature: nobody vouches for them.
    case unsigned
    /// The disk could not read it.
    case unreadable(String)
  }

  package let group: GroupID
  package let segment: UInt32
  package let offset: UInt64
  package let length: UInt64
  package let kind: Kind
  /// Which entries stood there, where that is known.
  package let lost: LostEntries?

  package init(
    group: GroupID, segment: UInt32, offset: UInt64, length: UInt64, kind: Kind,
    lost: LostEntries?
  ) {
    (self.group, self.segment, self.offset) = (group, segment, offset)
    (self.length, self.kind, self.lost) = (length, kind, lost)
  }

  /// The same damage, with what it lost reaching further.
  func reaching(_ last: UInt32) -> Damage {
    Damage(
      group: group, segment: segment, offset: offset, length: length, kind: kind,
      lost: lost.map { lost in
        LostEntries(place: lost.place, first: lost.first, last: max(lost.last, last))
      })
  }

  /// The same place, of which something else is known now.
  func being(_ kind: Kind) -> Damage {
    Damage(
      group: group, segment: segment, offset: offset, length: length, kind: kind, lost: lost)
  }

  /// Whether entries may have stood there that cannot be read: none in a segment that was begun and never
  /// got any, and none where all of it is read.
  var mayHaveHeldEntries: Bool {
    switch kind {
    case .segment(.badLink), .segment(.badHead(isRead: true)): false
    case .segment(.badHead(isRead: false)): length > UInt64(SegmentHead.size)
    default: true
    }
  }

  package var description: String {
    let what: String =
      switch kind {
      case .group(let fault): fault.description
      case .segment(let fault): fault.description
      case .gap(let expected, let found):
        "entry \(found) of a feed does not continue it: entry \(expected) is missing"
      case .unsigned: "a record group bears no signature"
      case .conflict: "a record group contradicts entries that are held"
      case .unreadable(let text): text
      }
    let place = "group \(group), segment \(segment), bytes \(offset) to \(offset + length)"
    guard let lost else { return "\(place): \(what)" }
    return "\(place): \(what) (feed \(lost.place.feed), entries \(lost.first) to \(lost.last))"
  }
}

/// Entries that a damaged place held.
package struct LostEntries: Hashable, Sendable {
  package let place: FeedPlace
  package let first: UInt32
  package let last: UInt32

  package init(place: FeedPlace, first: UInt32, last: UInt32) {
    (self.place, self.first, self.last) = (place, first, last)
  }
}

/// What is wrong with a segment as a whole.
package enum SegmentFault: Hashable, Sendable, CustomStringConvertible {
  /// Its head is damaged; `isRead` where its record groups could be read all the same.
  case badHead(isRead: Bool)
  /// Its head belongs to another group.
  case foreign(GroupID)
  /// Its head has another number than its name: swapped, or a copy.
  case misnamed(UInt32)
  /// There is no file of this number though there is one of a higher number.
  case missing
  /// What bears its name is a symbolic link, a directory or something else that no store made.
  case irregular
  /// Its head cites another end of the segment before than that has.
  case badLink

  package var description: String {
    switch self {
    case .badHead(let isRead):
      "the head of the segment is damaged" + (isRead ? "" : " and its entries cannot be read")
    case .foreign(let group): "the segment belongs to group \(group)"
    case .misnamed(let number): "the segment is number \(number) by its head"
    case .missing: "the segment is missing"
    case .irregular: "the segment is no ordinary file"
    case .badLink: "the segment does not follow the one before it"
    }
  }
}
