package import Format

extension OfficeAuthority {
  /// The device that an admitted entry of the office log certifies, whether the certificate is in
  /// force or not; nil where the entry is not admitted here or certifies nobody.
  package func certifiedDevice(_ entry: EntryID) -> DeviceKey? {
    guard let known = index.byID[entry] else { return nil }
    switch index.entries[known].content {
    case .founding(let genesis): return genesis.certificate.device
    case .operation(.certify(let certification)): return certification.certificate.device
    case .operation, .heard: return nil
    }
  }
}
