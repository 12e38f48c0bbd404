import Platform
import TestSupport
import Testing

@testable import Daemon
@testable import Storage

/// How often the log says why nothing can be stored.
@Suite struct ToldFaultsTests {
  private static let fault = DiskError(.write, "a", SystemError.noSpace)
  /// Each another reason.
  private static let states: [StoreState] = [
    .full(.floor(free: 9, floor: 16, refused: .others)), .full(.system(fault)), .exhausted(fault),
    .unmeasured(fault), .readOnly(fault), .failed(fault),
  ]

  @Test func `each reason is told once, whatever was told before`() {
    for first in Self.states {
      for second in Self.states {
        var told = ToldFaults()
        let words = [first, second, first, second].map { told.isNew($0) }
        #expect(words == [true, first != second, false, false])
      }
    }
    var told = ToldFaults()
    // Less room on the same disk is no other reason.
    let less = StoreState.full(.floor(free: 3, floor: 16, refused: .own))
    let words = [Self.states[1], less].map { told.isNew($0) }
    #expect(words == [true, false])
  }

  @Test func `a disk that is written again and fails again is told of again`() throws {
    let node = MemoryTurnedNode()
    let loop = try node.start()
    try node.found(loop)
    func isTold(_ state: StoreState) throws -> Bool {
      var told = try #require(loop.office).toldFaults
      return !told.isNew(state)
    }
    for _ in 0..<2 {
      node.disk.limit(room: node.disk.files.values.reduce(0) { $0 + $1.count })
      #expect(try node.send(loop, "kept") != nil)
      let state = try #require(loop.office).storeState
      #expect(try !state.takesOwn && isTold(state))
      node.disk.limit(room: .max)
      loop.resumeStore()
      #expect(try node.send(loop, "sent") == nil)
      #expect(try !isTold(state))
    }
    loop.stop()
  }
}
