import Format

/// What the disk was found unable to read of the logs: each further try may take it half a minute, in
/// which nobody else is answered. It is forgotten with the reader, when the logs are read anew (S-13).
struct BadPlaces {
  private struct Segment: Hashable {
    let group: GroupID
    let number: UInt32
  }

  /// Bytes that cannot be read, and what the system said.
  private var lost: [Segment: [(bytes: Range<UInt64>, text: String)]] = [:]
  /// Bytes somewhere among which some cannot be read: record groups there are read one by one.
  private var doubtful: [Segment: [Range<UInt64>]] = [:]

  private static func bytes(of place: RecordPlace) -> Range<UInt64> {
    UInt64(place.offset)..<place.end
  }

  /// A record group could not be read. Where it lies within one block, neither can its neighbours there.
  mutating func noteLost(_ group: GroupID, _ place: RecordPlace, _ text: String) {
    let block = UInt64(Limits.readBlockBytes)
    var bytes = Self.bytes(of: place)
    let start = bytes.lowerBound / block * block
    if bytes.upperBound <= start + block { bytes = start..<start + block }
    lost[Segment(group: group, number: place.segment), default: []].append((bytes, text))
  }

  /// What the system said of a record group that cannot be read; nil where nothing is known of it.
  func lost(_ group: GroupID, _ place: RecordPlace) -> String? {
    lost[Segment(group: group, number: place.segment)]?.first {
      $0.bytes.overlaps(Self.bytes(of: place))
    }?.text
  }

  /// These bytes could not be read together.
  mutating func noteDoubtful(_ group: GroupID, _ segment: UInt32, _ bytes: Range<UInt64>) {
    doubtful[Segment(group: group, number: segment), default: []].append(bytes)
  }

  /// Whether record groups there are read one by one.
  func isDoubtful(_ group: GroupID, _ place: RecordPlace) -> Bool {
    doubtful[Segment(group: group, number: place.segment)]?.contains {
      $0.overlaps(Self.bytes(of: place))
    } ?? false
  }
}
