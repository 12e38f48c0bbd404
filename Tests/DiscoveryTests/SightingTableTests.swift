import Platform
import Testing

@testable import Discovery

struct SightingTableTests {
  private func sighting(
    _ number: UInt64, host: UInt32, isRecognised: Bool = false
  ) -> Sighting {
    Sighting(
      place: place(number), interfaceName: "eth0",
      address: SocketAddress(IPAddress(v4: 0x0a00_0000 + host), port: 47_000),
      announcement: announcement(1), isRecognised: isRecognised)
  }

  @Test func `who floods displaces his own oldest`() {
    let table = HeldTable(capacity: 4)
    _ = table.insert(sighting(1, host: 1))
    for number in 10..<13 as Range<UInt64> {
      #expect(table.insert(sighting(number, host: 66)) == nil)
    }
    for number in 13..<200 as Range<UInt64> {
      #expect(table.insert(sighting(number, host: 66)) == place(number - 3))
    }
    #expect(table.contains(place(1)))
    #expect(table.count == 4)
  }

  @Test func `one of our own office is never displaced by strangers`() {
    let table = HeldTable(capacity: 3)
    _ = table.insert(sighting(1, host: 1, isRecognised: true))
    _ = table.insert(sighting(2, host: 1, isRecognised: true))
    for number in 10..<100 as Range<UInt64> {
      _ = table.insert(sighting(number, host: UInt32(number)))
    }
    #expect(table.places == [place(1), place(2), place(99)])
  }

  @Test func `a stranger makes room for one of ours, even where all others are ours`() {
    let table = HeldTable(capacity: 2)
    _ = table.insert(sighting(1, host: 1, isRecognised: true))
    _ = table.insert(sighting(2, host: 2, isRecognised: true))
    #expect(table.insert(sighting(3, host: 3)) == place(3))
    #expect(table.insert(sighting(4, host: 4, isRecognised: true)) == place(1))
  }

  @Test func `being sighted again makes younger and takes no second place`() {
    let table = HeldTable(capacity: 2)
    _ = table.insert(sighting(1, host: 1))
    _ = table.insert(sighting(2, host: 2))
    #expect(table.insert(sighting(1, host: 1)) == nil)
    #expect(table.insert(sighting(3, host: 3)) == place(2))
  }

  @Test func `what is not seen again after a new beginning is forgotten`() {
    let table = HeldTable(capacity: 8)
    for number in 1...5 as ClosedRange<UInt64> { _ = table.insert(sighting(number, host: 1)) }
    table.doubtAll()
    table.confirm(place(2))
    _ = table.insert(sighting(4, host: 1))
    table.remove(place(5))
    #expect(table.forgetDoubted() == [place(1), place(3)])
    #expect(table.places == [place(2), place(4)])
    #expect(table.forgetDoubted().isEmpty)
  }
}
