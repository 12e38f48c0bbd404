/// What is worked out of what lies where.
extension Audit {
  /// What the device of a host wrote, whoever holds it.
  func written(at host: Int) -> Set<Long> {
    guard let device = device(of: host) else { return [] }
    return Set(book.entries.filter { $0.value.device == device }.keys)
  }

  /// What the devices of a member wrote, whoever holds it.
  func written(by member: Short) -> Set<Long> {
    let devices = book.devices(of: member)
    return Set(book.entries.filter { devices.contains($0.value.device) }.keys)
  }

  /// Why nobody can ask a host for what it holds, though it does not know that it was removed from the office.
  enum Unasked: Hashable {
    /// Its removal lies on one disk alone: where it is on its way, the host knows of it before anybody can ask
    /// it for anything.
    case told(removal: Long, host: Int)
    /// Its device is removed before anything comes from it to the host that lost what it holds.
    case unheard(device: Long, way: World.Path)
  }
}
