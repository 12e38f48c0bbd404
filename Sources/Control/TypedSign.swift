/// Beginnings of typed texts are compared byte by byte: a name may begin with a mark that joins the
/// sign before it to one character, and `hasPrefix` would not see the sign.
extension StringProtocol {
  /// Whether the text begins with these bytes.
  package func begins(_ beginning: String) -> Bool { utf8.starts(with: beginning.utf8) }

  /// What stands behind the sign of a person, `@`; nil where the text does not begin with it.
  package var behindSign: String? {
    begins("@") ? String(decoding: utf8.dropFirst(), as: UTF8.self) : nil
  }
}
