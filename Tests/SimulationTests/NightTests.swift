import Control
import Platform
import Testing

@testable import Simulation

/// What a system does to the nodes on it without their doing: sleep, clocks, and discovery that ends.
@Suite struct NightTests {
  private let said = SaidInOffice()

  @Test
  func `after a night of eight hours all are linked within half a minute, and hear each other`() {
    let run = said.office { run in
      for number in 0...2 { _ = said.say(in: "everyone", by: number, run) }
      for (number, host) in run.world.hosts.enumerated() {
        host.sleep(for: .seconds(28_800 + number))
      }
      run.world.run(for: .seconds(28_832))
      run.checkHealth()
      guard let entry = said.say(in: "everyone", by: 1, run) else { return }
      run.world.run(for: .seconds(2))
      #expect(run.world.hosts.allSatisfy { run.world.audit.isHeld(entry, at: $0.number) })
    }
    #expect(run.world.faults == [])
  }

  @Test func `a clock that stands still, and one that falls back, until they are set`() {
    let time = WorldTime()
    let clock = HostClock(time)
    let right = clock.wall().milliseconds
    clock.freeze()
    time.advance(to: time.now + .seconds(60))
    #expect(clock.wall().milliseconds == right)
    clock.setWrong(by: 0)
    #expect(clock.wall().milliseconds == right + 60_000)
    clock.fallBack(by: 3_600_000)
    clock.fallBack(by: 3_600_000)
    #expect(clock.wall().milliseconds == right + 60_000 - 7_200_000)
  }

  @Test func `a node says that it has no discovery as long as that is so`() {
    func says(_ run: OfficeRun) -> Bool {
      guard
        case .status(let status)? = run.peek(at: run.world.hosts[1], .status(StatusCall()))
      else { return false }
      return status.degraded.contains { $0.word == .discoveryDown }
    }
    var told: [Bool] = []
    let run = said.office { run in
      let host = run.world.hosts[1]
      told.append(says(run))
      host.setDiscovery(false, silently: false)
      told.append(says(run))
      run.checkDiscovery(of: host)
      // Started anew it hears of nobody, and the others call it where it was.
      host.stop()
      host.start()
      run.world.run(for: .seconds(60))
      told.append(says(run))
      run.checkDiscovery(of: host)
      host.setDiscovery(true, silently: false)
      told.append(says(run))
    }
    #expect(run.world.faults == [])
    #expect(told == [false, true, true, false])
  }

  /// Each is heard not at all, or twice.
  @Test(arguments: [66, 100])
  func `announcements that are lost and said twice are looked for again`(percent: Int) {
    let run = said.office { run in
      run.world.lostAnnouncements = percent
      for host in run.world.hosts {
        host.stop()
        host.start()
      }
      run.world.run(for: .seconds(5))
      run.world.lostAnnouncements = 0
      // Within a minute (D-4).
      run.world.run(for: .seconds(60))
      run.checkHealth()
    }
    #expect(run.world.faults == [])
  }
}
