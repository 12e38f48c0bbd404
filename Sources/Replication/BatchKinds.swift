package import Format

extension Batch {
  /// The facts of the feed that a batch begins.
  package func genesisFacts() throws(Violation) -> GenesisFacts {
    do throws(DecodeError) {
      guard let facts = GenesisFacts(try header(entries[0])) else { throw .broken(.e11) }
      return facts
    } catch {
      throw .decode(error)
    }
  }

  /// What takes the group to know: which messages are encrypted (E-15, K-6), and what a genesis
  /// founds (E-12). Stored entries are looked at through the same door as received ones.
  package func checkKinds(office: GroupID) throws(Violation) {
    let isOffice = group == office
    let span = records.raw
    for entry in entries {
      let at = Int(entry.headerAt)
      switch EntryKind(rawValue: entry.kind) {
      case .message where entry.flags & 0xff00 == 0:
        let isPlain = Bytes16(span, at + HeaderLayout.epoch).isZero
        guard isPlain == isOffice else { throw .decode(.broken(.e15)) }
        guard isPlain || Padding.isBodySize(Int(entry.bodySize)) else {
          throw .decode(.broken(.k6))
        }
      case .genesis where Bytes32(span, at + HeaderLayout.group).isZero:
        // The first genesis of the office log is no group's, and a group's names this office.
        guard let facts = try? genesisFacts(), (facts.group == nil) == isOffice,
          facts.group.map({ $0.office == office }) ?? true
        else { throw .foreignGroup(group) }
      default: break
      }
    }
  }
}
