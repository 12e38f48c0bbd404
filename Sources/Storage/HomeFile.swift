import Cryptography
package import Format
package import Platform

/// A small file beside the logs that is whole or not at all: a magic, its content, a checksum.
package struct HomeFile: Sendable {
  /// The three secret keys of this device, 32 bytes each: to sign, for links, to open copies.
  package static let keys = HomeFile("keys", contentSize: 96, isSecret: true)
  /// Which office this directory belongs to, and as whom.
  package static let office = HomeFile(
    "office", contentSize: HomeMembership.size, isSecret: false)

  private static let magic = Array("ZRK1".utf8)
  private static let checksumSize = 32

  package let path: DiskPath
  /// Whether every buffer that it passes through is wiped.
  package let isSecret: Bool
  private let contentSize: Int

  private init(_ name: FileName, contentSize: Int, isSecret: Bool) {
    path = .root.appending(name)
    (self.contentSize, self.isSecret) = (contentSize, isSecret)
  }

  /// The content behind magic and checksum, which the caller wipes where it is secret; nil where there
  /// is no file.
  package func read(_ disk: any ReadableDisk) throws(HomeFault) -> [UInt8]? {
    var bytes: [UInt8] = []
    defer {
      if isSecret {
        var span = bytes.mutableSpan
        ConstantTime.wipe(&span)
      }
    }
    let contentEnd = Self.magic.count + contentSize
    do throws(DiskError) {
      guard try disk.status(at: path) != nil else { return nil }
      bytes = try disk.readWhole(path, limit: contentEnd + Self.checksumSize)
    } catch {
      // A file that is longer than it can be was not written by a node.
      if error.reason == .tooLong { throw .damaged(path.description) }
      throw .disk(error)
    }
    guard bytes.count == contentEnd + Self.checksumSize,
      bytes.starts(with: Self.magic),
      Self.checksum(bytes.span.extracting(0..<contentEnd)).elementsEqual(bytes[contentEnd...])
    else { throw .damaged(path.description) }
    return Array(bytes[Self.magic.count..<contentEnd])
  }

  /// The bytes of a file with this content, in one buffer that never moved.
  package func encode(_ content: [UInt8]) -> [UInt8] {
    precondition(content.count == contentSize, "the content of \(path) has its size")
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.magic.count + contentSize + Self.checksumSize)
    bytes += Self.magic
    bytes += content
    bytes += Self.checksum(bytes.span)
    return bytes
  }

  private static func checksum(_ bytes: Span<UInt8>) -> [UInt8] {
    let hash = Blake2b.hash(.check, bytes)
    return hash.indices.map { hash[$0] }
  }
}

/// Why a small file beside the logs cannot be used.
package enum HomeFault: Error, Hashable, Sendable, CustomStringConvertible {
  case disk(DiskError)
  case damaged(String)

  package var description: String {
    switch self {
    case .disk(let error): error.description
    case .damaged(let name):
      "the file \"\(name)\" is damaged; put it back from a copy of this computer, never of another"
    }
  }
}

/// The content of the file `office`.
package struct HomeMembership: Hashable, Sendable {
  package static let size = 112
  package let office: GroupID
  package let member: MemberID
  /// The entry ID of this device's certificate; office_id for the founder's first device.
  package let certificate: EntryID
  package let sharedKey: Bytes32

  package init(office: GroupID, member: MemberID, certificate: EntryID, sharedKey: Bytes32) {
    (self.office, self.member) = (office, member)
    (self.certificate, self.sharedKey) = (certificate, sharedKey)
  }

  /// Reads the file; nil where there is none.
  package static func read(_ disk: any ReadableDisk) throws(HomeFault) -> HomeMembership? {
    guard let content = try HomeFile.office.read(disk) else { return nil }
    let span = content.raw
    return HomeMembership(
      office: GroupID(Bytes32(span, 0)), member: MemberID(Bytes16(span, 32)),
      certificate: EntryID(Bytes32(span, 48)), sharedKey: Bytes32(span, 80))
  }

  /// The content as it is written.
  package func encode() -> [UInt8] {
    var writer = Writer(capacity: Self.size)
    writer.id(office)
    writer.id(member)
    writer.id(certificate)
    writer.bytes32(sharedKey)
    return writer.bytes
  }
}
