import Control
import Daemon
import Format
import Platform
import TestSupport

/// What nodes say, held against what lies on disks.
extension OfficeRun {
  func peek(at host: Host, _ request: ControlRequest) -> ControlResult? { host.peek(request) }

  /// Some seconds after it was written the author's node is asked where a message is: nowhere where it
  /// never lay (study 3: 31).
  func watchTicks(of entry: HexIdentifier, by person: Person) {
    world.after(.seconds(5), host: person.host.number) { [self] in
      let call = DeliveryCall(entry: "\(entry)")
      guard case .delivery(let told)? = peek(at: person.host, .delivery(call)) else { return }
      checkTicks(told)
    }
  }

  func checkTicks(_ told: DeliveryCall.Answer) {
    guard let entry = Long(told.entry.bytes) else { return }
    for one in told.devices where one.holds {
      guard let device = Long(one.device.id.bytes), !world.audit.book.liars.contains(device),
        world.audit.wasHeld(entry, by: device) == false
      else { continue }
      world.fail("a message is said to be on \(device.first.text), where it never was")
    }
  }

  /// Nobody lists a device that was removed for good as one of the office (study 3: 20).
  func checkGone(at person: Person) {
    let call = DeviceListCall(member: nil, removed: true)
    guard case .deviceList(let list)? = peek(at: person.host, .deviceList(call)) else { return }
    checkGone(list.devices.filter { $0.state != .removed }.map(\.id), at: person.host.number)
  }

  func checkGone(_ listed: [HexIdentifier], at host: Int) {
    let held = world.audit.held(at: host)
    for device in listed.compactMap({ Long($0.bytes) })
    where world.audit.book.isGone(device, by: held) {
      world.fail("host \(host) lists \(device.first.text), which was removed for good")
    }
  }

  /// Whether bytes stand somewhere in others; the standard library's way takes a seventh of all of a run.
  private static func stand(_ words: [UInt8], in bytes: [UInt8]) -> Bool {
    guard let first = words.first, words.count <= bytes.count else { return false }
    return (0...bytes.count - words.count).contains { at in
      bytes[at] == first && bytes[at..<at + words.count].elementsEqual(words)
    }
  }

  /// Whoever only keeps what others write has no key of it, and no word of it lies there (study 3: 29). Nobody
  /// here adds such a one to a group, certifies it anew, or makes a person of it, but somebody who lies.
  func checkKeeper(_ box: Person) {
    let book = world.audit.book
    if let device = world.audit.device(of: box.host.number), !book.isPersonInLie(device) {
      let members = book.members(of: device)
      for (name, epoch) in book.epochs.sorted(by: { $0.key < $1.key })
      where epoch.recipients.contains(device) && !book.liars.contains(epoch.maker)
        && !book.additions.contains(where: {
          $0.group == epoch.group && members.contains($0.member)
        })
      {
        world.fail("host \(box.host.number), a keeper, was given the key of \(name.text)")
      }
    }
    for title in groups.keys.sorted() {
      let words = Array("\(title) ".utf8)
      for (path, bytes) in box.host.disk.files.sorted(by: { $0.key < $1.key })
      where Self.stand(words, in: bytes) {
        world.fail("host \(box.host.number), a keeper, has a word of \(title) in \(path)")
      }
    }
  }
}
