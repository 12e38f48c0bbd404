import Cryptography
import Format
import Platform
import Storage
import TestSupport

@testable import Control
@testable import Daemon
@testable import Platform

/// The small files of a data directory and of its state directory, and those by which the system tells
/// computers apart.
enum HomeFiles {
  static let target = FuzzTarget(
    name: "files", kind: .decoder,
    abstract: "files beside the logs are read whole or not at all, and say the same once written",
    reaches: [
      "Storage", "Format", "Daemon/ReachedAddresses", "Daemon/CopyWords", "Control/BurntPorts",
      "Platform/Computer", "Platform/FileName",
    ], sizeMax: 2_048, seeds: { seeds() }, run: { try run($0) })

  private static func seeds() -> [[UInt8]] {
    let lock = HeadLock(
      counter: 7,
      surroundings: .init(machine: Bytes16(1, 2), boot: Bytes16(3, 4), device: 5, inode: 6),
      heads: [
        .init(
          group: GroupID(Bytes32()), feed: FeedID(Bytes16(7, 8)), seq: 9, id: EntryID(Bytes32()))
      ]
    ).encode()
    let addresses = "10.0.0.7:47474 \(String(repeating: "ab", count: 32))\n[::1]:1\n"
    let copy = [UInt8](repeating: 4, count: 64)
    return [
      [0] + HomeFile.keys.encode([UInt8](repeating: 1, count: 96)),
      [1] + HomeFile.office.encode([UInt8](repeating: 2, count: HomeMembership.size)),
      [2] + lock, [3] + [UInt8](repeating: 3, count: 200), [4] + Array(addresses.utf8), [5] + copy,
      [6] + Array(lock.dropLast(4)), [7] + BurntPorts.file([7490, 1, 65_535]),
      [7] + Array("0\n".utf8),
      [8] + Array("0123456789abcdef0123456789abcdef\n".utf8),
      [8] + Array("01234567-89ab-cdef-0123-456789abcdef\n".utf8),
    ]
  }

  /// The first byte says which file the rest is.
  static func run(_ input: [UInt8]) throws {
    guard let first = input.first else { return }
    let bytes = Array(input.dropFirst())
    switch first % 9 {
    case 0:
      guard let content = try? HomeFile.keys.read(disk(HomeFile.keys.path, bytes)) else { return }
      try needSame(HomeFile.keys.encode(content), bytes, "a file of keys")
    case 1:
      let disk = disk(HomeFile.office.path, bytes)
      guard let membership = try? HomeMembership.read(disk) else { return }
      try needSame(HomeFile.office.encode(membership.encode()), bytes, "a file of an office")
    case 2: try lock(bytes)
    case 3:
      let count = DeliveredFile.items(bytes).count
      try need(count == bytes.count / 100, "items of a file are left out")
    case 4:
      let addresses = ReachedAddresses(file: bytes)
      try need(
        addresses.lines.count <= ReachedAddresses.countMax
          && addresses.unnamed.count <= ReachedAddresses.countMax, "too many addresses are kept")
      let again = ReachedAddresses(file: addresses.file)
      try need(again.lines == addresses.lines, "addresses that are written are read as others")
    case 5:
      var words = CopyWords(bytes)
      let said = words.hear(DeviceKey(Bytes32()))
      try need(said?.count ?? 0 <= CopyWords.bytesMax, "a file of devices is too long")
    case 6:
      // With the checksum that no chance finds.
      let sum = ~Checksum.crc(~0, bytes)
      try lock(bytes + (0..<4).map { UInt8(truncatingIfNeeded: sum >> (24 - 8 * $0)) })
    case 7:
      guard let ports = BurntPorts.ports(in: bytes) else { return }
      try need(!ports.contains(0), "a port is kept that is none")
      try need(
        BurntPorts.ports(in: BurntPorts.file(ports)) == ports, "ports that are written are others")
    default: try identifier(bytes)
    }
  }

  private static func disk(_ path: DiskPath, _ bytes: [UInt8]) -> MemoryDisk {
    MemoryDisk(files: [path: bytes])
  }

  /// What a computer or its last start is called: its digits are the identifier's, and nothing else is
  /// there but hyphens and line feeds.
  private static func identifier(_ bytes: [UInt8]) throws {
    guard let identifier = Computer.parseIdentifier(bytes) else { return }
    let digits = bytes.filter { $0 != 0x2d && $0 != 0x0a }
    try need(digits == Array(identifier.hex.utf8), "an identifier has other digits than its file")
  }

  private static func lock(_ bytes: [UInt8]) throws {
    guard let lock = HeadLock(decoding: bytes) else { return }
    let written = lock.encode()
    try need(HeadLock(decoding: written) == lock, "a head lock that is written is read as another")
    // Those of one that a node wrote ascend; a reader takes any order and puts them into one.
    try need(bytes.count >= written.count, "a head lock is longer than the bytes it was read of")
  }
}

/// CRC-32C once more, bit by bit as appendix B states it and by no code of the product.
enum Checksum {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0x82f6_3b78 : sum >> 1 }
  }

  /// The register after more bytes.
  static func crc(_ register: UInt32, _ bytes: some Sequence<UInt8>) -> UInt32 {
    bytes.reduce(register) { table[Int(($0 ^ UInt32($1)) & 0xff)] ^ $0 >> 8 }
  }

  /// The register after a number of so many bytes, the highest first.
  static func crc(_ register: UInt32, number: UInt64, bytes: Int) -> UInt32 {
    crc(
      register,
      (0..<bytes).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64(bytes - 1 - $0))) })
  }
}
