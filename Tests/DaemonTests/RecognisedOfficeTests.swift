import Discovery
import Format
import Testing

@testable import Daemon

/// Which announcements count as those of the own office.
struct RecognisedOfficeTests {
  private func office(_ byte: UInt8) throws -> GroupID {
    GroupID(try #require(Bytes32([UInt8](repeating: byte, count: 32))))
  }

  private func announcement(of office: GroupID, salt: UInt8) -> Announcement {
    let salt = [UInt8](repeating: salt, count: 8)
    return Announcement(salt: salt, hint: officeHint(office, salt: salt))
  }

  @Test func `only announcements of the own office are recognised`() throws {
    let (ours, theirs) = (try office(1), try office(2))
    let recognised = RecognisedOffice()
    #expect(!recognised.recognises(announcement(of: ours, salt: 7)), "no office yet")
    recognised.set(ours)
    for salt: UInt8 in 0..<32 {
      #expect(recognised.recognises(announcement(of: ours, salt: salt)))
      #expect(!recognised.recognises(announcement(of: theirs, salt: salt)))
    }
    // A hint seen on the network is of no use under another salt.
    let repeated = Announcement(
      salt: [UInt8](repeating: 9, count: 8), hint: announcement(of: ours, salt: 7).hint)
    #expect(!recognised.recognises(repeated))
    recognised.set(nil)
    #expect(!recognised.recognises(announcement(of: ours, salt: 7)), "no office any more")
  }
}
