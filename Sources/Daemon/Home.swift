import Cryptography
import Format
import Platform
import Replication
import Storage

/// The small files beside the logs: who this device is and what it remembers.
///
/// `keys` is written once and never touched again; a file is replaced whole or not at all.
struct Home {
  let disk: any Disk

  static let recovery = DiskPath.root.appending("recovery.key")
  static let recoveryDone = DiskPath.root.appending("recovery.done")
  static let copyWords = DiskPath.root.appending("copied-said")
  /// Where `keys` was first seen, which tells a copy from the original.
  static let origin = DiskPath.root.appending("origin")
  /// The ticket with which this computer tries to join an office.
  static let joining = DiskPath.root.appending("joining")
  /// The office that was to be founded here, until all of it is there.
  static let founding = DiskPath.root.appending("founding")
  /// A change of owners that waits for another owner to agree.
  static let ownersLine = DiskPath.root.appending("owners-line")
  /// Which changes of ranks a person was shown.
  static let newsSeen = DiskPath.root.appending("news-seen")
  static let addresses = DiskPath.root.appending("addresses")
  /// How far people have seen each group.
  static let seen = DiskPath.root.appending("seen")

  typealias Membership = HomeMembership
  typealias Fault = HomeFault

  /// The three secret keys, or nil where none were made yet.
  func readKeys() throws(Fault) -> DeviceSecrets? {
    guard var bytes = try HomeFile.keys.read(disk) else { return nil }
    defer { wipe(&bytes) }
    do {
      return try DeviceSecrets(content: bytes)
    } catch {
      throw .damaged("keys")
    }
  }

  func write(_ secrets: borrowing DeviceSecrets) throws(Fault) {
    // Where room is made later, what was there before stays behind.
    var bytes: [UInt8] = []
    bytes.reserveCapacity(96)
    defer { wipe(&bytes) }
    secrets.signing.withBytes { append($0, to: &bytes) }
    secrets.noise.withBytes { append($0, to: &bytes) }
    secrets.sealing.withBytes { append($0, to: &bytes) }
    try replace(.keys, bytes)
  }

  func readMembership() throws(Fault) -> Membership? { try HomeMembership.read(disk) }

  func write(_ membership: Membership) throws(Fault) {
    try replace(.office, membership.encode())
  }

  private func replace(_ file: HomeFile, _ content: [UInt8]) throws(Fault) {
    var bytes = file.encode(content)
    defer { if file.isSecret { wipe(&bytes) } }
    do {
      try disk.replace(file.path, with: bytes.span)
    } catch {
      throw .disk(error)
    }
  }

  /// A plain text file, or nil where there is none.
  func text(_ path: DiskPath, limit: Int) throws(Fault) -> [UInt8]? {
    do {
      guard try disk.status(at: path) != nil else { return nil }
      return try disk.readWhole(path, limit: limit)
    } catch {
      throw .disk(error)
    }
  }

  func writeText(_ path: DiskPath, _ bytes: [UInt8]) throws(Fault) {
    do {
      try disk.replace(path, with: bytes.span)
    } catch {
      throw .disk(error)
    }
  }
}

private func append(_ span: Span<UInt8>, to bytes: inout [UInt8]) {
  for index in span.indices { bytes.append(span[index]) }
}

private func wipe(_ bytes: inout [UInt8]) {
  var span = bytes.mutableSpan
  ConstantTime.wipe(&span)
}

/// `H(zr1.check; …)`, as typed lines want it.
func lineChecksum(_ bytes: [UInt8]) -> [UInt8] {
  Bytes16(Blake2b.hash16(.check, bytes.span)).array
}
