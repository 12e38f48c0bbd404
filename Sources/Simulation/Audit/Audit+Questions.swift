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
}
