import Discovery
import Format
import Synchronization

/// The office whose announcements are this node's own to follow: set by the loop, asked on
/// discovery's thread, so that strangers who announce thousands displace only each other.
final class RecognisedOffice: Sendable {
  private let office = Mutex<GroupID?>(nil)

  /// From here on announcements of this office are recognised, and no others; nil: none are.
  func set(_ office: GroupID?) { self.office.withLock { $0 = office } }

  /// Whether an announcement is worth keeping: of the office, or, while there is none, of an open door.
  func isWanted(_ announcement: Announcement) -> Bool {
    office.withLock({ $0 }) == nil ? announcement.isDoorOpen : recognises(announcement)
  }

  /// Whether an announcement carries the hint of the office. It proves nothing (D-1).
  func recognises(_ announcement: Announcement) -> Bool {
    guard let office = office.withLock({ $0 }) else { return false }
    return officeHint(office, salt: announcement.salt) == announcement.hint
  }
}
