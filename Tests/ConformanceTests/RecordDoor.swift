import Format
import TestSupport
import Testing

@testable import Daemon
@testable import Discovery

/// The door for text records of mDNS: read by Discovery, recognised as the daemon does.
enum RecordDoor {
  static func record(_ vector: Vector) throws -> [String: String] {
    let office = GroupID(try #require(Bytes32(vector.hex("office"))))
    let record: TextRecord
    do throws(TextRecord.Refusal) {
      record = try TextRecord(decoding: vector.bytes)
    } catch {
      throw Refusal.decode("D-2")
    }
    guard let announcement = Announcement(record) else { throw Refusal.decode("D-1") }
    let isOurs = officeHint(office, salt: announcement.salt) == announcement.hint
    try need(isOurs, .verify("D-1"))
    #expect(Announcement(announcement.record) == announcement)
    return ["door": [announcement.isDoorOpen ? 1 : 0].hex]
  }
}
