import Control
import Discovery
import Format
import Platform
import Transport

/// Doors of others in the network, as a node without an office sees them: who says that a door is
/// open, and what each answered when it was looked at.
struct DoorsSeen {
  /// One visit that only asks whose door it is.
  struct Look {
    let door: HexIdentifier
    let address: SocketAddress
    var visit: Knock?
    /// Whether it has said whose door it is.
    var hasAnswered = false
    /// Who asked about this address alone; nil: the door is announced.
    var question: Question?
  }

  /// Somebody wants to know whose door is open at a place, whether it is announced or not.
  struct Question {
    /// As it was typed.
    let place: String
    /// Addresses that were not tried yet.
    var addresses: [SocketAddress]
    let answer: Answer
  }

  /// What a door said of itself, and when.
  struct Found {
    let info: DoorInfo
    let address: SocketAddress
    var at: Moment
  }

  /// A door that answered is not looked at again for so long: a page that asks often costs its
  /// sponsor little.
  static let freshSeconds = 5
  /// How often the network is asked anew while somebody watches: Avahi tells of a computer once, and
  /// of a door that is opened later only who asks.
  static let refreshSeconds = 2
  /// For so long a door that did not answer is taken for a false one while others want its place: a true
  /// one may have been asleep, or a packet lost.
  static let silentSeconds = 60
  /// Somebody who asked watches for so long.
  static let watchSeconds = 60
  /// With one door found, others that are announced at the same time come within this.
  static let settleMilliseconds = 700

  private(set) var places: [SightingPlace: SocketAddress] = [:]
  var looks: [Transport.LinkID: Look] = [:]
  var found: [HexIdentifier: Found] = [:]
  /// Doors that were looked at and did not answer, the last one last, and when that was.
  private var silent: [(door: HexIdentifier, at: Moment)] = []
  /// Questions about a computer whose name is still to be looked up, by that name.
  var unresolved: [String: [Question]] = [:]
  /// Who waits for the list, since when, and until when.
  var waiting: [Answer] = []
  var settlesAt = Moment.distantFuture
  var answerBy = Moment.distantFuture
  var refreshAt = Moment.distantFuture
  var watchedUntil = Moment(nanoseconds: .min)

  var wakeAt: Moment? {
    // While somebody is still being looked at nothing settles.
    let isSettling = !found.isEmpty && looks.isEmpty
    let answer = waiting.isEmpty ? .distantFuture : min(answerBy, isSettling ? settlesAt : answerBy)
    let first = min(answer, refreshAt)
    return first < .distantFuture ? first : nil
  }

  /// Whether nothing was looked for or found.
  var isUntouched: Bool {
    places.isEmpty && looks.isEmpty && found.isEmpty && waiting.isEmpty && unresolved.isEmpty
      && refreshAt == .distantFuture
  }

  /// The doors that answered, by office and sponsor.
  var list: [DoorInfo] {
    found.values.map(\.info).sorted {
      ($0.office, $0.sponsor, $0.id) < ($1.office, $1.sponsor, $1.id)
    }
  }

  /// The addresses of a door, the one that answered first.
  func addresses(of door: HexIdentifier) -> [SocketAddress] {
    let said = places.filter { Self.id($0.key) == door }.map(\.value).sorted()
    guard let best = found[door]?.address else { return said }
    return [best] + said.filter { $0 != best }
  }

  /// How many ask about an address at this moment.
  var questions: Int {
    looks.values.count { $0.question != nil } + unresolved.values.reduce(0) { $0 + $1.count }
  }

  /// The doors that are announced, ascending.
  var announced: [HexIdentifier] { Set(places.keys.map(Self.id)).sorted() }

  /// Notes what is announced; whether a door's place is new.
  mutating func note(_ sighting: Sighting, at now: Moment) -> Bool {
    guard sighting.announcement.isDoorOpen else {
      forget(sighting.place)
      return false
    }
    let isNew = places[sighting.place] != sighting.address
    guard places[sighting.place] != nil || makeRoom(for: sighting, at: now) else { return false }
    places[sighting.place] = sighting.address
    return isNew
  }

  /// A stranger can announce thousands: a few doors, of one computer a part of them, and a few places of
  /// each. One that was looked at and did not answer gives way to one that was not looked at lately.
  private mutating func makeRoom(for sighting: Sighting, at now: Moment) -> Bool {
    let door = Self.id(sighting.place)
    let doors = announced
    if doors.contains(door) {
      return places.keys.count { Self.id($0) == door } < Limits.doorAddressesMax
    }
    let neighbours = places.filter { $0.value.ip == sighting.address.ip }.keys.map(Self.id)
    let crowd =
      Set(neighbours).count >= Limits.doorsPerAddressMax
      ? neighbours : doors.count >= Limits.doorsMax ? doors : []
    if crowd.isEmpty { return true }
    let isSilent = silent.contains {
      $0.door == door && now - $0.at < .seconds(Self.silentSeconds)
    }
    guard !isSilent, let first = silent.first(where: { crowd.contains($0.door) }) else {
      return false
    }
    places = places.filter { Self.id($0.key) != first.door }
    return true
  }

  /// A door was looked at everywhere where it is announced, and says nowhere whose it is.
  mutating func noteSilence(of door: HexIdentifier, at now: Moment) {
    silent.removeAll { $0.door == door }
    silent.append((door, now))
    // It is remembered for longer than it has a place, or it would come in again as a new one.
    if silent.count > Limits.sightingsMax { silent.removeFirst() }
  }

  /// A door answered.
  mutating func noteAnswer(of door: HexIdentifier, _ answer: Found) {
    found[door] = answer
    silent.removeAll { $0.door == door }
  }

  /// Nobody announces a door there any more.
  mutating func forget(_ place: SightingPlace) {
    guard places.removeValue(forKey: place) != nil else { return }
    let door = Self.id(place)
    if !places.keys.contains(where: { Self.id($0) == door }) { found[door] = nil }
  }

  static func id(_ place: SightingPlace) -> HexIdentifier {
    // An instance name is sixteen hexadecimal digits.
    HexIdentifier(text: place.instance.description) ?? identifier([0])
  }
}
