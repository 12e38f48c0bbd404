import Control
import Format
import Platform
import Replication
import TestSupport
import Testing

@testable import Daemon

/// What `status` says where this node does less than it should.
@Suite(.serialized) struct DegradedTests {
  private let directory = TemporaryDirectory()

  @Test func `a computer that began more than the others take is told of, for as long as it lasts`()
    throws
  {
    var configuration = Configuration()
    configuration.home = directory.path + "/data"
    configuration.stateDirectory = directory.path + "/state"
    configuration.socket = directory.path + "/s"
    configuration.usesDiscovery = false
    let loop = try NodeLoop(configuration, Environment([:]))
    try loop.openOffice()
    var isFounded = false
    loop.officeNew(OfficeNewCall(office: "Werk", name: "Anna", device: "a")) { _ in
      isFounded = true
    }
    var events: [PollEvent] = []
    while !isFounded { try loop.turn(&events) }
    let office = try #require(loop.office)
    #expect(loop.degraded().isEmpty)
    office.happenings.append(.full(try #require(office.ownGroups().first)))
    loop.takeHappenings()
    let state = try #require(loop.degraded().first)
    #expect(state.word == .limitReached)
    #expect(state.detail.hasPrefix("a computer of the office began anew in everyone more often"))
    office.fullGroups = [GroupID(Bytes32())]
    #expect(loop.degraded().first?.detail.contains("began more groups than one may") ?? false)
  }
}
