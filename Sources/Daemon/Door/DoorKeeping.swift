import Control
import Format
import Platform
import Replication
import Transport

/// The door that a sponsor holds open here, and who stands there or stood there lately.
struct DoorKeeping {
  /// A door while it is open.
  struct Opening {
    let key: DoorKey
    /// Whose further devices alone come in, as the door says; nil: new people do.
    let member: MemberID?
    var until: Moment
    var untilWall: ClaimedTime
    /// The connection with which it closes; nil: it stays open without one.
    var holder: UInt64?
    /// How many knocks came to nothing, for each is a guess (H-15).
    var failed = 0
  }

  /// Somebody who knocked and is shown to the sponsor.
  struct Request {
    let id: HexIdentifier
    let link: Transport.LinkID
    let who: DoorVisit.Newcomer
    let digits: SixDigits
    let since: ClaimedTime
    /// Whose further device alone may come in, as it was told; nil: a new member may.
    let member: MemberID?
    var state = AdmissionWord.comparing
    /// Whether a yes is on its way to the disk, and whether the door was closed meanwhile.
    var isBeingAdmitted = false
    var isDoorClosed = false

    var info: AdmissionInfo {
      AdmissionInfo(
        id: id, name: who.person.text, device: who.device.text, digits: digits.description,
        state: state, since: since)
    }
  }

  /// A yes that was handed over, until the newcomer is in.
  struct Admission {
    let request: HexIdentifier
    let ticket: TicketKey
    /// Whose further device it is; zero for a new member.
    let member: MemberID
    /// The device that was removed for it.
    let removed: DeviceKey?
    /// The devices there were before.
    let known: Set<DeviceKey>
    var makesAdmin: Bool
    /// Who waits to hear that the newcomer is in, and how long.
    var answer: Answer?
    let answerBy: Moment
    let until: Moment
  }

  var opening: Opening?
  /// Why the door closed, where nobody asked for that.
  var reason: String?
  /// Strangers on links of their own, from the handshake to the end of the link; their number is
  /// bounded by that of such links.
  var visits: [Transport.LinkID: DoorVisit] = [:]
  /// The oldest first; at most `knocksToldMax`.
  private(set) var requests: [Request] = []
  var admissions: [Admission] = []

  /// How long whoever compares digits is kept: beyond the end of the door, or its link would end at
  /// the same moment and nobody there would hear why.
  static func answersUntil(_ end: Moment) -> Moment { end + .seconds(Limits.doorLookSeconds) }

  /// When something is due without anything having happened.
  var wakeAt: Moment? {
    let waits = admissions.map { $0.answer == nil ? $0.until : $0.answerBy }
    return (waits + [opening?.until].compactMap { $0 }).min()
  }

  /// How many are shown to the sponsor and wait for an answer.
  var comparing: Int { requests.count { $0.state == .comparing } }

  subscript(_ id: HexIdentifier) -> Request? {
    get { requests.first { $0.id == id } }
    set {
      guard let index = requests.firstIndex(where: { $0.id == id }), let newValue else { return }
      requests[index] = newValue
    }
  }

  /// The request that came over a link.
  func request(on link: Transport.LinkID) -> Request? { requests.first { $0.link == link } }

  /// Adds somebody; of those who were answered or went away the oldest is forgotten.
  mutating func add(_ request: Request) {
    requests.append(request)
    guard requests.count > Limits.knocksToldMax,
      let index = requests.firstIndex(where: { $0.state != .comparing })
    else { return }
    requests.remove(at: index)
  }
}
