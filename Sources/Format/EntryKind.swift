/// What an entry is for; the raw value is its byte.
package enum EntryKind: UInt8, Sendable, CaseIterable {
  case genesis = 1
  case message = 2
  case control = 3
  case epoch = 4
  case share = 5
  case erase = 6
  case seal = 7
  case keys = 8
  case adopt = 9

  /// Whether an entry of this kind may stand without its body.
  package var isErasable: Bool { self == .message || self == .epoch || self == .share }

  /// Whether this version knows what the kind means.
  package var hasEffect: Bool { rawValue >= 1 && rawValue <= 4 }
}

/// Where the fields of a header stand.
package enum HeaderLayout {
  package static let kind = 1
  package static let flags = 2
  package static let group = 4
  package static let feed = 36
  package static let seq = 52
  package static let prev = 56
  package static let wall = 88
  package static let lamport = 96
  package static let epoch = 100
  package static let bodySize = 116
  package static let bodyHash = 120
  package static let depCount = 152
  package static let deps = 153
  /// Bytes of a header without deps and ext.
  package static let sizeMin = 155
  package static let sizeMax = 155 + Limits.depsMax * Reference.size + Limits.extBytesMax
}
