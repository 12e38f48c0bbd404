/// Why bytes are not what they claim to be; each case is a rule of Protocol/.
package enum DecodeError: Error, Hashable, Sendable {
  /// The bytes end before the value does.
  case truncated(Rule)
  /// The bytes break a rule.
  case broken(Rule)

  /// The rule that was broken.
  package var rule: Rule {
    switch self {
    case .truncated(let rule), .broken(let rule): rule
    }
  }
}

extension DecodeError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .truncated(let rule): "the bytes end too early (\(rule.label))"
    case .broken(let rule): "\(rule.text) (\(rule.label))"
    }
  }
}

/// The labelled rules of Protocol/ that a reader of bytes can find broken.
package enum Rule: String, Hashable, Sendable, CaseIterable {
  case n1 = "N-1"
  case n2 = "N-2"
  case n3 = "N-3"
  case n5 = "N-5"
  case n6 = "N-6"
  case n7 = "N-7"
  case e1 = "E-1"
  case e2 = "E-2"
  case e3 = "E-3"
  case e4 = "E-4"
  case e5 = "E-5"
  case e6 = "E-6"
  case e7 = "E-7"
  case e8 = "E-8"
  case e9 = "E-9"
  case e11 = "E-11"
  case e12 = "E-12"
  case e13 = "E-13"
  case e14 = "E-14"
  case e15 = "E-15"
  case e16 = "E-16"
  case e17 = "E-17"
  case e19 = "E-19"
  case e20 = "E-20"
  case f1 = "F-1"
  case f2 = "F-2"
  case f4 = "F-4"
  case f5 = "F-5"
  case f6 = "F-6"
  case f10 = "F-10"
  case f11 = "F-11"
  case f13 = "F-13"
  case f14 = "F-14"
  case f15 = "F-15"
  case a1 = "A-1"
  case a2 = "A-2"
  case a7 = "A-7"
  case k1 = "K-1"
  case k2 = "K-2"
  case k3 = "K-3"
  case k6 = "K-6"
  case k7 = "K-7"
  case h1 = "H-1"
  case h2 = "H-2"
  case h3 = "H-3"
  case h8 = "H-8"
  case h12 = "H-12"
  case h13 = "H-13"
  case h14 = "H-14"
  case r1 = "R-1"
  case r13 = "R-13"

  /// The label under which Protocol/ states the rule.
  package var label: String { rawValue }

  /// The rule in a few words, for logs and inspect.
  package var text: String {
    switch self {
    case .n1: "a typed line has its alphabet, its checksum and its fields"
    case .n2: "a varint takes the fewest bytes and at most 64 bits"
    case .n3: "a name has 1 to 128 bytes of UTF-8 without control characters"
    case .n5: "a typed line begins with its prefix"
    case .n6: "a typed line is of a version this node knows"
    case .n7: "a signature is what libsodium accepts"
    case .e1: "the format is 1"
    case .e2: "the kind is not 0"
    case .e3: "the header ends where its lengths say"
    case .e4: "the body has at most 65,536 bytes, and no hash where it has none"
    case .e5: "genesis, sequence, backlink, feed and group agree"
    case .e6: "at most 16 deps, ascending by feed, never the own one"
    case .e7: "extensions ascend by type and fill at most 512 bytes"
    case .e8: "the lamport is 1 at a beginning without deps and more elsewhere"
    case .e9: "the kind says whether an epoch is named"
    case .e11: "a genesis holds the facts of its feed"
    case .e12: "an entry names the feed and group of its genesis"
    case .e13: "an entry of this kind comes with its body"
    case .e14: "the office genesis certifies its author as owner"
    case .e15: "messages are encrypted everywhere but in the office log"
    case .e16: "the body has the size of its kind"
    case .e17: "content has the fields of its type"
    case .e19: "padding has the least size that fits, and zeros"
    case .e20: "a body is the one its header names"
    case .f1: "an entry follows the one before it"
    case .f2: "the signature is the feed's device's"
    case .f4: "a dep names an entry that exists"
    case .f5: "the lamport is one more than the highest of its past"
    case .f6: "the author has the right to write this here"
    case .f10: "a batch has at most 256 entries and 262,144 bytes"
    case .f11: "a batch ends at a signed entry"
    case .f13: "a batch has one encoding"
    case .f14: "the IDs of a genesis are recomputed"
    case .f15: "a batch continues what is held"
    case .a1: "an operation has exactly its fields"
    case .a2: "a certificate is signed by its device and by its ticket"
    case .a7: "tickets, owners and suspensions are made by those who may"
    case .k1: "an epoch lists its sealed copies in order"
    case .k2: "a sealed secret opens and makes the epoch it names"
    case .k3: "an epoch is sealed to this device"
    case .k6: "an encrypted body has a padded size"
    case .k7: "a message opens under its epoch"
    case .h1: "a link opens with the preface"
    case .h2: "handshake messages have their fixed sizes and verify"
    case .h3: "a greeting has 64 bytes"
    case .h8: "a frame has at most 65,535 bytes and verifies"
    case .h12: "nobody says at a door who they are before the digits"
    case .h13: "at a door both sides speak in turn"
    case .h14: "what is opened is what was committed to"
    case .r1: "a message has exactly its fields"
    case .r13: "entries that begin a branch bear its name and follow the entry that it leaves"
    }
  }
}
