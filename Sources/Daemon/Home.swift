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

  static let keys = DiskPath.root.appending("keys")
  static let office = DiskPath.root.appending("office")
  static let recovery = DiskPath.root.appending("recovery.key")
  static let recoveryDone = DiskPath.root.appending("recovery.done")
  static let delivered = DiskPath.root.appending("delivered")
  static let addresses = DiskPath.root.appending("addresses")

  /// Which office this directory belongs to, and as whom.
  struct Membership {
    let office: GroupID
    let member: MemberID
    /// The entry ID of this device's certificate; office_id for the founder's first device.
    let certificate: EntryID
    let sharedKey: Bytes32
  }

  /// Why a small file cannot be used.
  enum Fault: Error, CustomStringConvertible {
    case disk(DiskError)
    case damaged(String)

    var description: String {
      switch self {
      case .disk(let error): error.description
      case .damaged(let name):
        "the file \"\(name)\" is damaged; put it back from a copy of this computer, never of another"
      }
    }
  }

  private static let magic = Array("ZRK1".utf8)

  /// The three secret keys, or nil where none were made yet.
  func readKeys() throws(Fault) -> DeviceSecrets? {
    guard let bytes = try content(Self.keys, count: 96) else { return nil }
    do {
      return DeviceSecrets(
        signing: try SigningKey(bytes: bytes.span.extracting(0..<32)),
        noise: try NoiseKey(bytes: bytes.span.extracting(32..<64)),
        sealing: try SealingKey(bytes: bytes.span.extracting(64..<96)))
    } catch {
      throw .damaged("keys")
    }
  }

  func write(_ secrets: borrowing DeviceSecrets) throws(Fault) {
    var bytes: [UInt8] = []
    secrets.signing.withBytes { bytes.append(contentsOf: copied($0)) }
    secrets.noise.withBytes { bytes.append(contentsOf: copied($0)) }
    secrets.sealing.withBytes { bytes.append(contentsOf: copied($0)) }
    try replace(Self.keys, bytes)
    var span = bytes.mutableSpan
    ConstantTime.wipe(&span)
  }

  func readMembership() throws(Fault) -> Membership? {
    guard let bytes = try content(Self.office, count: 112) else { return nil }
    let span = bytes.raw
    return Membership(
      office: GroupID(Bytes32(span, 0)), member: MemberID(Bytes16(span, 32)),
      certificate: EntryID(Bytes32(span, 48)), sharedKey: Bytes32(span, 80))
  }

  func write(_ membership: Membership) throws(Fault) {
    var writer = Writer()
    writer.id(membership.office)
    writer.id(membership.member)
    writer.id(membership.certificate)
    writer.bytes32(membership.sharedKey)
    try replace(Self.office, writer.bytes)
  }

  /// The file's content behind magic and checksum; nil where there is no file.
  private func content(_ path: DiskPath, count: Int) throws(Fault) -> [UInt8]? {
    do {
      guard try disk.status(at: path) != nil else { return nil }
      let bytes = try disk.readWhole(path, limit: 4 + count + 32)
      guard bytes.count == 4 + count + 32, Array(bytes[..<4]) == Self.magic,
        checksum(Array(bytes[..<(4 + count)])) == Array(bytes[(4 + count)...])
      else { throw Fault.damaged(path.description) }
      return Array(bytes[4..<4 + count])
    } catch let error as DiskError {
      throw .disk(error)
    } catch let fault as Fault {
      throw fault
    } catch {
      throw .damaged(path.description)
    }
  }

  private func replace(_ path: DiskPath, _ content: [UInt8]) throws(Fault) {
    let head = Self.magic + content
    do {
      try disk.replace(path, with: (head + checksum(head)).span)
    } catch {
      throw .disk(error)
    }
  }

  private func checksum(_ bytes: [UInt8]) -> [UInt8] {
    Bytes32(Blake2b.hash(.check, bytes.raw)).array
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

private func copied(_ span: Span<UInt8>) -> [UInt8] {
  var out: [UInt8] = []
  out.reserveCapacity(span.count)
  for index in span.indices { out.append(span[index]) }
  return out
}

/// `H(zr1.check; …)`, as typed lines want it.
func lineChecksum(_ bytes: [UInt8]) -> [UInt8] {
  Bytes16(Blake2b.hash16(.check, bytes.span)).array
}
