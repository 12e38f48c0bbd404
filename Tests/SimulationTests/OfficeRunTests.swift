import Simulation
import Testing

/// A few runs of the simulated world; `Tools/simulate` runs many.
@Suite struct OfficeRunTests {
  @Test(arguments: UInt64(1)...4)
  func `nothing acknowledged is lost, and all show the same in the end`(seed: UInt64) {
    let run = OfficeRun(seed: seed, keepsTrace: false)
    run.run()
    #expect(run.world.faults.isEmpty)
  }

  @Test func `the same seed gives the same run`() {
    let hashes = (0..<2).map { _ in
      let run = OfficeRun(seed: 7, keepsTrace: false)
      run.run()
      return run.world.trace.hash
    }
    #expect(hashes[0] == hashes[1])
  }

  @Test func `a run that is over leaves no world behind`() {
    weak var world: World?
    func run() {
      let run = OfficeRun(seed: 2, keepsTrace: false)
      world = run.world
      run.run()
      #expect(world != nil)
    }
    run()
    #expect(world == nil)
  }
}
