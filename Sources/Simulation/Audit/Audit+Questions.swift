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

  // MARK: Bodies

  // What somebody who lies brought first without its body stays so: such an entry is taken for one whose body was
  // erased (E-13), and nothing asks for that again. No other entry may lie without its body.

  /// Whether a message, or the epoch under which it is closed, lies at a host without its body.
  func lacksBody(_ message: Book.Known, at host: Int) -> Bool {
    let bodiless = bodiless(at: host)
    return bodiless.contains(message.entry.id)
      || book.epochs[message.entry.epoch].map { bodiless.contains($0.entry) } ?? false
  }

  /// Whether a name of somebody in the office lies at a host without its body.
  func lacksNames(at host: Int) -> Bool {
    bodiless(at: host).contains { book.entries[$0]?.entry.group == book.office }
  }

  /// Whether a title of a group, or an epoch under which one may be closed, lies at a host without its body.
  func lacksTitle(of group: Long, at host: Int) -> Bool {
    bodiless(at: host).contains { entry in
      guard let entry = book.entries[entry]?.entry, entry.group == group else { return false }
      return entry.kind == PlainEntry.Kind.epoch || entry.flags & 1 == 1
    }
  }
}
