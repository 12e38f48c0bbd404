import Format
import Platform
import TestSupport

@testable import Daemon
@testable import Discovery

/// What strangers say by mDNS: text records, names of services, addresses.
enum Records {
  static let target = FuzzTarget(
    name: "record", kind: .decoder,
    abstract:
      "a text record that is read says the same once written; names and addresses come back",
    reaches: ["Discovery", "Platform", "Daemon/OfficeHint"], sizeMax: 1_400, seeds: { seeds() },
    run: { try run($0) })

  private static func seeds() -> [[UInt8]] {
    Vector.of("record").map { [0] + $0.bytes }
      + [[1] + Array("0123456789abcdef".utf8), [2] + [10, 0, 0, 7]]
      + [[2] + [0xfe, 0x80] + [UInt8](repeating: 1, count: 14)]
  }

  /// The first byte says what the rest is.
  static func run(_ input: [UInt8]) throws {
    guard let first = input.first else { return }
    let bytes = Array(input.dropFirst())
    switch first % 3 {
    case 0: try record(bytes)
    case 1:
      guard let name = InstanceName(bytes: bytes) else { return }
      try need(Array(name.description.utf8) == bytes, "a name of a service is read as another")
    default: try address(bytes)
    }
  }

  private static func record(_ bytes: [UInt8]) throws {
    guard let record = try? TextRecord(decoding: bytes) else { return }
    let strings = record.strings
    try need(strings.count <= DiscoveryLimits.textPairsMax, "a record has too many strings")
    try need(strings.allSatisfy { $0.count <= 255 }, "a string of a record is too long")
    let written = strings.flatMap { [UInt8($0.count)] + $0 }
    try need((try? TextRecord(decoding: written)) == record, "a record says something else again")
    guard let announcement = Announcement(record) else { return }
    let again = announcement.record.strings.flatMap { [UInt8($0.count)] + $0 }
    let known = (try? TextRecord(decoding: again)).flatMap { Announcement($0) }
    try need(known == announcement, "an announcement says something else again")
    _ = officeHint(GroupID(Bytes32()), salt: announcement.salt)
  }

  private static func address(_ bytes: [UInt8]) throws {
    guard let address = IPAddress(bytes: bytes, scope: 1) else { return }
    let again = IPAddress(bytes: address.bytes, scope: address.scope)
    try need(again == address, "an address has other bytes than it was made of")
    // Of one without an interface the text alone says all.
    guard address.scope == 0 else { return }
    let read = try? IPAddress(parsing: address.description)
    try need(read == address, "the text of an address is read as another")
    let whole = SocketAddress(address, port: 47_474)
    try need(
      (try? SocketAddress(parsing: whole.description, defaultPort: 1)) == whole,
      "the text of an address and port is read as another")
  }
}
