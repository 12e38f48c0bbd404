import Control
import Format
import Replication
import Testing

@testable import Daemon

/// Of which messages followers are told again (C-12).
@Suite(.serialized) struct ToldMessagesTests {
  private let node = TurnedNode()

  private func identifier(_ number: UInt64) throws -> HexIdentifier {
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    return try #require(HexIdentifier(bytes: bytes + [UInt8](repeating: 9, count: 24)))
  }

  @Test func `old ones that are read take no place from those that are newer, whoever came first`()
    throws
  {
    let loop = try node.start()
    try node.found(loop)
    let office = try #require(loop.office)
    let group = try #require(office.ownGroups().first)
    let place = try #require(office.replica.ownPlaces(in: group).first)
    func tell(_ moments: some Sequence<UInt64>, _ absence: AbsenceWord?) throws {
      for moment in moments {
        let message = MessageInfo(
          entry: try identifier(moment), group: office.groupRef(group),
          member: office.memberRef(office.replica.member),
          device: office.deviceRef(office.replica.secrets.device), time: ClaimedTime(ms: 1),
          text: absence == nil ? "text" : nil, absence: absence,
          state: DeliveryInfo(word: .here, devices: 1, of: 2), late: false, own: absence == nil,
          cursor: try identifier(moment))
        office.told(
          message, group,
          MessagePlace(
            place: place, seq: 1, device: office.replica.secrets.device,
            effectiveMilliseconds: moment, isLate: false))
      }
    }
    let most = UInt64(Limits.followedMessagesMax)
    func moments(_ told: [ToldMessage]) -> [UInt64] {
      told.map(\.place.effectiveMilliseconds).sorted()
    }
    for absence in [nil, AbsenceWord.waitingForKey] {
      let list = { absence == nil ? office.toldOwn : office.toldUnopened }
      try tell(10_000..<10_000 + most, absence)
      #expect(moments(list()) == Array(10_000..<10_000 + most))
      try tell(1...300, absence)
      #expect(moments(list()) == Array(10_000..<10_000 + most))
      // The oldest gives way to a newer one.
      try tell([20_000], absence)
      #expect(moments(list()) == Array(10_001..<10_000 + most) + [20_000])
    }
    loop.stop()
  }
}
