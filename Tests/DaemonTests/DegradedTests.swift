import Control
import Format
import Platform
import Replication
import Testing

@testable import Daemon

/// What `status` says where this node does less than it should.
@Suite(.serialized) struct DegradedTests {
  private let node = TurnedNode()

  @Test func `a computer that began more than the others take is told of, for as long as it lasts`()
    throws
  {
    let loop = try node.start()
    try node.found(loop)
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
