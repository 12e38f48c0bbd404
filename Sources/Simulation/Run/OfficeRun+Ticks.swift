import Control
import Format

/// Whether nodes say what they must know of who holds a message.
extension OfficeRun {
  /// Of one last word of each group its author's node says that each device of the group holds it to which it is
  /// linked, and on whose disk it lies: that one said so a minute ago, or says so each time it is silent for long.
  func checkHeld(_ words: [HexIdentifier: (entry: HexIdentifier, by: Person)]) {
    for (_, word) in words.sorted(by: { $0.key < $1.key }) where word.by.host.isRunning {
      guard
        case .delivery(let told)? = peek(
          at: word.by.host, .delivery(DeliveryCall(entry: "\(word.entry)"))),
        case .status(let status)? = peek(at: word.by.host, .status(StatusCall()))
      else {
        world.fail("host \(word.by.host.number) knows nothing of its own last word")
        return
      }
      let linked = status.peers.filter(\.linked).compactMap { Long($0.device.id.bytes) }
      checkHeld(told, linked: Set(linked), at: word.by.host)
    }
  }

  func checkHeld(_ told: DeliveryCall.Answer, linked: Set<Long>, at host: Host) {
    let (audit, book) = (world.audit, world.audit.book)
    guard let entry = Long(told.entry.bytes), let group = Long(told.group.id.bytes) else { return }
    let listed = Set(told.devices.compactMap { Long($0.device.id.bytes) })
    let holders = Set(told.devices.filter(\.holds).compactMap { Long($0.device.id.bytes) })
    for other in people where other.host !== host && other.host.isRunning && !other.isLiar {
      guard let device = audit.device(of: other.host.number), linked.contains(device),
        audit.isHeld(entry, at: other.host.number), !audit.isRotten(other.host.number),
        listed.contains(device)
          || book.isEntitled(device, in: group, by: audit.held(at: host.number))
      else { continue }
      comparedTicks += 1
      if holders.contains(device) { continue }
      world.fail(
        "host \(host.number) does not say that its last word is on host \(other.host.number), to which "
          + "it is linked, and where it lies")
    }
  }
}
