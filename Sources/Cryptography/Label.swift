/// Every domain in which this protocol hashes or signs; a use without a label here does not exist.
package enum Label {
  /// What a BLAKE2b hash is for: its personal parameter, padded with zeros to 16 bytes.
  package enum Hash: CaseIterable, Sendable {
    case entry, body, psk, epochID, messageKey, nonce, sealKey, frontier, ticket, check, hint,
      commit,
      digits

    var personal: StaticString {
      switch self {
      case .entry: "zr1.entry\0\0\0\0\0\0\0"
      case .body: "zr1.body\0\0\0\0\0\0\0\0"
      case .psk: "zr1.psk\0\0\0\0\0\0\0\0\0"
      case .epochID: "zr1.epochid\0\0\0\0\0"
      case .messageKey: "zr1.msgkey\0\0\0\0\0\0"
      case .nonce: "zr1.nonce\0\0\0\0\0\0\0"
      case .sealKey: "zr1.sealkey\0\0\0\0\0"
      case .frontier: "zr1.frontier\0\0\0\0"
      case .ticket: "zr1.ticket\0\0\0\0\0\0"
      case .check: "zr1.check\0\0\0\0\0\0\0"
      case .hint: "zr1.hint\0\0\0\0\0\0\0\0"
      case .commit: "zr1.commit\0\0\0\0\0\0"
      case .digits: "zr1.digits\0\0\0\0\0\0"
      }
    }
  }

  /// What a signature is for: it covers this text, a zero byte, then the content.
  package enum Signature: CaseIterable, Sendable {
    case entry, certify, owners

    /// The text and its zero byte; no text holds a zero, so no two labels can meet.
    var prefix: StaticString {
      switch self {
      case .entry: "zr1 entry\0"
      case .certify: "zr1 certify\0"
      case .owners: "zr1 owners\0"
      }
    }
  }
}
