import Control
import Format
import Platform
import TestSupport
import Testing

@testable import Daemon
@testable import Discovery
@testable import Transport

/// What a node without an office remembers of doors that others announce.
@Suite struct DoorsSeenTests {
  private let start = Moment(nanoseconds: 0)

  private func sighting(
    _ name: UInt64, _ interface: Int32 = 1, port: UInt16 = 47_474, isOpen: Bool = true,
    ip: String? = nil
  ) throws -> Sighting {
    let digits = String(name, radix: 16)
    let text = String(repeating: "0", count: 16 - digits.count) + digits
    let instance = try #require(InstanceName(bytes: Array(text.utf8)))
    return Sighting(
      place: SightingPlace(instance: instance, interface: interface, overIPv6: false),
      interfaceName: "eth0",
      address: SocketAddress(
        try IPAddress(parsing: ip ?? "192.0.2.\(interface)"), port: port),
      announcement: Announcement(
        salt: [UInt8](repeating: 1, count: 8), hint: [UInt8](repeating: 2, count: 8),
        isDoorOpen: isOpen), isRecognised: true)
  }

  @Test func `thousands of false doors take a few places, and of one door a few addresses count`()
    throws
  {
    var seen = DoorsSeen()
    for interface in 1...100 { _ = seen.note(try sighting(1, Int32(interface)), at: start) }
    #expect(seen.places.count == Limits.doorAddressesMax)
    for name in 2...5_000 as ClosedRange<UInt64> {
      _ = seen.note(try sighting(name, ip: "198.51.\(name >> 8).\(name & 0xff)"), at: start)
    }
    #expect(seen.announced.count == Limits.doorsMax)
    #expect(seen.places.count < Limits.doorsMax * Limits.doorAddressesMax)
  }

  @Test func `one host that announces doors by the hundred leaves room for those of others`() throws
  {
    var seen = DoorsSeen()
    for name in 1...500 as ClosedRange<UInt64> {
      _ = seen.note(try sighting(name, port: UInt16(name), ip: "192.0.2.9"), at: start)
    }
    #expect(seen.announced.count == Limits.doorsPerAddressMax)
    let anna = try sighting(1_000, ip: "192.0.2.10")
    let isSeen = seen.note(anna, at: start)
    #expect(isSeen && seen.announced.contains(DoorsSeen.id(anna.place)))
  }

  @Test func `a door that does not answer gives way to one that was not looked at yet`() throws {
    var seen = DoorsSeen()
    let evil = try (1...UInt64(Limits.doorsMax) + 1).map { try sighting($0, ip: "192.0.2.\($0)") }
    for one in evil { _ = seen.note(one, at: start) }
    #expect(seen.announced.count == Limits.doorsMax)
    let anna = try sighting(1_000, ip: "192.0.2.200")
    let early = seen.note(anna, at: start)
    #expect(!early, "the others have not been asked yet")
    for door in seen.announced { seen.noteSilence(of: door, at: start) }
    let isSeen = seen.note(anna, at: start)
    #expect(isSeen)
    let door = DoorsSeen.id(anna.place)
    let info = DoorInfo(id: door, office: "Werk", sponsor: "Anna", address: "a")
    seen.noteAnswer(
      of: door, .init(info: info, address: anna.address, at: Moment(nanoseconds: 0)))
    // Those that were asked do not come in again in each other's place, and never in hers.
    for one in evil.dropLast() { _ = seen.note(one, at: start) }
    for one in evil.dropLast() { seen.noteSilence(of: DoorsSeen.id(one.place), at: start) }
    _ = seen.note(try #require(evil.last), at: start)
    #expect(seen.announced.contains(door) && seen.list.map(\.sponsor) == ["Anna"])
    #expect(seen.announced.count == Limits.doorsMax)
  }

  @Test func `a door that did not answer once has its turn again, whatever others announce`() throws
  {
    var seen = DoorsSeen()
    let evil = try (1...UInt64(Limits.doorsMax)).map { try sighting($0, ip: "192.0.2.\($0)") }
    let anna = try sighting(1_000, ip: "192.0.2.200")
    let door = DoorsSeen.id(anna.place)
    _ = seen.note(anna, at: start)
    seen.noteSilence(of: door, at: start)
    // All are announced all the time, and the false ones are looked at again and again.
    for second in 1...DoorsSeen.silentSeconds {
      let now = start + .seconds(second)
      for one in evil { _ = seen.note(one, at: now) }
      for one in evil { seen.noteSilence(of: DoorsSeen.id(one.place), at: now) }
      let isIn = seen.note(anna, at: now)
      #expect(isIn == (second == DoorsSeen.silentSeconds))
    }
    #expect(seen.announced.contains(door))
  }

  @Test func `a door that is announced as closed, or not any more, is forgotten`() throws {
    var seen = DoorsSeen()
    let open = try sighting(7)
    // The same once more is no news; another address is.
    let news = [
      seen.note(open, at: start), seen.note(open, at: start),
      seen.note(try sighting(7, port: 47_475), at: start),
    ]
    #expect(news == [true, false, true])
    let door = DoorsSeen.id(open.place)
    seen.found[door] = .init(
      info: DoorInfo(id: door, office: "Werk", sponsor: "Anna", address: "a"),
      address: open.address, at: Moment(nanoseconds: 0))
    #expect(seen.list.map(\.sponsor) == ["Anna"])
    let closed = seen.note(try sighting(7, isOpen: false), at: start)
    #expect(!closed)
    #expect(seen.list.isEmpty && seen.announced.isEmpty)
    _ = seen.note(open, at: start)
    seen.forget(open.place)
    #expect(seen.isUntouched)
  }

  @Test func `while one door is still looked at the list waits for its time, not for that door`()
    throws
  {
    var seen = DoorsSeen()
    let place = try sighting(7)
    _ = seen.note(place, at: start)
    let door = DoorsSeen.id(place.place)
    seen.found[door] = .init(
      info: DoorInfo(id: door, office: "Werk", sponsor: "Anna", address: "a"),
      address: place.address, at: Moment(nanoseconds: 0))
    seen.waiting = [{ _ in }]
    seen.settlesAt = Moment(nanoseconds: 700)
    seen.answerBy = Moment(nanoseconds: 3_000)
    seen.looks[Transport.LinkID(1)] = .init(door: door, address: place.address)
    #expect(seen.wakeAt == seen.answerBy)
    seen.looks = [:]
    #expect(seen.wakeAt == seen.settlesAt)
  }

  @Test func `the address that answered is knocked at first`() throws {
    var seen = DoorsSeen()
    let places = try (1...3).map { try sighting(7, Int32($0)) }
    for place in places { _ = seen.note(place, at: start) }
    let door = DoorsSeen.id(places[0].place)
    #expect(seen.addresses(of: door) == places.map(\.address))
    seen.found[door] = .init(
      info: DoorInfo(id: door, office: "Werk", sponsor: "Anna", address: "a"),
      address: places[2].address, at: Moment(nanoseconds: 0))
    #expect(seen.addresses(of: door) == [2, 0, 1].map { places[$0].address })
  }

  @Test func `without an office an open door is worth keeping, and nothing else`() throws {
    let recognised = RecognisedOffice()
    let (open, closed) = (
      try sighting(1).announcement, try sighting(1, isOpen: false).announcement
    )
    #expect(recognised.isWanted(open) && !recognised.isWanted(closed))
    #expect(!recognised.recognises(open))
    // Whoever belongs to an office cares for no door of others.
    recognised.set(GroupID(Bytes32()))
    #expect(!recognised.isWanted(open))
  }
}
