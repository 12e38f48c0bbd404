import Control
import Platform
import TestSupport

/// What a system does to the nodes on it without their doing.
extension OfficeRun {
  /// A clock is wrong by up to ten years, stands still, or falls back an hour each minute.
  func setWrongYear(_ host: Host, _ chance: inout SeededGenerator) {
    switch chance.number(0...3) {
    case 0, 1:
      let skew = chance.number(-315_000_000_000...315_000_000_000)
      world.note(host.number, "has its clock set wrong by \(skew / 86_400_000) days")
      host.clock.setWrong(by: Int64(skew))
    case 2:
      world.note(host.number, "has a clock that stands still")
      host.clock.freeze()
    default:
      world.note(host.number, "has a clock that falls back each minute")
      fallBack(host, times: chance.number(2...10))
    }
  }

  private func fallBack(_ host: Host, times: Int) {
    guard times > 0, !isSettled else { return }
    host.clock.fallBack(by: 3_600_000)
    world.after(.seconds(60), host: host.number) { [self] in fallBack(host, times: times - 1) }
  }

  /// All computers that are on and awake sleep for hours, and wake one after the other. Who floods the others leaves no night.
  func passNight(_ chance: inout SeededGenerator) {
    let length = chance.number(1_800...28_800)
    let wakes = world.hosts.map { _ in chance.number(0...120) }
    guard flooders.isEmpty else { return }
    world.note(nil, "nobody is there for \(length) s")
    for (host, wake) in zip(world.hosts, wakes) { host.sleep(for: .seconds(length + wake)) }
    world.run(for: .seconds(length))
  }

  /// What announces and hears on a system ends, with a word or without one, and is there again after a while. Its
  /// node says so meanwhile.
  func endDiscovery(_ host: Host, _ chance: inout SeededGenerator) {
    world.note(host.number, "has no discovery")
    host.setDiscovery(false, silently: chance.oneIn(2))
    world.after(.seconds(3), host: host.number) { [self] in checkDiscovery(of: host) }
    later(4...120, &chance) { [world] in
      guard !host.hasDiscovery else { return }
      world.note(host.number, "has discovery again")
      host.setDiscovery(true, silently: false)
    }
  }

  /// Whoever finds nobody new says so, in an office or on the way into one (P8); who was removed looks for nobody.
  func checkDiscovery(of host: Host) {
    guard !host.hasDiscovery,
      case .officeStatus(let office)? = peek(at: host, .officeStatus(OfficeStatusCall())),
      office.standing != .removed,
      case .status(let status)? = peek(at: host, .status(StatusCall())),
      !status.degraded.contains(where: { $0.word == .discoveryDown })
    else { return }
    world.fail("host \(host.number) does not say that it has no discovery")
  }
}
